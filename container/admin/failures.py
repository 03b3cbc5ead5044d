"""What was not delivered, as `tagport failures` and the admin API tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from container.ledger.interface import Failure, Reading
from container.masking import masked_text


def as_json(failure: Failure) -> dict[str, Any]:
    """One row of `failures --format json`. `since` is RFC 3339, in UTC."""
    row, call = failure.row, failure.row.call
    return {
        "id": row.id,
        "outcome": row.state,
        "tag": call.tag,
        "target": call.target,
        "event_name": call.event_name,
        "transaction_id": call.transaction_id,
        "event_id": call.event_id,
        "reason": masked_text(row.reason),
        "attempts": row.attempts,
        "since": instant(failure.since),
    }


def instant(at: float) -> str:
    """Unix seconds as RFC 3339, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def listed(store: Reading) -> list[dict[str, Any]]:
    """All of them, oldest first."""
    return [as_json(failure) for failure in store.failures()]


def counted(failures: Iterable[Failure]) -> dict[tuple[str, str], int]:
    """How many, by tag and outcome."""
    return Counter((failure.row.call.tag, failure.row.state) for failure in failures)


def stopped(failures: Iterable[Failure]) -> dict[str, int]:
    """Accounts whose credentials the vendor refused, with the number of calls that wait for them."""
    return Counter(failure.row.call.account for failure in failures if failure.row.state == "stopped")
