"""Decision records, as the store keeps them or `--format json` prints them, for the audit of what was told twice.

Recognition has run already when a record is written, on data that the record shows masked: it is not run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from container.cli.audit import Audit, Telling, Told, number
from container.dedup.kinds import Kinds
from container.dedup.view import WAITED

Record = Mapping[str, Any]

NAMES = ("transaction_id", "order_id", "refund_id", "event_id", "checkout_token")


def is_record(values: Mapping[str, Any]) -> bool:
    """Whether an object is a decision record, and no event."""
    event = values.get("event")
    return isinstance(event, dict) and "name" in event and "tags" in values and "id" in values


def audit_of(records: Iterable[Record], kinds: Kinds) -> Audit:
    """What the records say, in order of arrival."""
    told: dict[str, Told] = {}
    suppressed: Counter[str] = Counter()
    events = others = 0
    for record in sorted(records, key=lambda one: str(one["id"])):
        if WAITED in record.get("notes", ()):
            continue
        events += 1
        conversion = record.get("conversion") or {}
        if conversion.get("kind", "event") == "event" or "bot" in conversion.get("repeat", ""):
            others += 1
            continue
        suppressed.update(row["tag"] for row in record["tags"] if _fired_before(row))
        _add(told, record, conversion, kinds)
    return Audit([one for one in told.values() if one.tellings], events, others, suppressed)


def _fired_before(row: Mapping[str, Any]) -> bool:
    return row.get("decision") == "suppressed" and str(row.get("reason", "")).startswith("already fired")


def _add(told: dict[str, Told], record: Record, conversion: Mapping[str, Any], kinds: Kinds) -> None:
    mine = told.setdefault(conversion["id"], Told(conversion["id"], conversion["kind"]))
    for younger in conversion.get("united", ()):
        if (other := told.pop(younger, None)) is not None:
            mine.tellings = sorted([*mine.tellings, *other.tellings], key=lambda one: one.at)
    kind = kinds.by_id.get(conversion["kind"])
    if kind is None or record["event"]["name"] not in kind.data_from:
        mine.tellings.append(_telling(record, conversion))


def _telling(record: Record, conversion: Mapping[str, Any]) -> Telling:
    request, data = record.get("request") or {}, record["event"].get("data") or {}
    return Telling(
        where=str(record["id"]),
        at=datetime.fromisoformat(record["received"]).timestamp(),
        source=str(request.get("source", "")),
        client=str(request.get("client", "")),
        name=str(data.get("transaction_id") or data.get("order_id") or ""),
        named=any(data.get(name) for name in NAMES),
        value=number(data.get("value")),
        currency=str(data.get("currency") or "").upper(),
        matched_by=str(conversion.get("matched_by", "")),
        ambiguous=bool(conversion.get("ambiguous")),
        customer=_customer(data.get("user_data")),
    )


def _customer(user_data: Any) -> dict[str, frozenset[str]]:
    """Masked: what differs is two people, what is equal may be one."""
    address = user_data.get("email_address") if isinstance(user_data, dict) else None
    return {"email": frozenset((address,))} if isinstance(address, str) and "@" in address else {}
