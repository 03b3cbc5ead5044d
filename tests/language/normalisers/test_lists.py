"""Lists, and what counts as one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import value


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("first", ["", None, 0], 0),
        ("last", ["a", "", {}], "a"),
        ("first", {"a": 1}, {"a": 1}),
        ("count", ["", None], 2),
        ("count", 0, 1),
        ("sum", ["1", "x", None, 2], Decimal(3)),
        ("sum", "0.1", Decimal("0.1")),
        ("sum(price)", {"price": "5"}, Decimal(5)),
        ("sum(price, quantity)", [{"price": 0.1}, {"price": "0.2", "quantity": ""}], Decimal("0.3")),
        ("sum(price, quantity)", [{"price": 5, "quantity": 0}], Decimal(0)),
        ("sum(price, quantity)", [{"quantity": 2}], None),
        ("sum(price, quantity)", ["text", {"price": 2, "quantity": 3}], Decimal(6)),
    ],
)
def test_lists(text: str, given: Any, found: Any) -> None:
    assert value(f"event.a | {text}", {"a": given}) == found
