"""The stage itself: recognise a copy, decide, and make the decision so in one write.

*Marked as fired* and *queued to send* are a single commit: neither lost (marked, never queued) nor doubled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from container.decision import Decision
from container.dedup.entering import enter, enters, fire, hold
from container.dedup.firing import may_fire
from container.dedup.identity import Identifier
from container.dedup.keys import Keys
from container.dedup.kinds import Kinds
from container.dedup.marking import Elsewhere, Marked, mark
from container.dedup.recent import Recent
from container.dedup.rounds import Copy, Decide, Rounds, Written
from container.dedup.state import fixed
from container.dedup.view import ScopeOf, Seen, Views
from container.event import Event, new_id
from container.ledger.interface import Known, Store, Writing

KeepAs = Callable[[Decision], str | None]  # the class a record is kept in; None: not kept

log = logging.getLogger("tagport.dedup")


class Dedup:
    """Recognises copies and lets each tag fire once for what they tell."""

    may_fire = staticmethod(may_fire)

    def __init__(self, store: Store, kinds: Kinds, keys: Keys, scope_of: ScopeOf, keep_as: KeepAs) -> None:
        self.store = store
        self.kinds = kinds
        self._keys = keys
        self._identify = Identifier(keys)
        self._scope_of = scope_of
        self._views = Views(keys, scope_of)
        self._keep_as = keep_as
        self._recent = Recent()
        self._rounds = Rounds(store, (self._recognise, self._judge), self._write)

    def fire(self, events: Sequence[Event], decide: Decide) -> Coroutine[Any, Any, Written]:
        """Recognise and decide the events of one request, and write all of it in one transaction.

        A decision made on an outdated reading is made again under the lock. Raises `NotStored`.
        """
        copies = [Copy(event, decide) for event in events]
        return self._rounds.take(copies, at_once=not any(map(self.kinds.of, events)))

    def recognise(self, event: Event) -> Seen:
        """Which conversion is this a copy of? A read, where it may be one of any: `write` asks again under the lock."""
        kind = self.kinds.of(event)
        if kind is None:
            identity = self._identify.of_event(event)
        else:
            identity = self._identify.of_copy(kind, event, self._scope_of(event, None))
        return self._views.of_copy(identity, kind, event, self.store, fresh=not self._recent.knows(identity))

    def _recognise(self, copy: Copy) -> None:
        copy.seen = self.recognise(copy.event)

    def _judge(self, copy: Copy) -> None:
        self._decide(copy)
        writes = bool(copy.kept_as) or enters(copy.seen, copy.decision)
        copy.writes = writes or copy.seen.outdated(copy.event, self.store)

    def _decide(self, copy: Copy) -> None:
        copy.decision = copy.decide(copy.event, copy.seen.conversion)
        copy.kept_as = self._keep_as(copy.decision)

    def _write(self, ledger: Writing, copies: Sequence[Copy]) -> None:
        """In order of arrival; what is new needs no second look."""
        new = _new(ledger, copies)
        for copy in copies:
            if copy not in new and copy.seen.outdated(copy.event, ledger):
                copy.seen = self._views.of_copy(copy.seen.identity, copy.seen.kind, copy.event, ledger)
                self._decide(copy)
            self._enter(ledger, copy)
        for copy in copies:
            if copy.kept_as:
                decision = copy.decision
                decision.person = self._identify.person(self._scope_of(copy.event, None))
                ledger.keep(copy.event.id, copy.kept_as, copy.number, decision.conversion.now, decision.kept())

    def _enter(self, ledger: Writing, copy: Copy) -> None:
        copy.rows, copy.number = [], copy.seen.conversion.number
        if enters(copy.seen, copy.decision):
            copy.number = enter(ledger, self._keys, copy.event, copy.seen, copy.decision, copy.rows)

    async def mark(self, orders: Sequence[Elsewhere]) -> list[Marked | None]:
        """Orders that another system has sent count as fired, in one write. None: nothing names it."""
        known = [self._identify.of_copy(one.kind, one.event, self._scope_of(one.event, None)) for one in orders]
        return await self.store.write(
            lambda ledger: [mark(ledger, one, identity) for one, identity in zip(orders, known, strict=True)]
        )

    async def wake(
        self, now: float, decide: Decide, longest: Mapping[str, float] | None = None, most: int = 100
    ) -> Written:
        """Decide the tags whose wait is over, each conversion in a record and a piece of work of its own.

        `longest`: how many seconds a tag may wait. A wait that began under a clock that ran ahead ends in that time.
        """
        if longest is not None:
            await self._cut_short(now, longest, most)
        numbers = sorted({held.conversion for held in self.store.waits_due(now, most)})
        work = [partial(self._wake, number=number, now=now, decide=decide) for number in numbers]
        done = await asyncio.gather(*(self.store.write(one) for one in work), return_exceptions=True)
        written = Written([], [])
        for number, one in zip(numbers, done, strict=True):
            if isinstance(one, BaseException):
                log.error("the wait of conversion %s was not decided, and will be tried again: %r", number, one)
            else:
                written.decisions.extend(one.decisions)
                written.rows.extend(one.rows)
        return written

    async def _cut_short(self, now: float, longest: Mapping[str, float], most: int) -> None:
        beyond = now + max(longest.values(), default=0.0)
        if not self.store.waits_beyond(beyond, most):
            return

        def work(ledger: Writing) -> None:
            for held in ledger.waits_beyond(beyond, most):
                ledger.hold(replace(held, due=now + longest.get(held.tag, 0.0)))

        await self.store.write(work)

    def _wake(self, ledger: Writing, number: int, now: float, decide: Decide) -> Written:
        written = Written([], [])
        due = {one.tag: one.due for one in ledger.held(number) if one.due is not None and one.due <= now}
        for tag in due:
            ledger.release(number, tag)
        stored = ledger.conversions([number]).get(number) if due else None
        kind = self.kinds.by_id.get(stored.kind) if stored else None
        view = self._views.of_wait(kind, stored, due, now, new_id(now), ledger) if kind and stored else None
        if stored is None or view is None:
            return written
        event, conversion = view
        decision = decide(event, conversion)
        if decision.fired and "fixed" not in stored.state:
            stored.state["fixed"] = fixed(conversion)
        ledger.save(stored)
        fire(ledger, number, event, decision, written.rows)
        hold(ledger, number, event, decision)
        decision.person = self._identify.person(self._scope_of(event, None))
        ledger.keep(event.id, "conversion", number, now, decision.kept())
        written.decisions.append(decision)
        return written


def _new(ledger: Known, copies: Sequence[Copy]) -> set[Copy]:
    """The copies of which neither the store nor a copy before them knows any mark: one question for all of them."""
    fresh: list[tuple[Copy, list[bytes]]] = []
    asked: list[bytes] = []
    hints: list[bytes] = []
    known: set[bytes] = set()
    for copy in copies:
        identity = copy.seen.identity
        hashes = identity.hashes
        if copy.seen.fresh and known.isdisjoint(hashes):
            fresh.append((copy, hashes))
            asked += identity.asked
            hints += [mark.hash for mark in identity.hints]
        known.update(hashes)
    found: set[bytes] = set()
    if asked or hints:
        earliest = min(copy.event.request.received for copy, _ in fresh)
        found = {hash for hash, _ in ledger.find(asked, hints, earliest)}
    return {copy for copy, hashes in fresh if found.isdisjoint(hashes)}


__all__ = ["Decide", "Dedup", "Seen", "Written"]
