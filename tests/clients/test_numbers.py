"""Numbers and times as senders write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.numbers import as_number, number, received_at, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3), ("-3", -3), ("+3", 3), ("007", 7), ("10.01", Decimal("10.01")), (".5", Decimal("0.5")),
        ("5.", Decimal(5)), ("1e3", Decimal(1000)), (" 3 ", 3), ("0", 0), ("-0.0", 0), ("0e999", 0),
        ("1764340309313", 1764340309313),
        ("", None), ("NaN", None), ("Infinity", None), ("-Infinity", None), ("1_000", None), ("٣", None), ("²", None),
        ("0x10", None), ("1,5", None), ("1e400", None), ("1e22", None), ("1e-30", None), ("9" * 22, None),
        ("1" * 5000, None), ("--1", None), ("1 2", None), ("sNaN", None), (".", None), ("e5", None),
    ],
)  # fmt: skip
def test_number(text: str, expected: int | Decimal | None) -> None:
    found = number(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5), (Decimal("1.5"), Decimal("1.5")), ("149.90", Decimal("149.90")), (True, None), (None, None),
        ([1], None), ({}, None), (10**30, None), (10**4000, None), (Decimal("NaN"), None), (Decimal("1e300"), None),
        (-(10**20), -(10**20)),
    ],
)  # fmt: skip
def test_as_number(value: Any, expected: Any) -> None:
    assert as_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1795428000, 1795428000),
        ("1795428000", 1795428000),
        (Decimal("1795428000.5"), Decimal("1795428000.5")),
        (1795428000123, Decimal("1795428000.123")),
        (1795428000000, 1795428000),
        (1795428000123456, Decimal("1795428000.123456")),
        ("1795428000123456", Decimal("1795428000.123456")),
        ("2026-11-23T05:00:00-05:00", 1795428000),
        ("2026-11-23T10:00:00Z", 1795428000),
        ("2026-11-23T10:00:00.250Z", Decimal("1795428000.25")),
        ("2026-11-23T10:00:00", 1795428000),
        ("2026-11-23 10:00:00+00:00", 1795428000),
        (5, None), (-1795428000, None), (10**20, None), ("yesterday", None), ("1969-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None), (True, None), ([], None), ("", None), ("0001-01-01T00:00:00+14:00", None),
    ],
)  # fmt: skip
def test_seconds(value: Any, expected: Any) -> None:
    assert seconds(value) == expected


def test_received_at() -> None:
    assert received_at(1795428000.1234) == Decimal("1795428000.123")
    assert received_at(1795428000.0) == 1795428000


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(), lambda inner: st.lists(inner, max_size=2)
)


@given(ANY)
def test_nothing_raises(value: Any) -> None:
    for found in (as_number(value), seconds(value)):
        assert found is None or (isinstance(found, int | Decimal) and abs(Decimal(found)) < 10**21)
