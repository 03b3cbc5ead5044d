"""Durations as people write them: `250ms 5s 2m 48h 400d 1w`, also several: `1h 30m`."""

from __future__ import annotations

import re

from container.node import Text
from container.problems import Problems

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
LONGEST = 100 * 366 * UNITS["d"]
PATTERN = r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$"
SCHEMA = {"type": "string", "format": "duration", "description": "a duration: 250ms, 5s, 2m, 48h, 400d or 1w"}

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*", re.ASCII)
_WHOLE = re.compile(rf"\s*(?:{_PART.pattern})+", re.ASCII)


def seconds(text: Text, problems: Problems) -> float | None:
    """The duration in seconds; None and the problem `bad-duration` where it is none."""
    found = _seconds(text)
    if found is None:
        hint = "write a number and its unit: 250ms, 5s, 2m, 48h, 400d or 1w"
        problems.error("bad-duration", f"`{text[:60]}` is no duration", text.place, hint)
    return found


def _seconds(text: str) -> float | None:
    if len(text) > 100 or not _WHOLE.fullmatch(text):
        return None
    total = sum(float(number) * UNITS[unit] for number, unit in _PART.findall(text))
    return total if total <= LONGEST else None
