"""Which copies are one conversion: DESIGN's five steps, each where it speaks first."""

from __future__ import annotations

import pytest
from copies import Shop, Tag

from container.conversion import Conversion
from container.ledger.interface import Stored


def sort(**names: str) -> dict[str, str]:
    return {f"shopify_{name}": value for name, value in names.items()}


async def one(shop: Shop) -> Conversion:
    assert shop.conversion is not None
    return shop.conversion


async def test_the_webhook_of_the_order_the_page_named() -> None:
    for page in ("1001", "#1001", "5778367414385", "gid://shopify/Order/5778367414385", "DPPARQ8UJ", " 1001 "):
        shop = Shop()
        names = sort(id="5778367414385", number="1001", name="#1001", confirmation="DPPARQ8UJ")
        assert await shop.verdict(shop.browser(transaction_id=page)) == "fired"
        assert await shop.verdict(shop.webhook(transaction_id="5778367414385", names=names, after=20)) == "suppressed"
        assert (await one(shop)).matched_by == "transaction_id"
        assert (await one(shop)).copy == 2


async def test_the_page_after_the_webhook() -> None:
    shop = Shop()
    names = sort(id="577", number="1001")
    assert await shop.verdict(shop.webhook(transaction_id="577", names=names)) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="1001", after=3600 * 5)) == "suppressed"


async def test_differing_names_of_one_sort_are_two_orders_whatever_else_agrees() -> None:
    shop = Shop()
    same = {"event_id": "E", "client_id": "1.2", "value": 10, "checkout_token": "T"}
    assert await shop.verdict(shop.webhook(transaction_id="1", names=sort(id="1"), **same)) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="2", names=sort(id="2"), **same)) == "fired"


async def test_two_names_without_a_sort_from_one_client_are_two_orders() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(transaction_id="A1", client_id="1.2")) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="A2", client_id="1.2", after=30)) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="A1", client_id="1.2", after=30)) == "suppressed"


async def test_an_equal_link_joins_copies_that_name_the_order_differently() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(transaction_id="WEB-7", checkout_token="84ad78572dae52a8")) == "fired"
    webhook = shop.webhook(transaction_id="577", names=sort(id="577"), checkout_token="84ad78572dae52a8")
    assert await shop.verdict(webhook) == "suppressed"
    assert (await one(shop)).matched_by == "checkout_token"


async def test_two_names_that_differ_are_two_orders_even_for_one_customer() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(transaction_id="A1", client_id="1.2", value=10)) == "fired"
    webhook = shop.webhook(transaction_id="577", names=sort(id="577"), client_id="1.2", value=10)
    assert await shop.verdict(webhook) == "fired"


async def test_a_hint_joins_a_copy_without_a_name() -> None:
    for hint in (
        {"client_id": "1.2"},
        {"gclid": "EAIa"},
        {"user_data": {"email_address": "Jane@Example.com "}},
        {"user_data": {"phone_number": "+49 30 123456"}},
    ):
        shop = Shop()
        assert await shop.verdict(shop.browser(value=10, currency="EUR", **hint)) == "fired"
        webhook = shop.webhook(transaction_id="577", value="10.00", currency="eur", after=60, **hint)
        assert await shop.verdict(webhook) == "suppressed", hint


async def test_a_hint_does_not_join_what_is_too_far_apart_in_its_own_time() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(client_id="1.2")) == "fired"
    late = shop.webhook(transaction_id="577", client_id="1.2", at=shop.now + 1801, after=1)
    assert await shop.verdict(late) == "fired"


async def test_a_hint_does_not_join_other_amounts() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(client_id="1.2", value=10, currency="EUR")) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="5", client_id="1.2", value=11, currency="EUR")) == "fired"
    assert await shop.verdict(shop.api(transaction_id="6", client_id="1.2", value=10, currency="USD")) == "fired"


async def test_when_several_fit_none_is_chosen_and_the_record_says_so() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1", names=sort(id="1"), client_id="1.2"))
    await shop.tell(shop.webhook(transaction_id="2", names=sort(id="2"), client_id="1.2"))
    [decision] = await shop.tell(shop.browser(client_id="1.2", after=5))
    assert decision.conversion.ambiguous
    assert decision.conversion.number is None
    assert "none fits better" in decision.conversion.doubts["ambiguous"]


JANE = {"client_id": "1.2", "value": 10, "currency": "EUR", "user_data": {"email_address": "j@example.com"}}


async def test_of_two_orders_that_hints_fit_the_one_the_page_has_not_told_of_is_meant() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1001", **JANE))
    await shop.tell(shop.webhook(transaction_id="1002", after=30, **JANE))
    await shop.tell(shop.browser(transaction_id="1002", after=5, **JANE))
    assert await shop.verdict(shop.browser(after=5, **JANE)) == "suppressed"
    assert ((await one(shop)).key, (await one(shop)).ambiguous) == ("1001", True)
    assert vetoes(await one(shop)) == [("client_id", "2 conversions fit: one fits better")]


async def test_of_two_orders_that_hints_fit_the_one_that_shares_more_is_meant() -> None:
    """A family's device: the address tells whose order it is."""
    shop = Shop()
    johns = {**JANE, "user_data": {"email_address": "john@example.com"}}
    await shop.tell(shop.webhook(transaction_id="1001", **JANE))
    await shop.tell(shop.webhook(transaction_id="1002", after=60, **johns))
    assert await shop.verdict(shop.browser(after=5, **JANE)) == "suppressed"
    assert (await one(shop)).key == "1001"


async def test_of_two_orders_that_hints_fit_the_nearest_in_time_is_meant() -> None:
    for after, key in ((4, "1001"), (33, "1002")):
        shop = Shop()
        start = shop.now
        await shop.tell(shop.webhook(transaction_id="1001", **JANE))
        await shop.tell(shop.webhook(transaction_id="1002", at=start + 30, **JANE))
        assert await shop.verdict(shop.browser(at=start + after, after=60, **JANE)) == "suppressed"
        assert (await one(shop)).key == key


async def test_a_reloaded_page_without_a_name_is_sent_once_though_both_orders_have_a_page() -> None:
    shop = Shop()
    for order in ("1001", "1002"):
        await shop.tell(shop.webhook(transaction_id=order, after=20, **JANE))
        await shop.tell(shop.browser(transaction_id=order, after=2, **JANE))
    assert await shop.verdict(shop.browser(after=9, **JANE)) == "suppressed"


async def test_a_third_order_is_sent_though_its_page_was_taken_for_the_first() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1001", **JANE))
    await shop.tell(shop.webhook(transaction_id="1002", after=30, **JANE))
    await shop.tell(shop.browser(after=30, **JANE))
    assert await shop.verdict(shop.webhook(transaction_id="1003", after=5, **JANE)) == "fired"


async def test_a_fingerprint_joins_nothing_unless_it_is_named() -> None:
    shop = Shop()
    same = {"ip_override": "203.0.113.7", "user_agent": "Mozilla/5.0"}
    assert await shop.verdict(shop.browser(**same)) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="577", after=9, **same)) == "fired"


async def test_hints_across_clients_join_no_two_copies_of_one_client() -> None:
    conversions = "lead: {events: [form_submit], hints: {any: [client_id], within: 1h, across: clients}}"
    shop = Shop(conversions)
    assert await shop.verdict(shop.browser("form_submit", client_id="1.2")) == "fired"
    assert await shop.verdict(shop.browser("form_submit", client_id="1.2", after=5)) == "fired"
    shop = Shop(conversions.replace("across: clients", "across: any"))
    assert await shop.verdict(shop.browser("form_submit", client_id="1.2")) == "fired"
    assert await shop.verdict(shop.browser("form_submit", client_id="1.2", after=5)) == "suppressed"


async def test_one_customers_two_orders_within_a_minute_by_page_and_webhook_in_any_order() -> None:
    import itertools

    for order in itertools.permutations(range(4)):
        shop = Shop()
        both = {"client_id": "1.2", "value": 10, "currency": "EUR", "user_data": {"email_address": "j@example.com"}}
        copies = [
            lambda: shop.browser(transaction_id="1001", event_id="a", **both),
            lambda: shop.webhook(transaction_id="51", names=sort(id="51", number="1001"), **both),
            lambda: shop.browser(transaction_id="1002", event_id="b", **both),
            lambda: shop.webhook(transaction_id="52", names=sort(id="52", number="1002"), **both),
        ]
        verdicts = [await shop.verdict(copies[i]()) for i in order]
        assert verdicts.count("fired") == 2, (order, verdicts)


async def test_a_copy_that_shows_two_conversions_to_be_one_unites_them() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser(event_id="E1")) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="577", names=sort(id="577"))) == "fired"
    [decision] = await shop.tell(shop.api(transaction_id="577", event_id="E1"))
    assert decision.tags[0].decision == "suppressed"
    assert "are one" in decision.conversion.notes[0]
    again = await shop.tell(shop.browser(event_id="E1"))
    assert again[0].conversion.number == decision.conversion.number
    assert again[0].conversion.copy == 4


async def test_a_number_used_again_by_another_order_is_another_conversion() -> None:
    shop = Shop()
    assert await shop.verdict(shop.webhook(transaction_id="1", names=sort(id="1", number="1001"))) == "fired"
    assert await shop.verdict(shop.webhook(transaction_id="2", names=sort(id="2", number="1001"))) == "fired"
    assert await shop.verdict(shop.browser(transaction_id="1001")) == "suppressed"


async def test_a_senders_retry_of_one_delivery_is_no_copy() -> None:
    shop = Shop()
    assert await shop.verdict(shop.webhook(delivery_id="D1", transaction_id="1")) == "fired"
    [decision] = await shop.tell(shop.webhook(delivery_id="D1", transaction_id="1"))
    assert "retry of a delivery" in decision.conversion.repeat
    await shop.tell(shop.webhook(delivery_id="D2", transaction_id="1"))
    assert shop.conversion is not None and shop.conversion.copy == 2


async def test_a_bot_is_no_copy_and_names_nothing() -> None:
    shop = Shop()
    [decision] = await shop.tell(shop.browser(transaction_id="1", bot=True))
    assert "bot" in decision.conversion.repeat and decision.tags == []
    assert await shop.verdict(shop.browser(transaction_id="1")) == "fired"


async def test_an_event_of_no_conversion_is_known_by_its_id_for_two_days() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser("page_view", event_id="P1")) == "fired"
    assert await shop.verdict(shop.browser("page_view", event_id="P1", after=47 * 3600)) == "suppressed"
    assert await shop.verdict(shop.browser("view_item", event_id="P1")) == "fired", "another event may share the id"
    assert await shop.verdict(shop.browser("page_view", event_id="P1", after=49 * 3600)) == "fired"


async def test_an_event_without_an_id_is_its_own_each_time() -> None:
    shop = Shop()
    assert await shop.verdict(shop.browser("page_view")) == "fired"
    assert await shop.verdict(shop.browser("page_view")) == "fired"


async def test_a_refund_knows_its_purchase() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="577", names=sort(id="577", number="1001")))
    assert shop.conversion is not None
    purchase = shop.conversion.id
    refund = {"transaction_id": "577", "names": sort(id="577")}
    assert await shop.verdict(shop.webhook("refund", refund_id="9", **refund)) == "fired"
    assert shop.conversion.of == purchase
    assert await shop.verdict(shop.webhook("refund", refund_id="10", **refund)) == "fired", "a second partial refund"
    assert await shop.verdict(shop.webhook("refund", refund_id="9", **refund)) == "suppressed"


async def test_what_was_said_of_a_purchase_holds_for_its_refund_while_that_says_nothing() -> None:
    shop = Shop(tags=(Tag(consent=("ad_storage",)),))
    for order, granted in (("577", True), ("578", False), ("579", None)):
        await shop.tell(shop.browser(transaction_id=order, consent={} if granted is None else {"ad_storage": granted}))
        told = await shop.verdict(shop.webhook("refund", refund_id=f"9{order}", transaction_id=order))
        assert told == ("fired" if granted else "consent"), order
    own = {"refund_id": "8", "transaction_id": "577", "consent": {"ad_storage": False}}
    assert await shop.verdict(shop.webhook("refund", **own)) == "consent", "its own word comes first"


async def test_a_copy_that_lends_names_fires_nothing_and_joins_what_comes() -> None:
    shop = Shop()
    created = shop.webhook("order_created", names=sort(id="577"), transaction_id="577", checkout_token="T")
    [lent] = await shop.tell(created)
    assert lent.tags == [] and lent.conversion.lends_only
    assert await shop.verdict(shop.browser(checkout_token="T")) == "fired"
    assert await shop.verdict(shop.webhook(names=sort(id="577"), transaction_id="577")) == "suppressed"


async def test_a_refund_belongs_to_the_order_whose_other_names_agree() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1", names=sort(id="1", number="1001")))
    await shop.tell(shop.webhook(transaction_id="2", names=sort(id="2", number="1001")))
    assert shop.conversion is not None
    newer = shop.conversion.id
    await shop.tell(shop.webhook("refund", refund_id="8", transaction_id="2", names=sort(id="2", number="1001")))
    assert shop.conversion.of == newer
    await shop.tell(shop.api("refund", refund_id="9", transaction_id="1001"))
    assert shop.conversion.of == newer, "of a number that was used again the newest is meant"


async def test_a_refund_finds_its_purchase_in_the_purchases_scope() -> None:
    shop = Shop(
        'purchase: {events: [purchase], key: transaction_id, scope: "{{ event.market }}"}\n'
        "refund: {events: [refund], key: refund_id, of: purchase}"
    )
    await shop.tell(shop.webhook(transaction_id="577", market="no"))
    assert shop.conversion is not None
    purchase = shop.conversion.id
    await shop.tell(shop.webhook("refund", refund_id="9", transaction_id="577", market="no"))
    assert shop.conversion.of == purchase


async def test_a_purchase_and_its_refund_in_one_request_know_each_other() -> None:
    shop = Shop()
    purchase, refund = await shop.tell(
        shop.webhook(transaction_id="577"), shop.webhook("refund", refund_id="9", transaction_id="577")
    )
    assert refund.conversion.of == purchase.conversion.id


async def test_an_order_that_was_edited_is_recognised_by_any_amount_it_had() -> None:
    shop = Shop()
    visitor = {"client_id": "1.2", "currency": "EUR"}
    assert await shop.verdict(shop.webhook(transaction_id="577", value=100, **visitor)) == "fired"
    await shop.tell(shop.webhook("order_updated", transaction_id="577", value=90, after=5, **visitor))
    assert await shop.verdict(shop.browser(value=100, after=5, **visitor)) == "suppressed"
    assert await shop.verdict(shop.browser(value=90, after=5, **visitor)) == "suppressed"
    assert await shop.verdict(shop.browser(value=95, after=5, **visitor)) == "fired"


async def test_a_delivery_of_an_undeclared_event_is_known_as_long_as_senders_retry() -> None:
    shop = Shop()
    assert await shop.verdict(shop.webhook("customer_created", delivery_id="D1")) == "fired"
    await shop.ledger.expire(shop.now + 3 * 86400)
    [decision] = await shop.tell(shop.webhook("customer_created", delivery_id="D1", after=3 * 86400))
    assert "retry of a delivery" in decision.conversion.repeat


async def test_a_constant_id_neither_joins_named_orders_nor_makes_each_of_them_slower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop()
    looked_at = []
    conversions = shop.ledger.conversions

    def counted(numbers: set[int]) -> dict[int, Stored]:
        looked_at.append(len(numbers))
        return conversions(numbers)

    monkeypatch.setattr(shop.ledger, "conversions", counted)
    for order in range(1000, 1400):
        assert await shop.verdict(shop.browser(transaction_id=order, event_id="purchase")) == "fired"
    assert max(looked_at) <= 200
    oldest = shop.webhook(transaction_id="1000", event_id="purchase")
    assert await shop.verdict(oldest) == "suppressed", "and hides no name"


def vetoes(conversion: Conversion) -> list[tuple[str, str]]:
    return [(veto.by, veto.reason) for veto in conversion.vetoed]


async def test_what_matched_and_does_not_count_is_told_with_its_reason() -> None:
    """A constant link, another order of the same visitor, another amount, too late: each says what spoke against it."""
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", event_id="E", client_id="1.2", value=10))
    first = (await one(shop)).id
    await shop.tell(shop.browser(transaction_id="1002", event_id="E", client_id="1.2", value=10, after=60))
    told = (await one(shop)).vetoed
    assert [(veto.id, veto.by) for veto in told] == [(first, "event_id"), (first, "client_id")]
    assert [veto.reason for veto in told] == [
        "the order names differ",
        "both have an order name",
    ]
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", client_id="1.2", value=10))
    await shop.tell(shop.api(client_id="1.2", value=11, after=60))
    assert vetoes(await one(shop)) == [("client_id", "value is 11 here and 10 there (`agree`)")]
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", client_id="1.2"))
    await shop.tell(shop.api(client_id="1.2", after=1799, at=shop.now + 7200))
    assert vetoes(await one(shop)) == [("client_id", "they lie 2 h apart, more than 30 min (`within`)")]


async def test_of_hints_that_fit_several_each_is_told() -> None:
    shop = Shop()
    for order in ("1001", "1002"):
        await shop.tell(shop.browser(transaction_id=order, client_id="1.2", value=10, at=shop.now))
    await shop.tell(shop.api(client_id="1.2", value=10, after=10))
    assert (await one(shop)).ambiguous
    assert vetoes(await one(shop)) == [("client_id", "2 conversions fit: none fits better")] * 2


async def test_a_copy_of_one_client_is_vetoed_by_across_clients() -> None:
    shop = Shop(conversions="lead: {events: [lead], hints: {any: [client_id], within: 1h}}")
    for _ in range(2):
        await shop.tell(shop.browser("lead", client_id="1.2", after=10))
    assert vetoes(await one(shop)) == [("client_id", "a copy came through `ga4` already (`across: clients`)")]


async def test_a_record_tells_vetoes_and_what_was_united() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001"))
    [page] = await shop.tell(shop.browser(event_id="E", after=1))
    names = sort(number="1001")
    [copy] = await shop.tell(shop.webhook(transaction_id="577", names=names, event_id="E", after=1))
    assert copy.record()["conversion"]["united"] == [page.conversion.id]
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", event_id="E"))
    [other] = await shop.tell(shop.browser(transaction_id="1002", event_id="E"))
    [veto] = other.record()["conversion"]["vetoed"]
    assert (veto["by"], veto["reason"]) == ("event_id", "the order names differ")
