"""Times as numbers of any unit and as texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import value

from container.language.normalisers.times import unix_seconds


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (10**11 - 1, "99999999999"),
        (10**11, "100000000"),  # milliseconds from here on
        (10**14, "100000000"),  # microseconds
        (10**17, "100000000"),  # nanoseconds
        (10**20, None),
        (1, "1"),
        (0.5, None),
        (-1, None),
        ("1795428000.123456", "1795428000.123456"),
        ("2026-11-23", "1795392000"),
        ("20261123T100000Z", "1795428000"),
        ("2026-11-23 10:00:00+0100", "1795424400"),
        ("2026-11-23T10:00:00.250Z", "1795428000.25"),
        ("1969-12-31T23:59:59Z", None),
        ("2026-02-30", None),
        ("2026-11-23T10:00:00Z" + " " * 40, None),
        (True, None),
        ([1795428000], None),
    ],
)
def test_the_unit_of_a_number_is_told_by_its_size(told: Any, seconds: str | None) -> None:
    assert unix_seconds(told) == (Decimal(seconds) if seconds else None)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("1795428000.9996", "2026-11-23T10:00:00.999Z"),
        (99999999999, "5138-11-16T09:46:39Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_rfc3339_cuts_what_is_below_a_millisecond(told: Any, text: str) -> None:
    assert value("event.t | rfc3339", {"t": told}) == text
