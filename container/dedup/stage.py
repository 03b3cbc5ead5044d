"""The stage itself: recognise a copy, decide, and make the decision so in one write.

*Marked as fired* and *queued to send* are a single commit: neither lost (marked, never queued) nor doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from container.conversion import Conversion, Firing
from container.decision import Decision
from container.dedup.firing import may_fire
from container.dedup.identity import Identifier, Identity
from container.dedup.keys import Keys
from container.dedup.kinds import Kind, Kinds
from container.dedup.merging import lay_down, merge, pick_up
from container.dedup.recognition import Match, recognise
from container.dedup.state import State, clients_of, earliest, fixed, sources_of, stated_consent, with_copy
from container.encoding import encode
from container.event import Event, new_id
from container.language.expression import Scope, as_text
from container.ledger.interface import Held, Reading, Row, Store, Stored, Writing

Decide = Callable[[Event, Conversion], Decision]
ScopeOf = Callable[[Event, Conversion | None], Scope]
KeepAs = Callable[[Decision], str | None]  # the class a record is kept in; None: not kept

EVENT_KEPT = 48 * 3600.0  # how long the id of an event of no declared conversion is remembered
RETRY_KEPT = 7 * 86400.0  # how long a sender's id of a delivery is


@dataclass(frozen=True, slots=True)
class Seen:
    """A copy as it was recognised."""

    identity: Identity
    kind: Kind | None
    match: Match
    state: State
    conversion: Conversion

    @property
    def asks(self) -> bool:
        """Whether the store has anything to say about it."""
        return self.identity.known_by_something


@dataclass(frozen=True, slots=True)
class Written:
    """What one write did: the decisions as they stand, and the calls now in the outbox."""

    decisions: list[Decision]
    rows: list[Row]


class Dedup:
    """Recognises copies and lets each tag fire once for what they tell."""

    may_fire = staticmethod(may_fire)

    def __init__(self, store: Store, kinds: Kinds, keys: Keys, scope_of: ScopeOf, keep_as: KeepAs) -> None:
        self.store = store
        self.kinds = kinds
        self._keys = keys
        self._identify = Identifier(keys)
        self._scope_of = scope_of
        self._keep_as = keep_as

    def recognise(self, event: Event) -> Seen:
        """Which conversion is this a copy of? A read: `fire` asks again under the lock."""
        kind = self.kinds.of(event)
        if kind is None:
            identity = self._identify.of_event(event)
        else:
            identity = self._identify.of_copy(kind, event, self._scope_of(event, None))
        return self._seen(identity, kind, event, self.store)

    def _match(self, identity: Identity, kind: Kind | None, event: Event, ledger: Reading) -> Match:
        return recognise(identity, kind, event, ledger) if identity.known_by_something else Match()

    def _seen(self, identity: Identity, kind: Kind | None, event: Event, ledger: Reading) -> Seen:
        match = self._match(identity, kind, event, ledger)
        state = with_copy(match.stored, identity, kind, event, self._parent(identity, ledger))
        if kind is None:
            conversion = _plain(event, match, state, ledger)
        else:
            conversion = self._declared(kind, event, match, state, ledger)
        return Seen(identity, kind, match, state, conversion)

    def _parent(self, identity: Identity, ledger: Reading) -> str:
        found = ledger.find([mark.hash for mark in identity.parents], ()) if identity.parents else []
        parents = ledger.conversions(sorted({number for _, number in found})) if found else {}
        return next((stored.id for stored in parents.values()), "")

    def _declared(self, kind: Kind, event: Event, match: Match, state: State, ledger: Reading) -> Conversion:
        stored = match.stored[0] if match.stored else None
        repeat = _no_copy(kind, event, match)
        copies = [*self._copies(ledger, stored), event] if stored and not repeat else [event]
        held = {one.tag: one.due for one in ledger.held(stored.number)} if stored else {}
        return self._view(
            kind, event, copies, state, _known(event, match, state, ledger),
            repeat=repeat, lends_only=event.name in kind.data_from, held=held,
        )  # fmt: skip

    def _view(
        self, kind: Kind, event: Event, copies: Sequence[Event], state: State, known: dict[str, Any], **more: Any
    ) -> Conversion:
        """The conversion as the merged view of its copies shows it."""
        data, origins = merge(copies)
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
        event_id = kind.event_id(self._scope_of(event.with_data(data), None))
        first = earliest(state)
        return {
            "event_id": as_text(event_id) or transaction_id or id,
            "transaction_id": transaction_id,
            "timestamp": event.timestamp if first is None else first,
        }

    def _copies(self, ledger: Reading, stored: Stored) -> list[Event]:
        return [pick_up(self._keys.unseal(blob)) for blob in ledger.copies(stored.number)]

    async def fire(self, events: Sequence[Event], seen: Sequence[Seen], decide: Decide) -> Written:
        """Decide every event and write all of it in one transaction.

        A decision made on an outdated reading is made again under the lock. Raises `NotStored`.
        """
        decisions = [decide(event, one.conversion) for event, one in zip(events, seen, strict=True)]
        keep = [self._keep_as(decision) for decision in decisions]
        if not any(keep) and not any(_enters(one, made) for one, made in zip(seen, decisions, strict=True)):
            return Written(decisions, [])
        return await self.store.write(lambda ledger: self._write(ledger, events, seen, decisions, keep, decide))

    def _write(
        self,
        ledger: Writing,
        events: Sequence[Event],
        seen: Sequence[Seen],
        decisions: Sequence[Decision],
        keep: Sequence[str | None],
        decide: Decide,
    ) -> Written:
        written = Written([], [])
        for event, before, decision, kept_as in zip(events, seen, decisions, keep, strict=True):
            now = before
            if before.asks and self._changed(before, event, ledger):
                now = self._seen(before.identity, before.kind, event, ledger)
                decision = decide(event, now.conversion)
            number = self._enter(ledger, event, now, decision, written.rows) if _enters(now, decision) else None
            if kept_as:
                ledger.keep(event.id, kept_as, number, now.conversion.now, encode(decision.record()))
            written.decisions.append(decision)
        return written

    def _changed(self, seen: Seen, event: Event, ledger: Reading) -> bool:
        """Whether the store says anything else than when the decision was made."""
        return self._match(seen.identity, seen.kind, event, ledger).reading != seen.match.reading

    def _enter(self, ledger: Writing, event: Event, seen: Seen, decision: Decision, rows: list[Row]) -> int | None:
        """One copy and its decision into the store; the calls it queued go onto `rows`."""
        if decision.fired and "fixed" not in seen.state:
            seen.state["fixed"] = fixed(seen.conversion)
        number = self._remember(ledger, event, seen) if seen.asks or seen.kind else None
        _fire(ledger, number, event, decision, rows)
        if number is not None and seen.kind is not None:
            _hold(ledger, number, event, decision)
            _stop_refused(ledger, number, event, decision)
        return number

    def _remember(self, ledger: Writing, event: Event, seen: Seen) -> int:
        """The conversion, and all that further copies will be recognised by."""
        kind, identity, now = seen.kind, seen.identity, seen.conversion.now
        key, links = (kind.keep_key, kind.keep_links) if kind else (EVENT_KEPT, EVENT_KEPT)
        expires = now + (key if identity.names else links)
        if seen.match.stored:
            stored, *others = seen.match.stored
            number = stored.number
            for other in others:
                ledger.unite(number, other.number)
            ledger.save(replace(stored, state=seen.state, expires=max(expires, stored.expires)))
        else:
            number = ledger.open(seen.conversion.id, identity.kind, now, expires, seen.state)
        names = [(mark.hash, now + key) for mark in identity.names]
        names += [(mark.hash, now + links) for mark in identity.links]
        if identity.delivery:
            names.append((identity.delivery.hash, now + RETRY_KEPT))
        ledger.name(number, names, [(mark.hash, now + kind.within) for mark in identity.hints] if kind else [])
        if kind is not None:
            ledger.add_copy(number, self._keys.seal(lay_down(event)), now + max(kind.late, kind.within))
        return number

    async def wake(self, now: float, decide: Decide, most: int = 100) -> Written:
        """Decide the tags whose wait is over, each conversion in a record of its own."""
        numbers = sorted({held.conversion for held in self.store.waits_due(now, most)})
        if not numbers:
            return Written([], [])
        return await self.store.write(lambda ledger: self._wake(ledger, numbers, now, decide))

    def _wake(self, ledger: Writing, numbers: Sequence[int], now: float, decide: Decide) -> Written:
        written = Written([], [])
        for number in numbers:
            due = {one.tag: one.due for one in ledger.held(number) if one.due is not None and one.due <= now}
            stored = ledger.conversions([number]).get(number)
            copies = self._copies(ledger, stored) if stored else []
            for tag in due:
                ledger.release(number, tag)
            kind = self.kinds.by_id.get(stored.kind) if stored else None
            if not due or stored is None or kind is None or not copies:
                continue
            event = replace(copies[-1], id=new_id(now))
            known = _known(event, Match((stored,)), stored.state, ledger) | {"now": now}
            notes = ("decided when its wait ended",)
            view = self._view(kind, event, copies, stored.state, known | {"notes": notes}, held=due, waking=True)
            decision = decide(event, view)
            if decision.fired and "fixed" not in stored.state:
                stored.state["fixed"] = fixed(decision.conversion)
            ledger.save(stored)
            _fire(ledger, number, event, decision, written.rows)
            _hold(ledger, number, event, decision)
            ledger.keep(event.id, "conversion", number, now, encode(decision.record()))
            written.decisions.append(decision)
        return written


def _no_copy(kind: Kind | None, event: Event, match: Match) -> str:
    """Why this is no copy at all; empty: it is one."""
    if match.retry:
        return f"the sender's retry of a delivery that {match.stored[0].id} has recorded"
    if event.bot and kind is not None:
        return "sent by a bot (its user agent is a known crawler's)"
    return ""


def _notes(match: Match) -> list[str]:
    notes = ["hints fit several conversions, so none was chosen"] if match.ambiguous else []
    if len(match.stored) > 1:
        notes.append("this copy shows that " + " and ".join(one.id for one in match.stored) + " are one")
    return notes


def _known(event: Event, match: Match, state: State, ledger: Reading) -> dict[str, Any]:
    """What every conversion has, declared or not."""
    stored = match.stored[0] if match.stored else None
    return {
        "id": stored.id if stored else event.id,
        "number": stored.number if stored else None,
        "version": stored.version if stored else 0,
        "copy": state["count"],
        "matched_by": match.matched_by,
        "ambiguous": match.ambiguous,
        "first": stored.first if stored else event.request.received,
        "first_record": stored.id if stored else "",
        "firings": _firings(match, ledger),
        "now": event.request.received,
        "notes": _notes(match),
    }


def _plain(event: Event, match: Match, state: State, ledger: Reading) -> Conversion:
    """An event of no declared conversion: it is its own only copy."""
    known = _known(event, match, state, ledger)
    return Conversion(
        **known,
        kind="event",
        data=event.data,
        repeat=_no_copy(None, event, match),
        sources=frozenset((event.request.source,)),
        clients=frozenset((event.request.client,)),
        consent=event.consent,
        event_id=as_text(event.data.get("event_id")) or known["id"],
        transaction_id=as_text(event.data.get("transaction_id")) or "",
        timestamp=event.timestamp,
    )


def _firings(match: Match, ledger: Reading) -> dict[str, Firing]:
    """What has fired for any of them: the older's word before the younger's, a void one last."""
    found: dict[str, Firing] = {}
    for stored in match.stored:
        for target, one in ledger.firings(stored.number).items():
            if target not in found or found[target].state == "void":
                found[target] = one
    return found


def _enters(seen: Seen, decision: Decision) -> bool:
    """Whether the store has to remember anything: declared conversions always, other events when a tag fires."""
    return not seen.conversion.repeat and (seen.kind is not None or bool(decision.fired))


def _fire(ledger: Writing, number: int | None, event: Event, decision: Decision, rows: list[Row]) -> None:
    now = decision.conversion.now
    for tag in decision.fired:
        if number is not None:
            state = "live" if tag.decision == "fired" else "shadow"
            ledger.fire(number, Firing(tag.target, tag.tag, tag.destination, event.id, state, now))
        if tag.decision == "fired" and tag.call is not None:
            rows.append(ledger.queue(number, event.id, tag.call, now))


def _hold(ledger: Writing, number: int, event: Event, decision: Decision) -> None:
    """Keep the tags that are to be decided again, let go of those that were."""
    for tag in decision.tags:
        if tag.decision in ("waiting", "consent"):
            why = "wait" if tag.decision == "waiting" else "consent"
            ledger.hold(Held(number, tag.tag, why, event.id, tag.due))
        elif tag.tag in decision.conversion.held:
            ledger.release(number, tag.tag)


def _stop_refused(ledger: Writing, number: int, event: Event, decision: Decision) -> None:
    """A refusal stops what is queued unsent."""
    stated = decision.conversion.consent
    refused = [name for name, granted in event.consent.items() if not granted and stated.get(name) is False]
    for row in ledger.cancel(number, refused) if refused else ():
        reason = f"{row.call.tag} was queued and will not be sent: {', '.join(refused)} was refused"
        decision.notes.append(reason)


__all__ = ["Decide", "Dedup", "Seen", "Written"]
