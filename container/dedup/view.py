"""A copy as it was recognised, and the conversion that its decision sees: the merged view of all copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from container.conversion import Conversion, Firing
from container.dedup.doubts import Doubts, is_met, names_itself
from container.dedup.identity import Identity, tellable
from container.dedup.keys import Keys
from container.dedup.kinds import Kind
from container.dedup.merging import merge, pick_up
from container.dedup.recognition import UNKNOWN, Match, parent, recognise
from container.dedup.state import State, clients_of, earliest, sources_of, stated_consent, with_copy
from container.event import Event
from container.language.expression import Scope
from container.ledger.interface import Known, Stored

WAITED = "decided when its wait ended"  # the note of a record that is of no copy
ScopeOf = Callable[[Event, Conversion | None], Scope]


@dataclass(frozen=True, slots=True)
class Seen:
    """A copy as it was recognised."""

    identity: Identity
    kind: Kind | None
    match: Match
    state: State
    conversion: Conversion
    fresh: bool = False  # taken for new, without a look at the store

    @property
    def asks(self) -> bool:
        """Whether the store has anything to say about it."""
        return self.identity.known_by_something

    def outdated(self, event: Event, ledger: Known) -> bool:
        """Whether the store says anything else by now."""
        if not self.asks:
            return False
        if recognise(self.identity, self.kind, event, ledger).reading != self.match.reading:
            return True
        return bool(self.identity.parents) and not self.state["of"] and parent(self.identity, event, ledger) is not None


class Views:
    """Sees copies, and conversions whose wait is over, as decisions see them."""

    def __init__(self, keys: Keys, scope_of: ScopeOf) -> None:
        self._keys = keys
        self._scope_of = scope_of

    def of_copy(
        self, identity: Identity, kind: Kind | None, event: Event, ledger: Known, *, fresh: bool = False
    ) -> Seen:
        """What this copy is a copy of, with it counted in. `fresh`: of nothing that is known; nobody is asked."""
        match = UNKNOWN if fresh else recognise(identity, kind, event, ledger)
        state = with_copy(match.stored, identity, kind, event, None if fresh else parent(identity, event, ledger))
        if kind is None:
            conversion = _plain(event, match, state, ledger)
        else:
            conversion = self._declared(kind, identity, event, match, state, ledger)
        return Seen(identity, kind, match, state, conversion, fresh)

    def of_wait(
        self, kind: Kind, stored: Stored, due: Mapping[str, float], now: float, id: str, ledger: Known
    ) -> tuple[Event, Conversion] | None:
        """The newest copy that runs tags, under the record id `id`, and the conversion; None: no copy is left."""
        copies = self._copies((stored,), ledger)
        telling = [copy for copy in copies if copy.name not in kind.data_from]
        if not telling:
            return None
        event = _renamed(telling[-1], id)
        known = _known(event, Match((stored,)), stored.state, ledger)
        known |= {"now": now, "notes": (WAITED,)}
        return event, self._view(kind, event, copies, stored.state, known, held=due, waking=True)

    def _declared(
        self, kind: Kind, identity: Identity, event: Event, match: Match, state: State, ledger: Known
    ) -> Conversion:
        known = _known(event, match, state, ledger)
        held = {one.tag: one.due for stored in reversed(match.stored) for one in ledger.held(stored.number)}
        more = {"lends_only": event.name in kind.data_from, "held": held}
        if repeat := _no_copy(kind, event, match):
            return self._view(kind, event, [event], state, known, repeat=repeat, **more)
        earlier = self._copies(match.stored, ledger)
        known["doubts"] = Doubts(kind, identity, event, match, earlier, self._scope_of).told(ledger)
        known |= _page_key(match, state)
        return self._view(kind, event, [*earlier, event], state, known, **more)

    def _copies(self, conversions: Sequence[Stored], ledger: Known) -> list[Event]:
        """All stored copies in order of arrival."""
        blobs = [blob for stored in conversions for blob in ledger.copies(stored.number)]
        copies = [pick_up(self._keys.unseal(blob)) for blob in blobs]
        return sorted(copies, key=lambda copy: copy.request.received)

    def _view(
        self, kind: Kind, event: Event, copies: Sequence[Event], state: State, known: dict[str, Any], **more: Any
    ) -> Conversion:
        """The conversion as the merged view of its copies shows it, under the name of the copy that is decided."""
        data, origins = merge(copies)
        if data.get("event_name") != event.name:
            data = {**data, "event_name": event.name}
        told = state.get("fixed") or self._told(kind, event, data, state, known["id"])
        return Conversion(
            **known,
            **more,
            **told,
            kind=kind.id,
            data=data,
            origins=origins,
            sources=sources_of(state),
            clients=clients_of(state),
            consent=stated_consent(state),
            key=state["key"],
            of=state["of"],
            late_after=kind.late,
        )

    def _told(self, kind: Kind, event: Event, data: Mapping[str, Any], state: State, id: str) -> State:
        """What vendors are told of it, until the first firing fixes that."""
        transaction_id = state.get("page") or state["key"]
        copy = event if data is event.data else event.with_data(data)
        event_id = kind.event_id(self._scope_of(copy, None))
        first = earliest(state)
        return {
            "event_id": tellable(event_id) or transaction_id or id,
            "transaction_id": transaction_id,
            "timestamp": event.timestamp if first is None else first,
        }


def _renamed(event: Event, id: str) -> Event:
    return Event(id, event.data, event.request, event.names, event.consent)


def _no_copy(kind: Kind | None, event: Event, match: Match) -> str:
    """Why this is no copy at all (empty: it is one)."""
    if match.retry:
        return f"the sender's retry of a delivery that {match.stored[0].id} has recorded"
    if event.bot and kind is not None:
        return "sent by a bot (its user agent is a known crawler's)"
    return ""


def _notes(match: Match) -> list[str]:
    if len(match.stored) < 2:
        return []
    return ["this copy shows that " + " and ".join(one.id for one in match.stored) + " are one"]


def _page_key(match: Match, state: State) -> dict[str, bool]:
    """Whether this copy brings the page's name of the order, and whether it brings page and shop together."""
    before = [stored.state for stored in match.stored]
    return {
        "page_named": names_itself(state) and not any(map(names_itself, before)),
        "page_met": is_met(state) and not any(map(is_met, before)),
    }


def _known(event: Event, match: Match, state: State, ledger: Known) -> dict[str, Any]:
    """What every conversion has, declared or not."""
    stored = match.stored[0] if match.stored else None
    return {
        "id": stored.id if stored else event.id,
        "number": stored.number if stored else None,
        "copy": state["count"],
        "matched_by": match.matched_by,
        "ambiguous": match.ambiguous,
        "vetoed": match.vetoed,
        "united": tuple(one.id for one in match.stored[1:]),
        "first": state.get("told", stored.first if stored else event.request.received),
        "first_record": stored.id if stored else "",
        "firings": _firings(match, ledger),
        "now": event.request.received,
        "notes": _notes(match),
    }


def _plain(event: Event, match: Match, state: State, ledger: Known) -> Conversion:
    """An event of no declared conversion: it is its own only copy."""
    request, data = event.request, event.data
    found = Conversion(
        id=event.id,
        kind="event",
        data=data,
        first=request.received,
        sources=frozenset((request.source,)),
        clients=frozenset((request.client,)),
        consent=event.consent,
        event_id=(tellable(data["event_id"]) if "event_id" in data else "") or event.id,
        transaction_id=tellable(data["transaction_id"]) if "transaction_id" in data else "",
        timestamp=event.timestamp,
        now=request.received,
    )
    if not match.stored:
        return found
    known = _known(event, match, state, ledger)
    event_id = tellable(data.get("event_id")) or known["id"]
    return replace(found, **known, event_id=event_id, repeat=_no_copy(None, event, match))


def _firings(match: Match, ledger: Known) -> dict[str, Firing]:
    """What has fired for any of them: the older's word before the younger's, a void one last."""
    found: dict[str, Firing] = {}
    for stored in match.stored:
        for target, one in ledger.firings(stored.number).items():
            if target not in found or found[target].state == "void":
                found[target] = one
    return found
