"""Mapped values as event data: what is of no use under its key is left out, and said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from crm_webhook import ANY, CRM

from container.clients.checks import DEEPEST
from container.clients.webhook.data import LONGEST_ID, MOST_ITEMS
from container.errors import TooLarge
from webhooks import one, told


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("transaction_id", 820982911946154508, "820982911946154508"),
        ("transaction_id", 1.5, None),
        ("transaction_id", True, None),
        ("transaction_id", ["1"], None),
        ("transaction_id", "x" * (LONGEST_ID + 1), None),
        ("value", "12.50", Decimal("12.50")),
        ("value", 0, 0),
        ("value", "12,50", None),
        ("value", "free", None),
        ("value", "١٢", None),
        ("value", {"amount": 1}, None),
        ("currency", {"code": "EUR"}, None),
        ("page_title", 5, "5"),
        ("items", [{"item_id": 7, "price": "1.5", "quantity": "x"}, "y"], [{"item_id": "7", "price": Decimal("1.5")}]),
        ("items", {"item_id": "A"}, [{"item_id": "A"}]),
        ("user_data", {"email_address": ["a@x.de", 5], "address": {"city": "Ulm", "zip": []}},
         {"email_address": ["a@x.de", "5"], "address": {"city": "Ulm"}}),
        ("user_data", {"email_address": {"x": 1}}, None),
        ("user_data", "a@x.de", None),
        ("ip_override", "203.0.113.7", "203.0.113.7"),
        ("ip_override", "localhost", None),
        ("own", {"a": [1]}, {"a": [1]}),
        ("own", 10**400, None),
        ("timestamp", "2026-11-23T11:00:00+01:00", 1795428000),
        ("timestamp", "soon", Decimal("1795428010")),
    ],
)  # fmt: skip
def test_values(key: str, value: Any, expected: Any) -> None:
    event = one(ANY, {"data": {key: value}})
    assert event.data.get(key) == expected
    if expected != value and not isinstance(expected, str | list | dict | Decimal | int):
        assert event.notes, "what is left out is said"


def test_too_deep_and_too_many() -> None:
    deep: Any = 1
    for _ in range(DEEPEST + 1):
        deep = [deep]
    event = one(ANY, {"data": {"own": deep}})
    assert "own" not in event.data
    assert event.notes == (f"`own` left out: nested deeper than {DEEPEST} levels",)
    with pytest.raises(TooLarge, match=str(MOST_ITEMS)):
        told(ANY, {"data": {"items": [{"item_id": "A"}] * (MOST_ITEMS + 1)}})
    with pytest.raises(TooLarge, match=str(MOST_ITEMS)):
        told(CRM, {"type": "cart", "lines": [{"id": 1}] * (MOST_ITEMS + 1)})


def test_lines_that_are_none_are_told() -> None:
    event = one(ANY, {"data": {"items": [{"item_id": "A"}, "y"]}})
    assert any("`items`" in note and "no object" in note for note in event.notes)
    assert one(ANY, {"data": {"items": [{"item_id": "A"}]}}).notes == ()
