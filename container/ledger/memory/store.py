"""The ledger that ends with its process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from container.ledger.interface import Stored, Writing
from container.ledger.memory.writing import MemoryWriting
from container.ledger.rows import QUOTAS

T = TypeVar("T")


class MemoryStore(MemoryWriting):
    """The ledger that ends with its process (`ledger.interface.Store`)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)

    async def write(self, work: Callable[[Writing], T]) -> T:
        return self.transaction(work)

    async def expire(self, now: float) -> int:
        stale = [number for number, stored in self.stored.items() if self._over(stored, now)]
        for number in stale:
            self._leave(number)
        copies = [number for number in self.copies_kept if not self._waits(number)]
        gone = len(stale) + sum(self._forget_copies(number, now) for number in copies)
        return gone + sum(self._trim(kept_as, most) for kept_as, most in QUOTAS.items())

    def _over(self, stored: Stored | int, now: float) -> bool:
        """Past its time; but a tag that waits is decided first. What was united goes after what it is united with."""
        if isinstance(stored, int):
            return stored not in self.stored
        return stored.expires < now and not self._waits(stored.number)

    def _waits(self, number: int) -> bool:
        return any(held.due is not None for held in self.held(number))

    def _forget_copies(self, number: int, now: float) -> int:
        known = self.copies_kept[number]
        left = {copy: kept for copy, kept in known.items() if kept[0] >= now}
        if left:
            self.copies_kept[number] = left
        else:
            del self.copies_kept[number]
        return len(known) - len(left)

    def _leave(self, number: int) -> None:
        tables: tuple[Any, ...] = (self.stored, self.fired, self.holding, self.copies_kept)
        for table in tables:
            table.pop(number, None)

    def _trim(self, kept_as: str, most: int) -> int:
        mine = sorted(id for id, kept in self.kept.items() if kept[0] == kept_as)
        old = mine[: max(0, len(mine) - most)]
        for id in old:
            self.kept.pop(id)
            self.delivered.pop(id, None)
        return len(old)

    async def scrub(self) -> None:
        """Nothing is left of what was deleted."""

    def close(self) -> None:
        """Nothing to let go of."""
