"""The decision record: the product's memory of why. Made while deciding, written once, read by every view."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from container.call import Call
from container.conversion import Conversion
from container.encoding import encode
from container.errors import Invalid
from container.event import Event
from container.masking import masked, masked_text

Check = Mapping[str, Any]
Checks = Callable[[], Iterable[Check]]  # made only when the record is

RECORD_MOST = 64 << 10  # bytes of a record in the store

DECISIONS = (
    "fired",
    "waiting",
    "suppressed",
    "consent",
    "blocked",
    "not_triggered",
    "invalid",
    "late",
    "shadow",
    "paused",
)


class Renders(Protocol):
    """A call that is worked out once it may fire. `render` raises `Invalid`."""

    @property
    def tag(self) -> str: ...
    @property
    def destination(self) -> str: ...
    @property
    def target(self) -> str: ...
    def render(self) -> Call: ...


@dataclass(slots=True)
class TagDecision:
    """What was decided for one tag (and one of its destinations)."""

    tag: str
    decision: str
    reason: str = ""
    destination: str = ""
    target: str = ""
    call: Call | None = None
    due: float | None = None  # `waiting`: until when, Unix seconds
    checks: Checks | None = None
    at: str = ""  # the tag's file and line

    def row(self, shown: Callable[[Check], Any] = masked) -> dict[str, Any]:
        """As it stands in the record. `shown` masks a check."""
        row: dict[str, Any] = {"tag": self.tag, "decision": self.decision}
        if self.destination:
            row["destination"] = self.destination
        if self.reason:
            row["reason"] = masked_text(self.reason)
        if self.target:
            row["target"] = masked_text(self.target)
        row["at"] = self.at
        row["checks"] = [shown(check) for check in self.checks()] if self.checks else []
        if self.due is not None:
            row["until"] = _instant(self.due)
        return row


@dataclass(slots=True)
class Decision:
    """One event's decision: which tags fire, and why the others do not."""

    event: Event
    conversion: Conversion
    container: str = ""
    config: str = ""
    tags: list[TagDecision] = field(default_factory=list)
    untriggered: Callable[[], Iterable[Mapping[str, Any]]] | None = None  # rows of the rest, made only for a record
    explain: Callable[[TagDecision], None] | None = None  # gives a tag's decision its place and checks
    notes: list[str] = field(default_factory=list)
    person: list[str] = field(default_factory=list)  # who it is about, as keyed hashes; only in the stored record

    def add(self, tag: TagDecision) -> None:
        """Note what was decided for a tag."""
        self.tags.append(tag)

    def fire(self, call: Renders) -> None:
        """Render the call and fire its tag; `invalid` where the vendor would refuse it or it may not leave."""
        try:
            rendered = call.render()
        except Invalid as error:
            self.add(TagDecision(call.tag, "invalid", str(error), call.destination, call.target))
            return
        verdict = "shadow" if rendered.shadow else "fired"
        self.add(TagDecision(call.tag, verdict, "", call.destination, call.target, rendered))

    @property
    def fired(self) -> list[TagDecision]:
        """The tags that fire, live and in shadow, in the order in which they were decided."""
        return [tag for tag in self.tags if tag.decision in ("fired", "shadow")]

    @property
    def calls(self) -> list[Call]:
        """What is to be sent."""
        return [tag.call for tag in self.tags if tag.decision == "fired" and tag.call is not None]

    def taken(self, target: str) -> bool:
        """Whether a tag of this very decision fires for the target already."""
        return any(tag.target == target and tag.decision in ("fired", "shadow") for tag in self.tags)

    def record(self) -> dict[str, Any]:
        """The record as it is kept (DESIGN §6): personal data masked, deliveries elsewhere."""
        request, conversion, shown = self.event.request, self.conversion, _Shown().of
        rest = list(self.untriggered()) if self.untriggered else []
        if self.explain:
            for tag in self.tags:
                self.explain(tag)
        told: dict[str, Any] = {
            "id": self.event.id,
            "received": _instant(request.received),
            "container": self.container,
            "config": self.config,
            "request": {
                "method": request.method,
                "path": masked_text(request.path),
                "client": request.client,
                "source": request.source,
            },
            "event": {"name": masked_text(self.event.name), "data": masked(self.event.data)},
            "conversion": _conversion(conversion),
            "consent": dict(conversion.consent),
            "tags": [*(tag.row(shown) for tag in self.tags), *rest],
        }
        said = (*self.event.notes, *conversion.notes, *conversion.doubts.values(), *self.notes)
        notes = [masked_text(note) for note in said]
        if notes:
            told["notes"] = notes
        return told

    def kept(self) -> bytes:
        """The record as the store keeps it. What would make it huge is left out: nobody can fill the disk with it."""
        record = self.record()
        if self.person:
            record["person"] = self.person
        encoded = encode(record)
        if len(encoded) <= RECORD_MOST:
            return encoded
        record["event"]["data"] = {}
        for row in record["tags"]:
            row["checks"] = []
        size = f"the event's data and the checks are left out: the record would have {len(encoded)} bytes"
        return encode({**record, "notes": [*record.get("notes", ()), size]})


class _Shown:
    """Checks with their personal data masked, each once: tags share those of their trigger."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Check, Any]] = {}  # by identity, which lasts as long as the check is held

    def of(self, check: Check) -> Any:
        """The check, masked."""
        known = self._known.get(id(check))
        if known is None:
            known = self._known[id(check)] = (check, masked(check))
        return known[1]


def _conversion(conversion: Conversion) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": conversion.kind, "id": conversion.id, "copy": conversion.copy}
    optional = {
        "matched_by": conversion.matched_by,
        "first": conversion.first_record,
        "transaction_id": conversion.transaction_id,
        "event_id": conversion.event_id,
        "ambiguous": conversion.ambiguous,
        "doubts": list(conversion.doubts),
        "of": conversion.of,
        "repeat": conversion.repeat,
        "united": list(conversion.united),
        "vetoed": [{"id": one.id, "by": one.by, "reason": one.reason} for one in conversion.vetoed],
    }
    told.update({key: masked(value) for key, value in optional.items() if value})
    if conversion.origins:
        told["origins"] = {masked_text(key): source for key, source in conversion.origins.items()}
    return told


def _instant(at: float) -> str:
    second, part = divmod(math.floor(at * 1000), 1000)
    return f"{_second(second)}.{part:03d}Z"


@lru_cache(64)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()[:19]
