"""Attempts and outcomes on their way to the disk, of all workers together.

A commit costs more than everything else about a call. So what comes up during one write goes into the next, an attempt
takes along what has ended meanwhile, and outcomes alone wait a moment for an attempt to go with.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from container.delivery.owner import Owner
from container.errors import NotStored
from container.ledger.interface import Settlement, Store, Writing

log = logging.getLogger("tagport.delivery")

LINGER = 0.01  # seconds
STORE_WAIT = 1.0  # seconds until the store is asked again that could not take a write


@dataclass(slots=True)
class _Attempt:
    """Rows to be marked as being sent; those in `ends` end instead, in the same write."""

    ids: Sequence[int]
    ends: Mapping[int, Settlement]
    now: float
    taken: asyncio.Future[Set[int]]


@dataclass
class Scribe:
    """Writes down what workers do. `settled` hears of outcomes that are on disk."""

    store: Store
    owner: Owner
    settled: Callable[[Sequence[Settlement]], None]

    def __post_init__(self) -> None:
        self._attempts: list[_Attempt] = []
        self._outcomes: list[Settlement] = []
        self._resumed: dict[str, float] = {}  # accounts → since when
        self._writing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def attempt(self, ids: Sequence[int], ends: Mapping[int, Settlement], now: float) -> Set[int]:
        """Mark rows as being sent; which of them are. On disk when it returns. Raises `NotStored`."""
        taken: asyncio.Future[Set[int]] = asyncio.get_running_loop().create_future()
        self._attempts.append(_Attempt(ids, ends, now, taken))
        self._start()
        return await taken

    def settle(self, outcomes: Sequence[Settlement]) -> None:
        """Write these down soon, however long the store takes nothing."""
        self._outcomes.extend(outcomes)
        self._later(LINGER)

    def resume(self, account: str, now: float) -> None:
        """The calls of this account that were stopped wait again, soon."""
        self._resumed[account] = now
        self._later(LINGER)

    async def finish(self, until: float) -> None:
        """Write down everything, until `until` (the loop's time): what is not on disk then counts as unanswered."""
        loop = asyncio.get_running_loop()
        while self._attempts or self._outcomes or self._resumed or self._writing:
            self._start()
            if self._writing is not None:
                await self._writing
            if self._outcomes and loop.time() >= until:
                log.error("outcomes of %d calls could not be stored, they count as unanswered", len(self._outcomes))
                break
        if self._timer is not None:
            self._timer.cancel()

    def _later(self, seconds: float) -> None:
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        """What there is, and then for as long as attempts wait."""
        pause = LINGER
        try:
            await self._write_all()
            while self._attempts:
                await self._write_all()
        except NotStored as error:
            log.warning("the store is busy, outcomes wait: %s", error)
            pause = STORE_WAIT
        finally:
            self._writing = None
            if self._attempts:
                self._start()
            elif self._outcomes or self._resumed:
                self._later(pause)

    async def _write_all(self) -> None:
        attempts, outcomes, resumed = self._attempts, self._outcomes, self._resumed
        self._attempts, self._outcomes, self._resumed = [], [], {}
        try:
            await self._write(attempts, outcomes, resumed)
        except NotStored:
            self._outcomes[:0] = outcomes
            self._resumed = {**resumed, **self._resumed}
            raise

    async def _write(self, attempts: list[_Attempt], outcomes: list[Settlement], resumed: Mapping[str, float]) -> None:
        def work(writing: Writing) -> set[int]:
            writing.settle(outcomes)
            for account, now in resumed.items():
                writing.resume(account, now)
            return self._mark(writing, attempts)

        try:
            taken = await self.store.write(work)
        except NotStored as error:
            for one in attempts:
                one.taken.set_exception(error)
            raise
        except Exception as error:
            await self._spoilt(attempts, outcomes, resumed, error)
            return
        self.settled(outcomes)
        for one in attempts:
            own = taken.intersection(one.ids)
            taken -= own  # nobody else's
            self.settled([one.ends[id] for id in one.ends if id in own])
            one.taken.set_result(own - one.ends.keys())

    def _mark(self, writing: Writing, attempts: list[_Attempt]) -> set[int]:
        ids = [id for one in attempts for id in one.ids]
        taken = set(writing.attempt(self.owner.id, ids, attempts[0].now)) if ids else set()
        writing.settle([end for one in attempts for id, end in one.ends.items() if id in taken])
        return taken

    async def _spoilt(
        self, attempts: list[_Attempt], outcomes: list[Settlement], resumed: Mapping[str, float], error: Exception
    ) -> None:
        """Something of it cannot be written at all: each by itself, so that it spoils nothing else."""
        if len(attempts) + len(outcomes) + len(resumed) > 1:
            for attempt in attempts:
                with contextlib.suppress(NotStored):  # its worker is told
                    await self._write([attempt], [], {})
            for account, now in resumed.items():
                await self._write([], [], {account: now})
            for outcome in outcomes:
                await self._write([], [outcome], {})
            return
        log.error("an attempt or outcome could not be written down", exc_info=error)
        for attempt in attempts:
            attempt.taken.set_exception(error)
