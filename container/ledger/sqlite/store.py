"""Many callers in one commit.

Callers put work into a bounded queue and await a future. One task takes what waits, runs it in a transaction on the
event loop (statements only touch memory) and leaves the commit, which waits for the disk, to a thread: the running
commit is the time in which the next batch gathers. Each step in a thread waits for the interpreter's lock at its end:
there is but one in a batch, and none for each statement. Reads have a connection of their own and see the last commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from container.errors import NotStored
from container.ledger.interface import Writing
from container.ledger.sqlite.checkpoints import Checkpoints
from container.ledger.sqlite.forgetting import scrub
from container.ledger.sqlite.reading import SqliteReading
from container.ledger.sqlite.schema import SCHEMA, WRITERS_PAGES, connect
from container.ledger.sqlite.sweeping import Sweeper
from container.ledger.sqlite.writing import SqliteWriting

T = TypeVar("T")

BATCH = 256  # pieces of work in one commit
SLICE = 0.016  # seconds for which a batch may keep the event loop: fuller batches share the pages they write
QUEUE = 4096  # callers that may wait before new ones are refused
PATIENCE = 5.0  # seconds for which a foreign program's write is waited for
ASK_AGAIN = 0.005  # seconds


@dataclass(slots=True)
class _Job:
    work: Callable[[Writing], Any]
    future: asyncio.Future[Any]
    alone: bool = False  # it was in a batch that failed, and is tried again by itself
    result: Any = None

    def settle(self, error: Exception | None = None) -> None:
        """Tell the caller, unless it has gone away."""
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(self.result)


class SqliteStore(SqliteReading):
    """The durable ledger (`ledger.interface.Store`)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._transactions = Transactions(path)
        self._reader = connect(path)
        super().__init__(self._reader)
        self._writing = SqliteWriting(self._transactions.connection)
        self._sweeper = Sweeper(self._transactions.connection)
        self._jobs: deque[_Job] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._disk = ThreadPoolExecutor(1, "ledger-commit")
        self._step: Future[Exception | None] | None = None  # the last one in the thread
        self._checkpoints = Checkpoints(path)

    def remember(self, key: str, value: str) -> None:
        """A fact about the store itself, written before anybody uses it. Raises `sqlite3.Error`."""
        refused = self._transactions.begin(PATIENCE)
        if refused is None:
            self._writing.set_meta(key, value)
            refused = self._transactions.commit()
            self._transactions.release()
        if refused is not None:
            raise refused

    async def write(self, work: Callable[[Writing], T]) -> T:
        if self._closing or len(self._jobs) >= QUEUE:
            raise NotStored("the store is busy; send the request again")
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        self._jobs.append(job)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._drain())
        result: T = await job.future
        return result

    async def _drain(self) -> None:
        """Batch after batch, while callers wait; what may have to wait itself is done in the thread."""
        if self._step is not None and not self._step.done():  # for a loop that has ended since
            await asyncio.wait([asyncio.wrap_future(self._step)])
        while self._jobs:
            refused = self._transactions.begin(patience=0)
            if refused is not None:  # somebody else writes
                refused = await self._in_thread(self._transactions.begin, PATIENCE)
            if refused is not None:
                self._refuse(_told(refused))
            elif batch := self._run():
                failed = await self._in_thread(self._transactions.commit)
                self._transactions.release()
                for job in batch:
                    job.settle(failed and _told(failed))
                await asyncio.sleep(0)  # whoever waits for the lock, here or in another process, comes first

    async def _in_thread(self, step: Callable[..., Exception | None], *said: Any) -> Exception | None:
        self._step = self._disk.submit(step, *said)
        return await asyncio.wrap_future(self._step)

    def _run(self) -> list[_Job]:
        """Run what waits, for a short while; the jobs that are now to be committed."""
        batch: list[_Job] = []
        until = time.perf_counter() + SLICE
        while self._jobs and len(batch) < BATCH and time.perf_counter() < until:
            if self._jobs[0].alone and batch:
                break
            job = self._jobs.popleft()
            batch.append(job)
            try:
                job.result = job.work(self._writing)
            except Exception as error:
                self._transactions.roll_back()
                self._again(batch, error)
                return []
            if job.alone:
                break
        return batch

    def _again(self, batch: Sequence[_Job], error: Exception) -> None:
        """One piece of work failed and took the batch with it: each is tried once more by itself."""
        if batch[0].alone or len(batch) == 1:
            batch[0].settle(_told(error))
            return
        for job in reversed(batch):
            job.alone = True
            self._jobs.appendleft(job)

    def _refuse(self, error: Exception) -> None:
        """The store takes nothing at the moment: everybody who waits is told."""
        while self._jobs:
            self._jobs.popleft().settle(error)

    async def expire(self, now: float) -> int:
        """One small step of forgetting what is past its time; call it often. Returns the rows that went."""
        return await self.write(lambda _: self._sweeper.step(now))

    async def scrub(self) -> None:
        """Leave nothing readable of what was deleted; takes as long as copying the file."""
        try:
            await asyncio.get_running_loop().run_in_executor(None, scrub, self.path)
        except sqlite3.Error as error:
            raise NotStored(f"the store's file could not be written anew ({error})") from error

    def close(self) -> None:
        """Commit what still waits, then let go of the file."""
        self._closing = True
        self._disk.shutdown(wait=True)
        self._transactions.roll_back()  # of a batch whose callers were never answered
        if self._jobs and self._transactions.begin(PATIENCE) is None:
            while self._jobs:
                with contextlib.suppress(Exception):
                    self._jobs.popleft().work(self._writing)
            self._transactions.commit()
        self._checkpoints.stop()
        self._transactions.close()
        self._reader.close()


class Transactions:
    """The writing connection: one transaction at a time among all processes on the file."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path, WRITERS_PAGES)
        self.connection.executescript(SCHEMA)
        self.connection.execute("PRAGMA busy_timeout=0")  # `begin` waits, where that keeps nobody else
        self._lock = path.with_name(path.name + ".lock").open("ab")

    def begin(self, patience: float) -> Exception | None:
        """Wait for this process's turn, at a file lock: that is fairer than SQLite's own waiting.

        `patience`: seconds for a program that knows no file lock; 0: whoever writes at this moment is reason enough.
        """
        self.roll_back()  # of a batch whose event loop ended before it could commit
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX if patience else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            return error
        until = time.monotonic() + patience
        while (refused := self._begun()) is not None:
            if getattr(refused, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                self.release()
                break
            time.sleep(ASK_AGAIN)
        return refused

    def _begun(self) -> sqlite3.Error | None:
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return error
        return None

    def commit(self) -> Exception | None:
        """On disk when it returns None; then `release`."""
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.roll_back()
            return error
        return None

    def roll_back(self) -> None:
        """Nothing of it happened."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        self.release()

    def release(self) -> None:
        """Others may write."""
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
        self._lock.close()


def _told(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error | OSError):
        found = NotStored(f"the store could not take it ({error}); send the request again")
        found.__cause__ = error
        return found
    return error
