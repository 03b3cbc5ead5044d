"""How a test compares what is sent with what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.templates.comparing import difference, unequal

SENT = {"data": [{"name": "Purchase", "value": Decimal("10.5"), "user": {"em": "x"}}], "test": True}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"test": True},
        {"data": [{"name": "Purchase"}]},
        {"data": [{"value": 10.5, "user": {}}]},
        {"missing": None},
    ],
)
def test_a_part_fits(wanted: Any) -> None:
    assert difference(SENT, wanted, "") == ""


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ({"test": 1}, "test is true, and should be 1"),
        ({"data": []}, "data is [{"),
        ({"data": [{"user": {"em": "y"}}]}, 'data[0].user.em is "x", and should be "y"'),
        ({"data": [{"name": {"a": 1}}]}, 'data[0].name is "Purchase", and should be a mapping'),
        ({"data": {"a": 1}}, "data is [{"),
        ({"missing": 5}, "missing is null, and should be 5"),
        ([], "the request is {"),
    ],
)
def test_what_does_not_fit_is_told_where(wanted: Any, where: str) -> None:
    assert difference(SENT, wanted, "" if isinstance(wanted, dict) else "the request").startswith(where)


def test_a_request_that_is_none_is_called_so() -> None:
    assert difference(None, {"json": {}}, "") == "the request is null, and should be a mapping"


def test_true_is_not_1_and_long_values_are_cut() -> None:
    assert unequal(1, True, "a") == "a is 1, and should be true"
    assert unequal(1, 1.0, "a") == ""
    assert len(unequal("x" * 5000, 1, "a")) < 250
