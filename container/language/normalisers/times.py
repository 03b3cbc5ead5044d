"""Normalisers of times. A number is Unix seconds, milliseconds, microseconds or nanoseconds, told by its size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from container.language.normalisers.base import Case, plain
from container.language.values import number, whole

_EXACT = Context(prec=700, rounding=ROUND_HALF_EVEN)
_UNITS = ((10**11, 0), (10**14, 3), (10**17, 6), (10**20, 9))  # below 10^11: seconds; below 10^14: milliseconds …
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 40


def unix_seconds(value: Any) -> Decimal | None:
    """Unix seconds of a number or an ISO 8601 text (UTC where it names no zone); None for all else, and for 0."""
    found = number(value)
    if found is None:
        return _from_iso(value) if isinstance(value, str) else None
    for limit, places in _UNITS:
        if 1 <= found < limit:
            return Decimal(found).scaleb(-places, _EXACT) if places else Decimal(found)
    return None


def _from_iso(text: str) -> Decimal | None:
    if len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    seconds = Decimal(since.days * 86400 + since.seconds) + Decimal(since.microseconds) / 1_000_000
    return seconds if seconds > 0 else None


def _seconds(value: Any) -> int | None:
    found = unix_seconds(value)
    return None if found is None else whole(found)


def _milliseconds(value: Any) -> int | None:
    found = unix_seconds(value)
    return None if found is None else whole(found.scaleb(3, _EXACT))


def _rfc3339(value: Any) -> str | None:
    found = _milliseconds(value)
    if found is None:
        return None
    try:
        moment = _EPOCH + timedelta(milliseconds=found)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds" if found % 1000 else "seconds").replace("+00:00", "Z")


_NOON = 1795428000

NORMALISERS = (
    plain(
        "seconds",
        "Unix seconds, a whole number",
        _seconds,
        Case("", _NOON, _NOON),
        Case("", _NOON * 1000 + 123, _NOON),
        Case("", f"{_NOON}000000", _NOON),
        Case("", "2026-11-23T11:00:00+01:00", _NOON),
        Case("", "2026-11-23T10:00:00", _NOON),
        Case("", 0, None),
        Case("", "yesterday", None),
    ),
    plain(
        "milliseconds",
        "Unix milliseconds, a whole number",
        _milliseconds,
        Case("", _NOON, _NOON * 1000),
        Case("", f"{_NOON}.5", _NOON * 1000 + 500),
        Case("", None, None),
    ),
    plain(
        "rfc3339",
        "as 2026-11-23T10:00:00Z",
        _rfc3339,
        Case("", _NOON, "2026-11-23T10:00:00Z"),
        Case("", _NOON * 1000 + 120, "2026-11-23T10:00:00.120Z"),
        Case("", "2026-11-23T11:00:00+01:00", "2026-11-23T10:00:00Z"),
        Case("", "soon", None),
    ),
)
