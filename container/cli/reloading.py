"""Files that change while the container runs: the new configuration is built beside the old one, then takes its place.

One with errors does not: the old one goes on, and the log, a metric and the admin page say so.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from container.build import Ledger, OpenLedger, build
from container.cli.common import report
from container.errors import StoreUnusable, TagportError
from container.pipeline import Container
from container.problems import Problems
from container.workspace.changes import Stamp, stamp

log = logging.getLogger("tagport.serve")

LOOK_EVERY = 1.0  # seconds; what changes between two looks is still being written


class Workspace:
    """A workspace that is loaded again and again, always over the ledger it was opened with."""

    def __init__(self, folder: Path, environment: str | None, open_ledger: OpenLedger) -> None:
        self.folder = folder
        self.environment = environment
        self._open = open_ledger
        self._opened: tuple[Path, Ledger] | None = None
        self._seen = stamp(folder)
        self._coming: Stamp | None = None

    def ledger(self, path: Path) -> Ledger:
        """The one that is open; opened with the first load. Raises `StoreUnusable` where another is meant now."""
        if self._opened is None:
            self._opened = path, self._open(path)
        elif self._opened[0] != path:
            raise StoreUnusable("another `store:` counts from the next start on")
        return self._opened[1]

    def changed(self) -> bool:
        """Whether files have changed since the last load, and nobody is writing them any more."""
        now = stamp(self.folder)
        settled, self._coming = now == self._coming, now
        if now == self._seen or not settled:
            return False
        self._seen = now
        return True

    def load(self) -> Container | None:
        """The workspace as it is now. None: it has errors, and they are told."""
        problems = Problems()
        try:
            container = build(
                self.folder, problems, environ=os.environ, environment=self.environment, ledger=self.ledger
            )
        except (OSError, TagportError) as error:
            log.error("the changed workspace cannot be loaded: %s", error)
            return None
        report(self.folder, problems)
        return container


async def watch(workspace: Workspace, turn: Callable[[Container | None], None]) -> None:
    """Load the workspace whenever its files have changed, beside the events, and hand over what came of it."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            if await asyncio.to_thread(workspace.changed):
                turn(await asyncio.to_thread(workspace.load))
        except Exception:
            log.exception("the changed workspace cannot be loaded; the configuration of before goes on")
