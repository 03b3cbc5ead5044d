"""Presence, text, numbers, equality."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.call import Secret
from container.language.values import as_text, contains, equal, number, present, step, truth


@pytest.mark.parametrize("value", [0, False, Decimal(0), 0.0, "0", " ", [None], {"a": None}, Secret("X")])
def test_present(value: Any) -> None:
    assert present(value)


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_absent(value: Any) -> None:
    assert not present(value)
    assert not truth(value)


@pytest.mark.parametrize("value", [0, False, Decimal("0.0")])
def test_present_and_not_true(value: Any) -> None:
    assert not truth(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10, "10"),
        (Decimal("10.0"), "10"),
        (Decimal("149.90"), "149.9"),
        (10.0, "10"),
        (0.1, "0.1"),
        (Decimal("-0.00"), "0"),
        (Decimal("-12.50"), "-12.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("1e20"), "100000000000000000000"),
        (Decimal("1e21"), "1e+21"),
        (10**21, "1e+21"),
        (-(10**21) - 5, "-1.000000000000000000005e+21"),
        (Decimal("0.000001"), "0.000001"),
        (Decimal("0.0000001"), "1e-7"),
        (Decimal("0.00000012"), "1.2e-7"),
        (Decimal("123456789.123456789"), "123456789.123456789"),
        (12345678901234567890, "12345678901234567890"),
        (True, "true"),
        (False, "false"),
        ("10.0", "10.0"),
        (None, None),
        (float("nan"), None),
        (Decimal("Infinity"), None),
        (Decimal("1e999"), None),
        pytest.param(10**5000, None, id="huge"),
        ([1, "a"], '[1,"a"]'),
        ({"a": Decimal("1.50")}, '{"a":1.5}'),
        (Secret("X"), None),
        ([], None),
        ({}, None),
    ],
)
def test_as_text(value: Any, text: str | None) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("149.90", Decimal("149.90")),
        (" 3 ", 3),
        ("+5", 5),
        (".5", Decimal("0.5")),
        ("5.", 5),
        ("1e3", 1000),
        (7, 7),
        (2.5, Decimal("2.5")),
        ("", None),
        ("1,5", None),
        ("0x10", None),
        ("1_000", None),
        ("٣", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("1e-999", None),
        ("1e99999999999", None),
        ("9" * 400, None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ([5], None),
    ],
)
def test_number(value: Any, found: Any) -> None:
    assert number(value) == found


def test_an_integer_stays_one() -> None:
    assert number(7).__class__ is int


@pytest.mark.parametrize(
    ("left", "right"), [(10, "10"), (Decimal("10.0"), 10), (True, "true"), (10.0, "10"), ("a", "a"), ([1], "[1]")]
)
def test_equal(left: Any, right: Any) -> None:
    assert equal(left, right)
    assert equal(right, left)


@pytest.mark.parametrize(
    ("left", "right"), [(None, None), ("", ""), ([], []), (None, ""), ("10.0", 10), ("a", "A"), ([], "[]")]
)
def test_not_equal(left: Any, right: Any) -> None:
    assert not equal(left, right)
    assert not equal(right, left)


def test_contains() -> None:
    assert contains(["DE", 1], "1")
    assert contains({"DE": 0}, "DE")
    assert contains("DE", "DE")
    assert not contains("DE", "D")
    assert not contains(None, None)
    assert not contains([None], None)


def test_step() -> None:
    assert step({"a": 1}, "a") == 1
    assert step({"1": 2}, 1) == 2
    assert step([5, 6], 1) == 6
    assert step([5, 6], "1") == 6
    assert step([5], 9) is None
    assert step([5], "-1") is None
    assert step("text", 0) is None
    assert step(None, "a") is None
