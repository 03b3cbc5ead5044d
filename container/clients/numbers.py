"""Numbers and times as senders write them: what does not read as one is None, never an exception."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

Number = int | Decimal

LONGEST = 40  # characters
REMEMBERED = 2048  # prices
MOST_DIGITS = 21  # from there on JavaScript writes exponents: no price, count, id or time is that large
EARLIEST = 10**8  # seconds: a time before 1973 is a mistake
LATEST = 10**11

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(text: str) -> Number | None:
    """The number a text spells: whole ones as int, others as Decimal. None for NaN, infinities and absurd sizes."""
    if text.isdigit() and text.isascii() and len(text) <= MOST_DIGITS:
        return int(text)
    text = text.strip()
    return _spelled(text) if len(text) <= LONGEST else None


@lru_cache(REMEMBERED)  # a shop's prices come again and again
def _spelled(text: str) -> Number | None:
    if not _NUMBER.fullmatch(text):
        return None
    return sane(Decimal(text) if "." in text or not text.lstrip("+-").isdigit() else int(text))


def sane(value: Number) -> Number | None:
    """The number, or None where its size is absurd."""
    if not value:
        return 0
    exponent = value.adjusted() if isinstance(value, Decimal) else len(str(abs(value))) - 1
    return value if -MOST_DIGITS <= exponent < MOST_DIGITS else None


def as_number(value: Any) -> Number | None:
    """The number of a JSON value: numbers, and texts that spell one."""
    if isinstance(value, str):
        return number(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > 80:
        return None
    return sane(value) if not isinstance(value, Decimal) or value.is_finite() else None


def seconds(value: Any) -> Number | None:
    """Unix seconds of a time given in seconds, milliseconds or microseconds, or as RFC 3339 text.

    A text without an offset is read as UTC. None where it is no time between 1973 and 5138.
    """
    found = as_number(value)
    if found is None:
        return _from_text(value) if isinstance(value, str) else None
    for scale in (0, 3, 6):
        if EARLIEST <= found.__floordiv__(10**scale) < LATEST:
            return scaled(found, scale)
    return None


def scaled(value: Number, digits: int) -> Number:
    """The value divided by ten to the power of `digits`; an int where nothing remains after the point."""
    found = Decimal(value).scaleb(-digits)
    whole = int(found)
    return whole if whole == found else found


def received_at(received: float) -> Number:
    """The receive time in seconds, to the millisecond."""
    ms = round(received * 1000)
    return Decimal(ms).scaleb(-3) if ms % 1000 else ms // 1000


def _from_text(text: str) -> Number | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    stated = scaled((found - _EPOCH) // timedelta(microseconds=1), 6)
    return stated if EARLIEST <= stated < LATEST else None
