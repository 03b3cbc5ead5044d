"""A conversion's whole history, from everything the store knows of it: `explain` and the pages are views of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from container.conversion import Firing
from container.dedup.firing import EVERYWHERE
from container.dedup.merging import merge
from container.dedup.state import sources_of, stated_consent
from container.dedup.view import WAITED
from container.event import Event, Request
from container.ledger.interface import Delivery, Reading, Row
from container.masking import masked_text

Record = Mapping[str, Any]
Entry = dict[str, Any]

IN_ONE = 10_000  # ids asked for at once
_ORDER = ("mark", "copy", "wait_over", "decision", "delivery")  # of what happened in one moment
_QUIET = ("event_name", "timestamp")  # fields of every event that no copy owns


def history(store: Reading, number: int) -> dict[str, Any] | None:
    """Everything about the conversion with this number; None where it is gone.

    `timeline` holds what happened in order of time: `mark`, `copy`, `wait_over`, `decision`, `delivery`. Times are
    RFC 3339 in UTC. `fields` is the merged view, masked, with the source each field came from; `waiting` and `queued`
    are what is still to come.
    """
    stored = store.conversions([number]).get(number)
    if stored is None:
        return None
    records = store.records(stored.number)
    state = stored.state
    fixed = state.get("fixed", {})
    firings = store.firings(stored.number)
    return {
        "id": stored.id,
        "kind": stored.kind,
        "transaction_id": fixed.get("transaction_id") or state.get("page") or state.get("key", ""),
        "event_id": fixed.get("event_id", ""),
        "first": _instant(stored.first),
        "copies": state.get("count", 0),
        "sources": sorted(sources_of(state)),
        "consent": stated_consent(state),
        "of": state.get("of", ""),
        "timeline": _named(store, sorted(_entries(store, records, firings), key=_moment)),
        "fields": _fields(records),
        "not_triggered": _untriggered(records),
        "waiting": [
            {"tag": held.tag, "why": held.why, "until": None if held.due is None else _instant(held.due)}
            for held in store.held(stored.number)
        ],
        "queued": _queued(store, store.rows(stored.number)),
    }


def numbers_of(store: Reading, ids: Sequence[str]) -> list[int]:
    """Numbers of conversions by their ids, in order; of what was united the one it was united with."""
    found: set[int] = set()
    for start in range(0, len(ids), IN_ONE):
        known = store.conversions(store.conversion_numbers(ids[start : start + IN_ONE]))
        found.update(stored.number for stored in known.values())
    return sorted(found)


def _named(store: Reading, timeline: list[Entry]) -> list[Entry]:
    """Vetoes with the name of the conversion they are about, as long as it is known: the record has only its id."""
    vetoes = [veto for entry in timeline for veto in entry.get("vetoed", ())]
    names = {}
    for number in numbers_of(store, list(dict.fromkeys(veto["id"] for veto in vetoes))):
        stored = store.conversions([number])[number]
        if stored.state.get("key"):
            names[stored.id] = f"{stored.kind} {stored.state['key']}"
    for veto in vetoes:
        if veto["id"] in names:
            veto["conversion"] = names[veto["id"]]
    return timeline


def _entries(store: Reading, records: Sequence[Record], firings: Mapping[str, Firing]) -> Iterator[Entry]:
    for firing in firings.values():
        if firing.state == "marked":
            yield {"at": _instant(firing.at), "what": "mark", "for": _meant(firing)}
    for record in records:
        yield _copy(record)
        yield from (_decision(record, row) for row in record["tags"] if row["decision"] != "not_triggered")
        yield from (_delivery(found) for found in store.deliveries(record["id"]))


def _moment(entry: Entry) -> tuple[str, int]:
    return entry["at"], _ORDER.index(entry["what"])


def _meant(firing: Firing) -> str:
    """What a mark speaks for: "" for everything, a tag's id, or a target."""
    if firing.target == EVERYWHERE:
        return ""
    return firing.tag or firing.target


def _copy(record: Record) -> Entry:
    """A copy's arrival; or the end of a wait, which has a record of its own."""
    conversion, request = record.get("conversion") or {}, record.get("request") or {}
    notes = [note for note in record.get("notes", ()) if note != WAITED]
    if len(notes) != len(record.get("notes", ())):
        # the record has the id of the moment in which it was decided, and the request of the newest copy
        return {"at": _instant(_told_at(record["id"])), "what": "wait_over", "record": record["id"], "notes": notes}
    return {
        "at": record["received"],
        "what": "copy",
        "record": record["id"],
        "event": record["event"]["name"],
        "client": request.get("client", ""),
        "source": request.get("source", ""),
        "request": f"{request.get('method', '')} {request.get('path', '')}".strip(),
        "copy": conversion.get("copy"),
        "matched_by": conversion.get("matched_by", ""),
        "ambiguous": bool(conversion.get("ambiguous")),
        "vetoed": conversion.get("vetoed", []),
        "united": conversion.get("united", []),
        "repeat": conversion.get("repeat", ""),
        "notes": notes,
    }


def _decision(record: Record, row: Mapping[str, Any]) -> Entry:
    waited = WAITED in record.get("notes", ())
    return {
        "at": _instant(_told_at(record["id"])) if waited else record["received"],
        "what": "decision",
        "record": record["id"],
        "tag": row["tag"],
        "destination": row.get("destination", ""),
        "target": row.get("target", ""),
        "decision": row["decision"],
        "reason": row.get("reason", ""),
        "until": row.get("until"),
        "place": row.get("at", ""),
    }


def _delivery(found: Delivery) -> Entry:
    return {
        "at": _instant(found.at),
        "what": "delivery",
        "record": found.record,
        "tag": found.tag,
        "destination": found.destination,
        "target": masked_text(found.target),
        "outcome": found.outcome,
        "status": found.status,
        "reason": masked_text(found.reason),
        "attempt": found.attempt,
        "took": round(found.took, 4),
    }


def _queued(store: Reading, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What the outbox holds; what waits behind a call whose credentials were refused says so."""
    held = {one.row.call.account for one in store.failures() if one.row.state == "stopped"} if rows else set()
    return [_in_outbox(row, row.state == "queued" and row.call.account in held) for row in rows]


def _in_outbox(row: Row, stopped: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "tag": row.call.tag,
        "destination": row.call.destination,
        "target": masked_text(row.call.target),
        "state": row.state,
        "due": _instant(row.due) if row.state == "queued" else None,
        "account_stopped": stopped,
        "attempts": row.attempts,
        "reason": masked_text(row.reason),
    }


def _fields(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The merged view as tags saw it last, and where each field came from: merged again from the masked records."""
    copies = [_event(record) for record in records if not (record.get("conversion") or {}).get("repeat")]
    if not copies:
        return []
    data, origins = merge(sorted(copies, key=lambda copy: copy.request.received))
    only = copies[0].request.source
    return [
        {"name": name, "value": value, "from": origins.get(name, only)}
        for name, value in sorted(data.items())
        if name not in _QUIET
    ]


def _event(record: Record) -> Event:
    request = record.get("request") or {}
    received = datetime.fromisoformat(record["received"]).timestamp()
    told = Request(client=request.get("client", ""), source=request.get("source", ""), received=received)
    return Event(record["id"], record["event"].get("data") or {}, told)


def _untriggered(records: Sequence[Record]) -> dict[str, str]:
    """Tags that no copy triggered, with the newest reason."""
    reasons: dict[str, str] = {}
    triggered = set()
    for record in records:
        for row in record["tags"]:
            if row["decision"] == "not_triggered":
                reasons[row["tag"]] = _why(row)
            else:
                triggered.add(row["tag"])
    return {tag: reason for tag, reason in sorted(reasons.items()) if tag not in triggered}


def _why(row: Mapping[str, Any]) -> str:
    failed = [check["check"] for check in row.get("checks", ()) if not check.get("passed")]
    return str(row.get("reason") or "; ".join(map(str, failed)))


_DIGITS = {digit: at for at, digit in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


def _told_at(id: str) -> float:
    """The time in a record's id (a ULID), Unix seconds."""
    ms = 0
    for digit in id[:10]:
        ms = ms * 32 + _DIGITS.get(digit, 0)
    return ms / 1000


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
