from __future__ import annotations

from typing import Any

import pytest
from copies import Shop, documents

from container.conversion import Conversion
from container.language.expression import Context, Scope
from container.problems import Problems
from container.triggers import Fired, Triggers, compile_triggers

TRIGGERS = """
purchase: {event: purchase}
german: {event: [purchase, refund], when: [{value: "{{ event.page_hostname }}", ends_with: .de}]}
shop_only: {event: purchase, client: shopify}
"""


def fired(name: str = "purchase", client: str = "ga4", clients: tuple[str, ...] = ("ga4",), **data: Any) -> Fired:
    problems = Problems()
    triggers = compile_triggers(documents("triggers", TRIGGERS), Context(problems=problems), ["ga4", "shopify"])
    assert not len(problems), list(problems)
    event = Shop().event(name, client, "browser", 0, data)
    conversion = Conversion("C", "purchase", event.data, clients=frozenset(clients))
    return Triggers(triggers).over(event, conversion, Scope(event=event.data))


@pytest.mark.parametrize(
    ("trigger", "event", "data", "holds"),
    [
        ("all_events", "anything", {}, True),
        ("purchase", "purchase", {}, True),
        ("purchase", "page_view", {}, False),
        ("german", "refund", {"page_hostname": "shop.de"}, True),
        ("german", "refund", {"page_hostname": "shop.no"}, False),
        ("german", "page_view", {"page_hostname": "shop.de"}, False),
    ],
)
def test_a_trigger_holds_by_name_and_conditions(trigger: str, event: str, data: dict[str, Any], holds: bool) -> None:
    assert fired(event, **data).first([trigger]) == (trigger if holds else None)


def test_a_triggers_client_is_this_copys_or_any_copys_for_a_tag_that_waited() -> None:
    assert fired(client="shopify").first(["shop_only"]) == "shop_only"
    both = fired(clients=("ga4", "shopify"))
    assert both.first(["shop_only"]) is None
    assert both.first(["shop_only"], any_copy=True) == "shop_only"


def test_the_first_that_fires_is_named() -> None:
    assert fired().first(["german", "purchase", "all_events"]) == "purchase"
    assert fired().first([]) is None


def test_why_not_ends_at_the_check_that_ruled_it_out() -> None:
    [check] = fired("page_view").explain(["german"])
    assert check == {
        "check": "trigger german: event is purchase or refund",
        "passed": False,
        "saw": {"event.event_name": "page_view"},
        "at": "container.yaml:3",
    }
    name, condition = fired(page_hostname="shop.no").explain(["german"])
    assert name["passed"] and not condition["passed"]
    assert condition["saw"] == {"event.page_hostname": "shop.no"}
    assert condition["at"] == "container.yaml:3"


def problems_of(text: str) -> list[tuple[str, str]]:
    problems = Problems()
    compile_triggers(documents("triggers", text), Context(problems=problems), ["ga4"])
    return [(problem.code, problem.hint) for problem in problems]


def test_faults_are_told() -> None:
    assert problems_of("t: {event: purchase, client: ga5}") == [("unknown-client", "did you mean `ga4`?")]
    assert problems_of("t: {evnt: purchase}") == [("unknown-key", "did you mean `event`?")]
    assert [code for code, _ in problems_of("all_events: {event: x}")] == ["reserved-name"]
