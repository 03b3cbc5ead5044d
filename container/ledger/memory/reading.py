"""Every question to the ledger in memory, over plain tables.

Names and hints are kept in tables that forget by themselves when their time is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cachetools import TLRUCache

from container.conversion import Firing
from container.encoding import encode, load
from container.ledger.interface import Delivery, Failure, Held, Row, Stored
from container.ledger.memory.forgetting import Pages
from container.ledger.rows import ENDED, FOUND, NEWEST, counting

MOST = 1_000_000  # entries of one table; the oldest go first


def _until(key: Any, value: Any, now: float) -> float:
    """When an entry of a forgetting table goes: the latest time of what it holds."""
    return max(value.values(), default=0.0)


def _find(table: Any, hashes: Sequence[bytes], now: float) -> Iterator[tuple[bytes, int]]:
    known = [
        (hash, [number for number, expires in sorted(table.get(hash, {}).items()) if expires > now])
        for hash in hashes
    ]
    many = sum(len(numbers) for _, numbers in known) >= FOUND
    for hash, numbers in known:
        for number in numbers[-NEWEST:] if many else numbers:
            yield hash, number


def _due(held: Held) -> tuple[float, int, str]:
    return held.due or 0.0, held.conversion, held.tag


class MemoryReading(Pages):
    """Every question, over plain tables."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.names: Any = TLRUCache(MOST, ttu=_until, timer=clock)  # hash → {number: expires}
        self.hints: Any = TLRUCache(MOST, ttu=_until, timer=clock)
        self.copies_kept: dict[int, dict[int, tuple[float, bytes]]] = {}  # number → {copy: (expires, blob)}
        self.stored: dict[int, Stored | int] = {}  # a number: united under it
        self.fired: dict[int, dict[tuple[str, str], Firing]] = {}  # number → {(target, record): firing}
        self.holding: dict[int, dict[str, Held]] = {}  # number → {tag: held}
        self.outbox: dict[int, Row] = {}
        self.owners: dict[int, str] = {}
        self.since: dict[int, float] = {}
        self.kept: dict[str, tuple[str, int | None, bytes]] = {}
        self.delivered: dict[str, tuple[Delivery, ...]] = {}
        self.facts: dict[str, str] = {}

    def find(self, names: Sequence[bytes], hints: Sequence[bytes], now: float = 0.0) -> list[tuple[bytes, int]]:
        return [*_find(self.names, names, now), *_find(self.hints, hints, now)]

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
        return counting(self.fired.get(number, {}).values())

    def copies(self, number: int) -> list[bytes]:
        return [blob for _, (_, blob) in sorted(self.copies_kept.get(number, {}).items())]

    def held(self, number: int) -> list[Held]:
        return [held for _, held in sorted(self.holding.get(number, {}).items())]

    def waits_due(self, now: float, most: int) -> list[Held]:
        return sorted((held for held in self._waits_of_all() if _due(held)[0] <= now), key=_due)[:most]

    def waits_beyond(self, time: float, most: int) -> list[Held]:
        return sorted((held for held in self._waits_of_all() if _due(held)[0] > time), key=_due)[:most]

    def _waits_of_all(self) -> Iterator[Held]:
        return (held for tags in self.holding.values() for held in tags.values() if held.due is not None)

    def record(self, id: str) -> Mapping[str, Any] | None:
        return load(self.kept[id][2]) if id in self.kept else None

    def records(self, number: int) -> list[Mapping[str, Any]]:
        return [load(record) for _, (_, owner, record) in sorted(self.kept.items()) if owner == number]

    def recent(self, most: int, before: str = "") -> list[Mapping[str, Any]]:
        ids = sorted((id for id in self.kept if not before or id < before), reverse=True)
        return [load(self.kept[id][2]) for id in ids[:most]]

    def newest_kept(self, kept_as: str, most: int, before: str = "") -> list[Mapping[str, Any]]:
        kept = {id: record for id, (kind, _, record) in self.kept.items() if kind == kept_as}
        ids = sorted((id for id in kept if not before or id < before), reverse=True)
        return [load(kept[id]) for id in ids[:most]]

    def number_of(self, record: str) -> int | None:
        return self.kept[record][1] if record in self.kept else None

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
