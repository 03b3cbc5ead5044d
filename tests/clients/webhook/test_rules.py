"""What a webhook tells by its topic: which rule, how many events, what comes over what."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from crm_webhook import CRM, HEAD

from container.errors import Unreadable
from webhooks import client, one, told


def names(body: Any) -> list[str]:
    return [event.name for event in told(CRM, body)]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("contact.created", ["generate_lead"]),
        ("contact.deleted", []),
        ("deal.opened", ["deal_opened"]),
        ("deal.lost.price", ["lost"]),
        ("Invoice/Sent!", ["crm_invoice_sent"]),
    ],
)
def test_topics(topic: str, expected: list[str]) -> None:
    assert names({"type": topic}) == expected


def test_a_rule_whose_conditions_do_not_hold_tells_nothing() -> None:
    assert names({"type": "deal.won", "deal": {"id": 1, "amount": 0}}) == []


def test_what_a_rule_needs() -> None:
    with pytest.raises(Unreadable, match="purchase has no id or value that it needs: `transaction_id`"):
        told(CRM, {"type": "deal.won", "deal": {"amount": 5}})


def test_what_a_rule_says_comes_over_what_the_client_says() -> None:
    assert "currency" not in one(CRM, {"type": "deal.opened"}).data
    assert one(CRM, {"type": "contact.created"}).data["currency"] == "EUR"


def test_one_event_for_each_element() -> None:
    lines = [{"id": "A", "price": 1}, {"price": 2}, {"id": "B", "price": "3.50"}]
    fields = {"event_id": "e-1", "gclid": "G1"}
    body = {"type": "cart", "lines": lines, "contact": {"email": "a@x.de", "fields": fields}}
    events = told(CRM, body, x_delivery="d1")
    assert [(event.data["item_id"], event.data["value"], event.data["place"]) for event in events] == [
        ("A", 1, 0), ("B", Decimal("3.50"), 2),
    ]  # fmt: skip
    assert [event.delivery_id for event in events] == ["d1:0", "d1:2"]
    assert all("user_data" not in event.data and event.data["gclid"] == "G1" for event in events)
    assert all("event_id" not in event.data for event in events), "it names one of them at most"
    assert told(CRM, {"type": "cart"}) == []
    assert len(told(CRM, {"type": "cart", "lines": {"id": "A"}})) == 1, "one value counts as a list of one"


def test_several_rules_for_one_topic() -> None:
    events = told(CRM, {"type": "funnel", "id": "F", "bumps": ["x", "y"]}, x_delivery="d1")
    assert [(event.name, event.data["transaction_id"], event.delivery_id) for event in events] == [
        ("purchase", "F", "d1:0"), ("upsell", "F-x", "d1:1:0"), ("upsell", "F-y", "d1:1:1"),
    ]  # fmt: skip



def test_of_several_beginnings_the_longest_counts_and_an_exact_topic_before_all() -> None:
    listed = client(
        HEAD + 'topic: "{{ body.t }}"\nevents: {"*": other, "a*": a, "a.b*": ab, a.b.c: abc, "a.x*": ignore}\n'
    )
    wanted = {"a.b.c": ["abc"], "a.b.d": ["ab"], "a.c": ["a"], "z": ["other"], "a.xy": []}
    assert {topic: [event.name for event in told(listed, {"t": topic})] for topic in wanted} == wanted
