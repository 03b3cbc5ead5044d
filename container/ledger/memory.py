"""The ledger in memory: for `preview`, route tests and `serve --ephemeral`. The same answers, until the process ends.

Names, hints and stored copies are kept in tables that forget by themselves when their time is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cachetools import TLRUCache

from container.call import Call
from container.conversion import Firing
from container.encoding import encode, load
from container.ledger.interface import Delivery, Expiring, Failure, Held, Row, Settlement, Stored, Writing
from container.ledger.rows import ENDED, QUOTAS, later_states

T = TypeVar("T")

MOST = 1_000_000  # entries of one table; the oldest go first
_MISSING: Any = object()


def _until(key: Any, value: Any, now: float) -> float:
    """When an entry of a forgetting table goes: the latest time of what it holds."""
    return max(value.values()) if isinstance(value, dict) else float(value[0])


class MemoryReading:
    """Every question, over plain tables."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.names: Any = TLRUCache(MOST, ttu=_until, timer=clock)  # hash → {number: expires}
        self.hints: Any = TLRUCache(MOST, ttu=_until, timer=clock)
        self.copies_kept: Any = TLRUCache(MOST, ttu=_until, timer=clock)  # (number, copy) → (expires, blob)
        self.stored: dict[int, Stored | int] = {}  # a number: united under it
        self.fired: dict[int, dict[str, Firing]] = {}
        self.holding: dict[tuple[int, str], Held] = {}
        self.outbox: dict[int, Row] = {}
        self.owners: dict[int, str] = {}
        self.since: dict[int, float] = {}
        self.kept: dict[str, tuple[str, int | None, bytes]] = {}
        self.delivered: dict[str, tuple[Delivery, ...]] = {}
        self.facts: dict[str, str] = {}

    def find(self, names: Sequence[bytes], hints: Sequence[bytes]) -> list[tuple[bytes, int]]:
        now = self._clock()
        return [
            (hash, number)
            for table, hashes in ((self.names, names), (self.hints, hints))
            for hash in hashes
            for number, expires in table.get(hash, {}).items()
            if expires > now
        ]

    def conversions(self, numbers: Iterable[int]) -> dict[int, Stored]:
        found = {}
        for number in numbers:
            stored = self.stored.get(number)
            while isinstance(stored, int):
                stored = self.stored.get(stored)
            if stored is not None:
                found[number] = replace(stored, state=load(encode(stored.state)))
        return found

    def conversion_numbers(self, ids: Sequence[str]) -> list[int]:
        """The numbers of conversions by their public ids."""
        return [number for number, stored in self.stored.items() if isinstance(stored, Stored) and stored.id in ids]

    def firings(self, number: int) -> dict[str, Firing]:
        return dict(self.fired.get(number, {}))

    def copies(self, number: int) -> list[bytes]:
        mine = sorted(key for key in list(self.copies_kept) if key[0] == number)
        return [kept[1] for key in mine if (kept := self.copies_kept.get(key))]

    def held(self, number: int) -> list[Held]:
        return sorted((h for h in self.holding.values() if h.conversion == number), key=lambda h: h.tag)

    def waits_due(self, now: float, most: int) -> list[Held]:
        due = [h for h in self.holding.values() if h.due is not None and h.due <= now]
        return sorted(due, key=lambda h: h.due or 0)[:most]

    def record(self, id: str) -> Mapping[str, Any] | None:
        return load(self.kept[id][2]) if id in self.kept else None

    def records(self, number: int) -> list[Mapping[str, Any]]:
        return [load(record) for _, (_, owner, record) in sorted(self.kept.items()) if owner == number]

    def recent(self, most: int) -> list[Mapping[str, Any]]:
        return [load(record) for _, (_, _, record) in sorted(self.kept.items(), reverse=True)[:most]]

    def deliveries(self, record: str) -> list[Delivery]:
        return list(self.delivered.get(record, ()))

    def due(self, now: float, most: int, after: int = 0, account: str | None = None) -> list[Row]:
        due = [row for row in self.outbox.values() if row.state == "queued" and row.due <= now and row.id > after]
        return [row for row in due if account in (None, row.call.account)][:most]

    def queued(self) -> dict[str, float]:
        """Each account's earliest due time."""
        earliest: dict[str, float] = {}
        for row in self.outbox.values():
            if row.state == "queued":
                account = row.call.account
                earliest[account] = min(row.due, earliest.get(account, row.due))
        return earliest

    def rows(self, conversion: int) -> list[Row]:
        return [row for row in self.outbox.values() if row.conversion == conversion]

    def sending(self) -> list[tuple[str, Row]]:
        return [(self.owners[row.id], row) for row in self.outbox.values() if row.state == "sending"]

    def failures(self) -> list[Failure]:
        return [Failure(row, self.since[row.id]) for row in self.outbox.values() if row.state in ENDED]

    def depth(self) -> tuple[int, float | None]:
        waiting = [row.created for row in self.outbox.values() if row.state in ("queued", "sending")]
        return len(waiting), min(waiting, default=None)

    def meta(self, key: str) -> str | None:
        """A fact about the store itself."""
        return self.facts.get(key)


class MemoryWriting(MemoryReading):
    """Every change, remembered so that a failed piece of work can be taken back."""

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
        live = {target: one for target, one in self.firings(younger).items() if one.state != "void"}
        first = {target: one for target, one in self.firings(older).items() if one.state != "void"}
        self._set(self.fired, older, {**self.firings(older), **live, **first})
        last = max((key[1] for key in list(self.copies_kept) if key[0] == older), default=0)
        for key in sorted(key for key in list(self.copies_kept) if key[0] == younger):
            self._set(self.copies_kept, (older, last + key[1]), self.copies_kept[key])
            self._forget(self.copies_kept, key)
        for held in self.held(younger):
            self._forget(self.holding, (younger, held.tag))
            if (older, held.tag) not in self.holding:
                self._set(self.holding, (older, held.tag), replace(held, conversion=older))
        for row in self.rows(younger):
            self._set(self.outbox, row.id, replace(row, conversion=older))
        for id, (kept_as, owner, record) in list(self.kept.items()):
            if owner == younger:
                self._set(self.kept, id, (kept_as, older, record))

    def fire(self, number: int, firing: Firing) -> None:
        self._set(self.fired, number, {**self.firings(number), firing.target: firing})

    def void(self, number: int, target: str) -> None:
        firing = self.fired.get(number, {}).get(target)
        if firing is not None:
            self.fire(number, replace(firing, state="void"))
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
            if row.state in ("queued", "stopped") and denied.intersection(row.call.consent)
        ]
        for row in rows:
            self._forget(self.outbox, row.id)
            self.void(number, row.call.target)
        return rows

    def add_copy(self, number: int, blob: bytes, expires: float) -> None:
        last = max((key[1] for key in list(self.copies_kept) if key[0] == number), default=0)
        self._set(self.copies_kept, (number, last + 1), (expires, blob))

    def hold(self, held: Held) -> None:
        self._set(self.holding, (held.conversion, held.tag), held)

    def release(self, number: int, tag: str) -> None:
        self._forget(self.holding, (number, tag))

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
            self._forget(self.outbox, row.id)
            return
        orphaned = kept.orphaned + int(settled.orphaned)
        self._set(
            self.outbox, row.id, replace(kept, state=state, due=settled.due, reason=settled.reason, orphaned=orphaned)
        )
        self._set(self.since, row.id, self.since.get(row.id, settled.at))
        if state in ("refused", "expired") and kept.conversion is not None:
            firing = self.fired.get(kept.conversion, {}).get(call.target)
            if firing is not None and firing.record == row.record:
                self.void(kept.conversion, call.target)

    def requeue(self, ids: Sequence[int], now: float) -> list[int]:
        return [id for id in ids if self._requeue(id, now)]

    def _requeue(self, id: int, now: float) -> bool:
        row = self.outbox.get(id)
        if row is None or row.state in ("queued", "sending"):
            return False
        if row.conversion is not None:
            firing = self.fired.get(row.conversion, {}).get(row.call.target)
            if firing is not None and firing.record != row.record and firing.state != "void":
                return False
            if firing is not None:
                self.fire(row.conversion, replace(firing, state="live", record=row.record))
                self._touch(row.conversion)
        fresh = replace(row, state="queued", due=now, first_attempt=None, orphaned=0, attempts=0)
        self._set(self.outbox, id, fresh)
        return True

    def drop(self, ids: Sequence[int]) -> list[int]:
        gone = sorted(id for id in ids if id in self.outbox and self.outbox[id].state != "sending")
        for id in gone:
            self._forget(self.outbox, id)
        return gone

    def resume(self, account: str, now: float) -> int:
        rows = [row for row in self.outbox.values() if row.state == "stopped" and row.call.account == account]
        for row in rows:
            self._set(self.outbox, row.id, replace(row, state="queued", due=now))
        return len(rows)

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the store itself."""
        self._set(self.facts, key, value)


class MemoryStore(MemoryWriting):
    """The ledger that ends with its process (`ledger.interface.Store`)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)

    async def write(self, work: Callable[[Writing], T]) -> T:
        return self.transaction(work)

    async def expire(self, now: float) -> int:
        stale = [n for n, stored in self.stored.items() if isinstance(stored, Stored) and stored.expires < now]
        for number in stale:
            for table in (self.stored, self.fired):
                table.pop(number, None)
        return len(stale) + sum(self._trim(kept_as, most) for kept_as, most in QUOTAS.items())

    def _trim(self, kept_as: str, most: int) -> int:
        mine = sorted(id for id, kept in self.kept.items() if kept[0] == kept_as)
        old = mine[: max(0, len(mine) - most)]
        for id in old:
            self.kept.pop(id)
            self.delivered.pop(id, None)
        return len(old)

    def close(self) -> None:
        """Nothing to let go of."""
