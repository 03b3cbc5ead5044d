"""Moves the WAL into the file once a second, in a thread of its own, and keeps it small.

Busy servers do it more often, a little at a time: commits wait while a checkpoint waits for the disk.
A checkpoint beside running writers never comes to the end of what they write. Once the WAL is long the writers are
kept out for the moment that its last pages need, so that they begin it anew. A reader with an open transaction, in
another program, makes that impossible: the WAL has to hold all that was written since. It grows then, the log says so,
and shrinks when the reader has gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from container.ledger.sqlite.schema import connect

EVERY = 1.0  # seconds between two checkpoints
SOONEST = 0.1  # the same of busy servers
BITE = 500  # pages of the WAL that one is to move there
LONG = 8000  # pages of the WAL, 32 MB
LAST = 300  # pages that may be left when writers are kept out: some milliseconds
TELL_EVERY = 60.0  # seconds

log = logging.getLogger("tagport.ledger")


class Checkpoints:
    """The thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next_word = 0.0
        self._pages = 0  # of the WAL, when it was last looked at
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-checkpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """After the last one."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        connection = connect(self._path)
        connection.execute("PRAGMA busy_timeout=50")  # others wait as long as this does
        wait = EVERY
        while not self._stopped.wait(wait):
            with contextlib.suppress(sqlite3.Error, OSError):
                before = self._pages
                self._move(connection)
                wait = _wait(wait, self._pages - before if self._pages >= before else self._pages)
        connection.close()

    def _move(self, connection: sqlite3.Connection) -> None:
        pages, moved = _passive(connection)
        self._pages = pages
        if pages < LONG:
            return
        if pages - moved > LAST:
            pages, moved = _passive(connection)  # what was written during the first
        if pages - moved > LAST:
            self._tell(pages)
            return
        with turn(self._path):
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def _tell(self, pages: int) -> None:
        now = time.monotonic()
        if now >= self._next_word:
            self._next_word = now + TELL_EVERY
            size = pages * 4096 >> 20
            log.warning("%s-wal has %d MB and cannot be emptied: another program keeps a read transaction open",
                        self._path.name, size)  # fmt: skip


def _wait(waited: float, pages: int) -> float:
    """Seconds to the next checkpoint, by how many pages were written since the last."""
    return min(EVERY, max(SOONEST, waited * BITE / max(pages, 1)))


def _passive(connection: sqlite3.Connection) -> tuple[int, int]:
    """Pages in the WAL, and how many of them are in the file now."""
    _, pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return pages, moved


@contextlib.contextmanager
def turn(path: Path) -> Iterator[None]:
    """While it lasts no process writes (`Transactions.begin` waits for the same lock)."""
    with path.with_name(path.name + ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
