"""Every change of the ledger in memory, remembered so that a failed piece of work can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from container.call import Call
from container.conversion import Firing
from container.encoding import encode, load
from container.ledger.interface import Delivery, Expiring, Held, Row, Settlement, Stored, Writing
from container.ledger.memory.forgetting import Forgetting
from container.ledger.memory.reading import MemoryReading
from container.ledger.rows import UNSENT, later_states, superfluous

T = TypeVar("T")

_MISSING: Any = object()


class MemoryWriting(MemoryReading, Forgetting):
    """Every change, and the way back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._undo: list[Callable[[], None]] = []
        self._numbers = 0
        self._ids = 0

    def transaction(self, work: Callable[[Writing], T]) -> T:
        """Run `work`; take back all it did when it fails."""
        self._undo = []
        try:
            return work(self)
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            raise

    def _set(self, table: Any, key: Any, value: Any) -> None:
        old = table.get(key, _MISSING)
        self._undo.append(lambda: table.pop(key, None) if old is _MISSING else table.__setitem__(key, old))
        if value is _MISSING:
            table.pop(key, None)
        else:
            table[key] = value

    def _forget(self, table: Any, key: Any) -> None:
        self._set(table, key, _MISSING)

    def open(self, id: str, kind: str, first: float, expires: float, state: Mapping[str, Any]) -> int:
        self._numbers += 1
        stored = Stored(self._numbers, id, kind, 1, first, expires, load(encode(state)))
        self._set(self.stored, self._numbers, stored)
        return self._numbers

    def save(self, stored: Stored) -> None:
        state = load(encode(stored.state))
        self._set(self.stored, stored.number, replace(stored, version=stored.version + 1, state=state))

    def name(self, number: int, names: Iterable[Expiring], hints: Iterable[Expiring]) -> None:
        for table, rows in ((self.names, names), (self.hints, hints)):
            for hash, expires in rows:
                known = table.get(hash, {})
                self._set(table, hash, {**known, number: max(expires, known.get(number, 0.0))})

    def unite(self, older: int, younger: int) -> None:
        self._set(self.stored, younger, older)
        self._set(self.fired, older, {**self.fired.get(older, {}), **self.fired.get(younger, {})})
        self._forget(self.fired, younger)
        self._unite_copies(older, younger)
        held = {tag: replace(one, conversion=older) for tag, one in self.holding.get(younger, {}).items()}
        self._set(self.holding, older, {**held, **self.holding.get(older, {})})
        self._forget(self.holding, younger)
        for row in self.rows(younger):
            self._set(self.outbox, row.id, replace(row, conversion=older))
        for id, (kept_as, owner, record) in list(self.kept.items()):
            if owner == younger:
                self._set(self.kept, id, (kept_as, older, record))

    def _unite_copies(self, older: int, younger: int) -> None:
        mine, theirs = self.copies_kept.get(older, {}), self.copies_kept.get(younger, {})
        if theirs:
            last = max(mine, default=0)
            self._keep_copies(older, {**mine, **{last + copy: kept for copy, kept in theirs.items()}})
            self._forget(self.copies_kept, younger)

    def _keep_copies(self, number: int, copies: dict[int, tuple[float, bytes]]) -> None:
        many = superfluous(sorted(copies))
        self._set(self.copies_kept, number, {copy: kept for copy, kept in copies.items() if copy not in many})

    def fire(self, number: int, firing: Firing) -> None:
        fired = self.fired.get(number, {})
        self._set(self.fired, number, {**fired, (firing.target, firing.record): firing})

    def void(self, number: int, target: str, record: str) -> None:
        self._mark(number, target, record, "void")

    def _mark(self, number: int, target: str, record: str, state: str) -> None:
        firing = self.fired.get(number, {}).get((target, record))
        if firing is not None:
            self.fire(number, replace(firing, state=state))
        self._touch(number)

    def _touch(self, number: int) -> None:
        """Whoever has decided on the conversion as it was decides again."""
        stored = self.stored.get(number)
        if isinstance(stored, Stored):
            self._set(self.stored, number, replace(stored, version=stored.version + 1))

    def queue(self, number: int | None, record: str, call: Call, now: float) -> Row:
        self._ids += 1
        row = Row(self._ids, number, record, call, created=now, due=now)
        self._set(self.outbox, row.id, row)
        return row

    def cancel(self, number: int, consent: Iterable[str]) -> list[Row]:
        denied = set(consent)
        rows = [
            row
            for row in self.rows(number)
            if row.state in UNSENT and denied.intersection(row.call.consent)
        ]
        for row in rows:
            self._forget(self.outbox, row.id)
            self.void(number, row.call.target, row.record)
        return rows

    def add_copy(self, number: int, blob: bytes, expires: float, first: bool = False) -> None:
        copies = self.copies_kept.get(number, {})
        self._keep_copies(number, {**copies, max(copies, default=0) + 1: (expires, blob)})

    def hold(self, held: Held) -> None:
        self._set(self.holding, held.conversion, {**self.holding.get(held.conversion, {}), held.tag: held})

    def release(self, number: int, tag: str) -> None:
        left = {one: held for one, held in self.holding.get(number, {}).items() if one != tag}
        self._set(self.holding, number, left or _MISSING)

    def keep(self, id: str, kept_as: str, number: int | None, at: float, record: bytes) -> None:
        self._set(self.kept, id, (kept_as, number, record))

    def attempt(self, owner: str, ids: Sequence[int], now: float) -> list[int]:
        taken = sorted(id for id in ids if id in self.outbox and self.outbox[id].state == "queued")
        for id in taken:
            row = self.outbox[id]
            first = now if row.first_attempt is None else row.first_attempt
            self._set(self.outbox, id, replace(row, state="sending", attempts=row.attempts + 1, first_attempt=first))
            self._set(self.owners, id, owner)
        return taken

    def settle(self, settlements: Sequence[Settlement]) -> None:
        for settled in settlements:
            self._settle(settled)

    def _settle(self, settled: Settlement) -> None:
        row, call = settled.row, settled.row.call
        told = Delivery(
            row.record, call.tag, call.destination, call.target, settled.at, settled.outcome, settled.status,
            settled.reason, row.attempts, settled.took,
        )  # fmt: skip
        self._set(self.delivered, row.record, (*self.delivered.get(row.record, ()), told))
        state = later_states(settled.outcome)
        kept = self.outbox.get(row.id)
        if kept is None:
            return
        if state is None:
            for table in (self.outbox, self.owners, self.since):
                self._forget(table, row.id)
            return
        orphaned = kept.orphaned + int(settled.orphaned)
        self._set(
            self.outbox, row.id, replace(kept, state=state, due=settled.due, reason=settled.reason, orphaned=orphaned)
        )
        self._set(self.since, row.id, self.since.get(row.id, settled.at))
        if state in ("refused", "expired") and kept.conversion is not None:
            self.void(kept.conversion, call.target, row.record)

    def requeue(self, ids: Sequence[int], now: float) -> list[int]:
        return [id for id in ids if self._requeue(id, now)]

    def _requeue(self, id: int, now: float) -> bool:
        row = self.outbox.get(id)
        if row is None or row.state in ("queued", "sending"):
            return False
        if row.conversion is not None:
            fired = self.fired.get(row.conversion, {}).values()
            if any(one.target == row.call.target and one.record != row.record and one.state != "void" for one in fired):
                return False  # another copy has fired for this target since
            self._mark(row.conversion, row.call.target, row.record, "live")
        fresh = replace(row, state="queued", due=now, first_attempt=None, orphaned=0, attempts=0)
        self._set(self.outbox, id, fresh)
        return True

    def drop(self, ids: Sequence[int]) -> list[int]:
        gone = sorted(id for id in ids if id in self.outbox and self.outbox[id].state != "sending")
        for id in gone:
            for table in (self.outbox, self.owners, self.since):
                self._forget(table, id)
        return gone

    def resume(self, account: str, now: float) -> int:
        rows = [row for row in self.outbox.values() if row.state == "stopped" and row.call.account == account]
        for row in rows:
            self._set(self.outbox, row.id, replace(row, state="queued", due=now))
        return len(rows)

    def hasten(self, beyond: float, now: float) -> int:
        """Calls that would wait beyond that time are due now."""
        rows = [row for row in self.outbox.values() if row.state == "queued" and row.due > beyond]
        for row in rows:
            self._set(self.outbox, row.id, replace(row, due=now))
        return len(rows)

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the store itself."""
        self._set(self.facts, key, value)
