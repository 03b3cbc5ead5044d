"""What `conversions:` means once it is read; what is wrong with it is told in `tests/cli/broken/conversions.case`."""

from __future__ import annotations

from typing import Any

import pytest
from copies import Shop, documents

from container.dedup.kinds import DAY, Kind, Kinds, compile_kinds
from container.event import Event, Request
from container.language.expression import Context
from container.problems import Problems
from container.variables import BUILT_IN


def compiled(text: str, problems: Problems | None = None, **more: Any) -> Kinds:
    context = Context(problems=Problems() if problems is None else problems, variables=frozenset(BUILT_IN))
    found = compile_kinds(documents("conversions", text), context, **more)
    assert problems is not None or not context.problems.errors, list(context.problems)
    return found


def kind(text: str, **more: Any) -> Kind:
    [found] = compiled(f"purchase: {{events: [purchase], {text}}}", **more).by_id.values()
    return found


def named(name: str) -> Event:
    return Event("01", {"event_name": name}, Request())


def test_the_times_that_nobody_wrote() -> None:
    plain = kind("key: transaction_id")
    assert (plain.keep_key, plain.keep_links, plain.late, plain.within) == (400 * DAY, 30 * DAY, DAY, 0.0)
    assert (plain.across_any, plain.of, plain.links, plain.hints) == (False, None, (), ())


def test_the_times_that_were_written() -> None:
    said = kind("keep: {key: 9d, links: 2h}, late: 5m, hints: {any: [email], within: 30m, across: any}")
    assert (said.keep_key, said.keep_links, said.late, said.within) == (9 * DAY, 7200.0, 300.0, 1800.0)
    assert said.across_any


def test_an_event_belongs_to_the_conversion_that_names_it_as_its_own_or_as_lender() -> None:
    kinds = compiled("purchase: {events: purchase, data_from: [order_created], key: transaction_id}")
    assert [kinds.of(named(name)) for name in ("purchase", "order_created")] == [kinds.by_id["purchase"]] * 2
    assert kinds.of(named("page_view")) is None


def test_an_event_of_two_conversions_stays_with_the_one_written_first() -> None:
    problems = Problems()
    text = "order: {events: [purchase], key: transaction_id}\nsale: {events: [purchase], key: transaction_id}"
    kinds = compiled(text, problems)
    [told] = problems.errors
    assert (told.code, told.line, told.column) == ("event-twice", 2, 17)
    assert kinds.by_event["purchase"].id == "order"


async def test_a_bare_name_is_a_variable_and_anything_else_an_expression() -> None:
    shop = Shop("purchase: {events: [purchase], key: 'A-{{ event.number }}', links: [\"{{ event.token }}\"]}")
    await shop.tell(shop.browser(number=7, token="t"))
    assert shop.conversion is not None and shop.conversion.key == "A-7"
    assert await shop.verdict(shop.webhook(number=7)) == "suppressed"
    assert await shop.verdict(shop.webhook(token="t")) == "suppressed"
    assert await shop.verdict(shop.webhook(token="u")) == "fired"


def test_a_variable_that_the_workspace_wrote_itself_is_not_the_built_in_one() -> None:
    """`click_id` of one's own is one value and not every click id that the event has."""
    assert [ref.built_in for [ref] in kind("links: [click_id]").links] == [True]
    assert [ref.built_in for [ref] in kind("links: [click_id]", rewritten=["click_id"]).links] == [False]


async def test_what_must_agree_is_a_field_of_the_event_unless_a_variable_has_that_name() -> None:
    shop = Shop("lead: {events: [lead], hints: {any: [client_id], within: 1h, agree: [phone, plan]}}")
    lead = shop.browser("lead", plan="gold", user_data={"phone_number": "+4930"}, client_id="1.2")
    assert shop.dedup.recognise(lead).identity.agree == {"plan": "gold", "phone": "4930"}


def test_a_refund_knows_its_purchase_in_whichever_order_they_are_written() -> None:
    kinds = compiled(
        "refund: {events: [refund], key: refund_id, of: purchase}\npurchase: {events: [p], key: transaction_id}"
    )
    assert kinds.by_id["refund"].of == kinds.by_id["purchase"]
    assert kinds.by_event["refund"].of == kinds.by_id["purchase"]


@pytest.mark.parametrize(("unreadable", "told"), [(False, ["unknown-conversion"]), (True, [])])
def test_a_purchase_that_could_not_be_read_is_not_called_unknown_too(unreadable: bool, told: list[str]) -> None:
    problems = Problems()
    text = "refund: {events: [refund], key: refund_id, of: purchase}"
    compiled(text, problems, may_exist=lambda kind, id: unreadable and (kind, id) == ("conversions", "purchase"))
    assert [one.code for one in problems.errors] == told


def test_an_id_or_a_scope_that_is_no_text_is_told() -> None:
    for key in ("event_id", "scope"):
        problems = Problems()
        compiled(f"purchase: {{events: [purchase], key: transaction_id, {key}: {{a: b}}}}", problems)
        assert [(one.code, one.line) for one in problems.errors] == [("wrong-type", 1)]


async def test_a_refund_of_what_has_no_order_names_belongs_to_none() -> None:
    shop = Shop("lead: {events: [lead], links: [event_id]}\nrefund: {events: [refund], key: refund_id, of: lead}")
    await shop.tell(shop.browser("lead", event_id="E"))
    await shop.tell(shop.webhook("refund", refund_id="9", event_id="E"))
    assert shop.conversion is not None and shop.conversion.of == ""
