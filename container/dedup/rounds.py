"""What arrives together is taken together: one stage for all of it, then the next, then one write.

An event's way is long, and a processor goes it twice as fast where it takes the same step many times in a row. A round
is what came in one turn of the event loop: nobody waits for others, and an event that comes alone goes alone. Events of
no conversion are decided at once: most of them write nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from container.conversion import Conversion
from container.decision import Decision
from container.dedup.view import Seen
from container.errors import NotStored
from container.event import Event
from container.ledger.interface import Row, Store, Writing

MOST = 32  # requests in a round: more would keep the event loop for too long
WAITING = 4096  # requests on their way to the disk before new ones are refused

Decide = Callable[[Event, Conversion], Decision]
Stage = Callable[["Copy"], None]


@dataclass(slots=True, eq=False)
class Copy:
    """An event on its way through a round."""

    event: Event
    decide: Decide
    seen: Seen = field(init=False)
    decision: Decision = field(init=False)
    kept_as: str | None = None  # the class its record is kept in; None: it is not kept
    writes: bool = False
    number: int | None = None  # its conversion's, once that is in the store
    rows: list[Row] = field(default_factory=list)  # the calls it queued


@dataclass(frozen=True, slots=True)
class Written:
    """What one write did: the decisions as they stand, and the calls now in the outbox."""

    decisions: list[Decision]
    rows: list[Row]


@dataclass(slots=True, eq=False)
class _Request:
    """The events of one request: all of them are taken, or none."""

    copies: list[Copy]
    done: asyncio.Future[Written]
    decided: bool = False

    @property
    def writes(self) -> bool:
        """Whether any of it has to be written."""
        return any(copy.writes for copy in self.copies)

    def passes(self, stage: Stage) -> bool:
        """Take the copies through a stage; whether they came through. What goes wrong is this caller's alone."""
        try:
            for copy in self.copies:
                stage(copy)
        except Exception as error:
            self.settle(error)
            return False
        return True

    def settle(self, error: Exception | None = None) -> None:
        """Tell the caller, unless it has gone away."""
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
        else:
            rows = [row for copy in self.copies for row in copy.rows]
            self.done.set_result(Written([copy.decision for copy in self.copies], rows))


class Rounds:
    """Takes requests through `stages`, then has `write` make it so under the lock.

    `write` may run twice for a copy: what it did the first time was rolled back.
    """

    def __init__(
        self, store: Store, stages: Sequence[Stage], write: Callable[[Writing, Sequence[Copy]], None]
    ) -> None:
        self._store = store
        self._stages = stages
        self._write = write
        self._arrived: list[_Request] = []
        self._under_way = 0
        self._writing: set[asyncio.Task[None]] = set()

    async def take(self, copies: list[Copy], at_once: bool = False) -> Written:
        """The copies of one request, decided and on disk. Raises `NotStored`.

        `at_once`: they are decided without waiting for the round, which takes them where they have to be written.
        """
        if at_once:
            for stage in self._stages:
                for copy in copies:
                    stage(copy)
            if not any(copy.writes for copy in copies):
                return Written([copy.decision for copy in copies], [])
        if self._under_way >= WAITING:
            raise NotStored("the store is busy; send the request again")
        loop = asyncio.get_running_loop()
        request = _Request(copies, loop.create_future(), at_once)
        if not self._arrived:
            loop.call_soon(self._round, loop)
        self._arrived.append(request)
        self._under_way += 1
        try:
            return await request.done
        finally:
            self._under_way -= 1

    def _round(self, loop: asyncio.AbstractEventLoop) -> None:
        requests, self._arrived = self._arrived[:MOST], self._arrived[MOST:]
        if self._arrived:
            loop.call_soon(self._round, loop)
        for stage in self._stages:
            requests = [request for request in requests if request.decided or request.passes(stage)]
        writing = []
        for request in requests:
            if request.writes:
                writing.append(request)
            else:
                request.settle()
        if writing:
            task = loop.create_task(self._store_all(writing))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _store_all(self, requests: Sequence[_Request]) -> None:
        """All of it in one piece of work; where that fails, each request in one of its own."""
        failed = False

        def work(ledger: Writing) -> None:
            nonlocal failed
            failed = True
            self._write(ledger, [copy for request in requests for copy in request.copies])
            failed = False

        try:
            await self._store.write(work)
        except Exception as error:
            if failed and len(requests) > 1:
                await asyncio.gather(*(self._store_all([request]) for request in requests))
            else:
                _settle(requests, error)
        else:
            _settle(requests)


def _settle(requests: Iterable[_Request], error: Exception | None = None) -> None:
    for request in requests:
        request.settle(error)
