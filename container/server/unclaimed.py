"""What no client claims is kept too: a tag that points at the wrong path is found in the records.

Scanners ask for thousands of such paths: only a few a second are kept, in a class of records of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from container.encoding import encode
from container.errors import NotStored
from container.event import new_id
from container.ledger.interface import Store
from container.masking import masked_text

log = logging.getLogger("tagport.server")

A_SECOND = 5  # records kept
LONGEST_PATH = 200  # characters


class Unclaimed:
    """Keeps the records of unclaimed requests of the container `id` under its configuration `version`."""

    def __init__(self, store: Store, id: str, version: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._id = id
        self._version = version
        self._clock = clock
        self._second = 0
        self._kept = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, method: str, path: str) -> None:
        """Keep it, beside the answer and never in its way."""
        now = self._clock()
        if int(now) != self._second:
            self._second, self._kept = int(now), 0
        self._kept += 1
        if self._kept <= A_SECOND:
            task = asyncio.get_running_loop().create_task(self._keep(self._record(method, path, now), now))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _record(self, method: str, path: str, now: float) -> dict[str, Any]:
        """A decision record of no event: no query, for it may hold anything."""
        return {
            "id": new_id(now),
            "received": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "container": self._id,
            "config": self._version,
            "request": {"method": method[:20], "path": masked_text(path[:LONGEST_PATH]), "client": "", "source": ""},
            "event": {"name": "", "data": {}},
            "tags": [],
            "notes": ["no client claims this request: it was answered 404"],
        }

    async def _keep(self, record: dict[str, Any], now: float) -> None:
        try:
            await self._store.write(
                lambda writing: writing.keep(record["id"], "unclaimed", None, now, encode(record))
            )
        except NotStored as error:
            log.warning("an unclaimed request could not be recorded: %s", error)
