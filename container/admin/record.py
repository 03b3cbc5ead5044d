"""A decision record with what became of its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from container.admin.failures import instant
from container.ledger.interface import Delivery, Reading
from container.masking import masked_text


def told(store: Reading, id: str) -> dict[str, Any] | None:
    """A record with the deliveries of every tag put where they belong."""
    found = store.record(id)
    return with_deliveries(store, found) if found is not None else None


def with_deliveries(store: Reading, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what is known by now of its calls."""
    deliveries = store.deliveries(record["id"])
    return {**record, "tags": [{**row, "deliveries": _of(row, deliveries)} for row in record["tags"]]}


def outcome(row: Mapping[str, Any]) -> str:
    """What the vendor's last answer to a tag's call came to; empty: there is none yet."""
    deliveries = row.get("deliveries")
    return str(deliveries[-1]["outcome"]) if deliveries else ""


def _of(row: Mapping[str, Any], deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    wanted = (row["tag"], row.get("destination", ""))
    return [_delivery(found) for found in deliveries if (found.tag, found.destination) == wanted]


def _delivery(found: Delivery) -> dict[str, Any]:
    """One finished attempt. `at` is RFC 3339, `took` seconds."""
    return {
        "at": instant(found.at),
        "outcome": found.outcome,
        "status": found.status,
        "reason": masked_text(found.reason),
        "target": found.target,
        "attempt": found.attempt,
        "took": round(found.took, 4),
    }
