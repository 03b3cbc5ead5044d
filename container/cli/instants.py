"""Times as people write them on the command line and in tests."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_instant(text: str) -> float:
    """`2026-11-23T10:00:00Z` (UTC where no offset is written) or Unix seconds, as Unix seconds. Raises `ValueError`."""
    try:
        return float(text)
    except ValueError:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
