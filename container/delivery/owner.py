"""Who is sending: a process, known by a lock that it holds and that the kernel lets go of when it dies.

Each process keeps one lock file beside the database (`<database>.owners/<id>.lock`). Whoever can lock another's file
knows that its process is dead. No clock is asked: a process that merely hangs is alive.
"""

from __future__ import annotations

import fcntl
import os
from io import BufferedRandom
from pathlib import Path

from container.event import new_id


class Owner:
    """This process's identity. `folder` None: a store that ends with the process needs no lock."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.id = new_id()
        self._file: BufferedRandom | None = None

    @classmethod
    def beside(cls, database: Path | None) -> Owner:
        """The owner of what a process sends from this database."""
        return cls(None if database is None else database.with_name(database.name + ".owners"))

    def take(self) -> None:
        """Hold the lock until `release`, or until this process ends. Clears away the files of dead ones."""
        if self.folder is None or self._file is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        while self._file is None:
            self._file = _hold(self._path(self.id))
        for path in self.folder.glob("*.lock"):
            self.alive(path.stem)

    def release(self) -> None:
        """Let go: what is still marked as being sent by this process counts as orphaned from here on."""
        if self._file is not None:
            self._path(self.id).unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def alive(self, owner: str) -> bool:
        """Whether the process that calls itself `owner` still runs. A dead one's file is removed."""
        if owner == self.id:
            return self.folder is None or self._file is not None
        if self.folder is None:
            return False
        try:
            file = self._path(owner).open("r+b")
        except FileNotFoundError:
            return False
        with file:
            if not _lock(file):
                return True
            self._path(owner).unlink(missing_ok=True)
            return False

    def _path(self, owner: str) -> Path:
        if self.folder is None or not owner.isalnum():
            raise ValueError(f"{owner!r} is no owner")
        return self.folder / f"{owner}.lock"


def _lock(file: BufferedRandom) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hold(path: Path) -> BufferedRandom | None:
    """The open, locked file; None where somebody took the still unlocked file for a dead one's and removed it."""
    file = path.open("w+b")
    if _lock(file) and path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
        return file
    file.close()
    return None
