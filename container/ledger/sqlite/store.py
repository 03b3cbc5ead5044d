"""Many callers in one commit.

One writer thread owns the writing connection. Callers put work into a bounded queue and await a future; the writer
takes everything that waits, runs it in one transaction and commits at once: the running commit is the time in which
the next batch gathers. Reads have a connection of their own and see the last commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from container.errors import NotStored
from container.ledger.interface import Writing
from container.ledger.sqlite.reading import SqliteReading
from container.ledger.sqlite.schema import SCHEMA, connect
from container.ledger.sqlite.sweeping import Sweeper
from container.ledger.sqlite.writing import SqliteWriting

T = TypeVar("T")

BATCH = 256  # events in one commit
QUEUE = 4096  # callers that may wait before new ones are refused


@dataclass(slots=True)
class _Job:
    work: Callable[[Writing], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: Exception | None = None


class SqliteStore(SqliteReading):
    """The durable ledger (`ledger.interface.Store`)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._writer = connect(path)
        self._writer.executescript(SCHEMA)
        self._reader = connect(path)
        super().__init__(self._reader)
        self._writing = SqliteWriting(self._writer)
        self._lock_file = path.with_name(path.name + ".lock").open("ab")
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._closed = threading.Event()
        self._sweeper = Sweeper(self._writer)
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()
        self._checkpoints = threading.Thread(target=self._checkpoint, name="ledger-checkpoint", daemon=True)
        self._checkpoints.start()

    async def write(self, work: Callable[[Writing], T]) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), loop)
        with self._wake:
            if self._closing or len(self._jobs) >= QUEUE:
                raise NotStored("the store is busy; send the request again")
            self._jobs.append(job)
            self._wake.notify()
        result: T = await asyncio.shield(job.future)
        return result

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._closing:
                    self._wake.wait()
                batch = [self._jobs.popleft() for _ in range(min(len(self._jobs), BATCH))]
            if not batch:
                return
            self._commit(batch)
            _tell(batch)

    def _commit(self, batch: list[_Job]) -> None:
        try:
            with self._locked(), _transaction(self._writer):
                for job in batch:
                    job.result = job.work(self._writing)
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = _told(error)
            elif isinstance(error, _StoreFailed):
                for job in batch:
                    job.error = _told(error)
            else:
                for job in batch:
                    self._commit([job])

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One batch at a time among the processes on this file: fairer than SQLite's own waiting."""
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def _checkpoint(self) -> None:
        """Move the WAL into the file once a second, beside the writer and never in its way."""
        connection = connect(self.path)
        while not self._closed.wait(1):
            with contextlib.suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.close()

    async def expire(self, now: float) -> int:
        """One small step of forgetting what is past its time; call it often. Returns the rows that went."""
        return await self.write(lambda _: self._sweeper.step(now))

    def close(self) -> None:
        """Commit what waits, then let go of the file."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self._closed.set()
        self._checkpoints.join()
        self._writer.close()
        self._reader.close()
        self._lock_file.close()


class _StoreFailed(Exception):
    """BEGIN or COMMIT itself failed: the store, not one caller's work. Not retried by us."""


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise _StoreFailed(str(error)) from error
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise _StoreFailed(str(error)) from error


def _told(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error | _StoreFailed | OSError):
        found = NotStored(f"the store could not take it ({error}); send the request again")
        found.__cause__ = error
        return found
    return error


def _tell(batch: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is gone, the commit is not
            loop.call_soon_threadsafe(_resolve, jobs)


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
