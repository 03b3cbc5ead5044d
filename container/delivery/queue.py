"""The calls of one account that wait in memory, by what can be joined into one request."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from container.delivery.outcomes import ALONE_AFTER, AMBIGUOUS_BATCH, Rules
from container.ledger.interface import Row

MOST = 1000  # calls kept in memory; the rest is read from the table when these are gone
MOST_BYTES = 4 << 20  # likewise
MOST_IN_ALL = 32 << 20  # bytes that the queues of all accounts keep together, but for what each may keep in any case
ALWAYS = 100  # calls that a queue keeps however full the others are
BODY = 512 << 10  # bytes of joined calls in one request
FLYING = 4  # requests of one envelope under way at once: what comes meanwhile is joined


@dataclass(frozen=True, slots=True)
class Batch:
    """Calls that go out as one request. `group` is handed back to `Queue.done` when it has ended."""

    group: Hashable
    rows: list[Row]


@dataclass(slots=True)
class Memory:
    """Bytes of calls that all queues keep."""

    used: int = 0


class Queue:
    """Oldest first between groups of equal envelopes, oldest first within a group. `memory` is that of all queues."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._groups: dict[Hashable, deque[Row]] = {}
        self._ready: dict[Hashable, None] = {}  # groups that may start a request, in order
        self._flying: Counter[Hashable] = Counter()
        self._bytes = 0
        self.ids: set[int] = set()

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, row: Row) -> bool:
        """Let a call wait; False where memory has no room for it."""
        if self._full:
            return False
        if row.id not in self.ids:
            group = _group(row)
            self._groups.setdefault(group, deque()).append(row)
            self._keep(row)
            if self._flying[group] < FLYING:
                self._ready[group] = None
        return True

    @property
    def _full(self) -> bool:
        others = self._memory.used >= MOST_IN_ALL and len(self.ids) >= ALWAYS
        return others or len(self.ids) >= MOST or self._bytes >= MOST_BYTES

    @property
    def next(self) -> str | None:
        """The template of the next request; None where nothing may start."""
        return self._groups[next(iter(self._ready))][0].call.template if self._ready else None

    def take(self, rules: Callable[[str], Rules], alone: bool = False) -> Batch | None:
        """The next request's calls; `alone`: one only. None where nothing may start."""
        if not self._ready:
            return None
        group = next(iter(self._ready))
        waiting = self._groups[group]
        rows = _join(waiting, 1 if alone else rules(waiting[0].call.template).most)
        for row in rows:
            self._forget(row)
        self._flying[group] += 1
        del self._ready[group]  # to the end of the line
        self._line_up(group)
        return Batch(group, rows)

    def done(self, group: Hashable) -> None:
        """A request of this group has ended."""
        self._flying[group] -= 1
        if not self._flying[group]:
            del self._flying[group]
        self._line_up(group)

    def clear(self) -> None:
        """Let nothing wait; what is under way is still counted."""
        self._groups.clear()
        self._ready.clear()
        self.ids.clear()
        self._memory.used -= self._bytes
        self._bytes = 0

    def _line_up(self, group: Hashable) -> None:
        if not self._groups.get(group):
            self._groups.pop(group, None)
        elif self._flying[group] < FLYING:
            self._ready[group] = None

    def _keep(self, row: Row) -> None:
        self.ids.add(row.id)
        self._count(_size(row))

    def _forget(self, row: Row) -> None:
        self.ids.discard(row.id)
        self._count(-_size(row))

    def _count(self, size: int) -> None:
        self._bytes += size
        self._memory.used += size


def _size(row: Row) -> int:
    return len(row.call.item) + len(row.call.envelope)


def _group(row: Row) -> Hashable:
    if row.call.joinable and row.attempts < ALONE_AFTER:
        return row.call.template, row.call.envelope
    return row.id


def _join(waiting: deque[Row], most: int) -> list[Row]:
    """Take the rows of one request off the left: at most `most`, never two of one conversion. Others stay."""
    rows: list[Row] = []
    passed: list[Row] = []
    conversions: set[int] = set()
    size = 0
    while waiting and len(rows) < most:
        row = waiting.popleft()
        if row.conversion in conversions:
            passed.append(row)
            continue
        if not row.call.retry_ambiguous:
            most = min(most, AMBIGUOUS_BATCH)
        size += len(row.call.item)
        if rows and (size > BODY or len(rows) >= most):
            passed.append(row)
            break
        rows.append(row)
        if row.conversion is not None:
            conversions.add(row.conversion)
    waiting.extendleft(reversed(passed))
    return rows
