"""Base64 and JSON, there and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import value


@pytest.mark.parametrize(
    "given", [{"a": [1, "x", None, True]}, ["a", {}], "text", "5", 5, Decimal("1.50"), True]
)
def test_what_was_written_as_json_is_read_again(given: Any) -> None:
    assert value("event.a | json | from_json", {"a": given}) == given


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("from_json", "{", None),
        ("from_json", "", None),
        ("from_json", "[object Object]", None),
        ("from_json", '{"a":1.10}', {"a": Decimal("1.10")}),
        ("base64", "é", "w6k="),
        ("base64", "\ud800", "Pw=="),
        ("base64", 12, "MTI="),
        ("json", "\"", '"\\""'),
    ],
)
def test_notations(text: str, given: Any, found: Any) -> None:
    assert value(f"event.a | {text}", {"a": given}) == found
