"""What happened in the world and may be told more than once, as one event's decision sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Firing:
    """One tag fired, once, for a conversion and target. `state`: live | shadow | void | marked (by `tagport mark`)."""

    target: str
    tag: str
    destination: str  # the tag's destination id, "" for the single call
    record: str  # id of the decision record that fired it
    state: str
    at: float


@dataclass(frozen=True, slots=True)
class Veto:
    """A conversion that something of a copy matched and that it is no copy of all the same."""

    id: str  # of the conversion
    by: str  # what matched: `event_id`, `email` …
    reason: str  # names nothing of the other's: it may be another person's


@dataclass  # not frozen, as that trebles the time it takes to make one; nobody changes it
class Conversion:
    """A conversion with this copy counted in: the input of the pure decision.

    Times are Unix seconds. `number` is the store's own (None: nothing is stored yet).
    """

    id: str
    kind: str  # `event` for events of no declared conversion
    data: Mapping[str, Any]  # the merged view of all copies
    number: int | None = None
    copy: int = 1
    matched_by: str = ""  # what recognised this copy: `transaction_id`, `event_id`, `email` …
    ambiguous: bool = False  # hints fitted several conversions
    vetoed: Sequence[Veto] = ()  # what else matched, and why it does not count
    united: Sequence[str] = ()  # ids of conversions that this copy shows to be the same
    doubts: Mapping[str, str] = field(default_factory=dict)  # what is told aloud of this copy (`dedup/doubts.py`)
    page_named: bool = False  # the first browser copy that names the order
    page_met: bool = False  # … and the first time that a browser copy with a name and a server copy are one
    repeat: str = ""  # why this is no copy at all (a vendor's retry, a bot): nothing fires
    lends_only: bool = False  # `data_from`: names and data, no tags
    first: float = 0.0  # arrival of the first copy that runs tags
    first_record: str = ""
    sources: frozenset[str] = frozenset()  # browser, server: of all copies
    clients: frozenset[str] = frozenset()
    consent: Mapping[str, bool] = field(default_factory=dict)  # stated by the copies, latest browser statement first
    key: str = ""  # the order name as it came
    event_id: str = ""
    transaction_id: str = ""
    timestamp: float = 0.0
    of: str = ""  # a refund's purchase: its conversion id
    firings: Mapping[str, Firing] = field(default_factory=dict)  # by target
    origins: Mapping[str, str] = field(default_factory=dict)  # field → source of the copy it came from
    late_after: float | None = None  # seconds from `first` after which a new tag no longer fires
    held: Mapping[str, float | None] = field(default_factory=dict)  # tags an earlier copy triggered → end of their wait
    waking: bool = False  # a wait is over: only the held tags are decided
    now: float = 0.0  # the time of this decision
    notes: Sequence[str] = ()

    @property
    def declared(self) -> bool:
        """Whether `conversions:` names this event."""
        return self.kind != "event"
