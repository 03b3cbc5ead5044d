"""What a running container needs between events: waits that end, rows past their time, tags made ready."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterator

from container.admin.metrics import Metrics
from container.cli import COLLECT
from container.errors import NotStored
from container.language import normalisers
from container.pipeline import Container

log = logging.getLogger("tagport.serve")

NO_CONSENT = "no event carried a consent signal: `consent: unknown` in container.yaml decides for all of them"
UNMET = "no server copy was recognised as one `%s` with any that a page has named: they name orders differently"
FORGET_MORE = 200  # rows that went in a step, after which there are probably more
FORGET_STEPS = 20  # a second, at most
FORGET_PAUSE = 0.03  # seconds between two steps
SAY_AGAIN = 60.0  # seconds between two lines of the log that say the same
CARE_EVERY = 1.0  # seconds between two looks at waits that are over and rows that may be forgotten


class Care:
    """Looks after the container that counts at the moment."""

    def __init__(self, container: Callable[[], Container], metrics: Metrics) -> None:
        self._container = container
        self._metrics = metrics

    async def run(self) -> None:
        """Decide what has waited long enough; forget what is past its time; say what should not be overlooked."""
        await self.prepare()
        told: set[str] = set()
        quiet_until: dict[type[Exception], float] = {}
        while True:
            await asyncio.sleep(CARE_EVERY)
            try:
                self._metrics.decided(await self._container().wake(time.time()))
                await self._forget()
            except Exception as error:
                if time.monotonic() >= quiet_until.get(type(error), 0.0):
                    quiet_until[type(error)] = time.monotonic() + SAY_AGAIN
                    _regret(error)
            for what in self._aloud():
                if what not in told:
                    told.add(what)
                    log.warning("%s", what)

    async def prepare(self) -> None:
        """What the first event of each tag would have to wait for, between two others."""
        for tag in self._container().tags:
            try:
                for destination in tag.destinations:
                    destination.binding.prepare()
            except Exception:
                log.exception("preparing the tag %s failed; its events will tell", tag.id)
            await asyncio.sleep(0)
        await asyncio.to_thread(normalisers.prepare)
        _collect_rarely()

    def _aloud(self) -> Iterator[str]:
        """What the operator should hear of, once."""
        if self._metrics.silent:
            yield NO_CONSENT
        yield from (UNMET % kind for kind in self._metrics.unmet)

    async def _forget(self) -> None:
        """What is past its time: one step, and more after busy hours, between which others write."""
        for _ in range(FORGET_STEPS):
            if await self._container().store.expire(time.time()) < FORGET_MORE:
                return
            await asyncio.sleep(FORGET_PAUSE)


def _regret(error: Exception) -> None:
    if isinstance(error, NotStored):
        log.warning("waits and what is past its time are not looked after: %s", error)
    else:
        log.error("looking after the store failed; trying again", exc_info=error)


def _collect_rarely() -> None:
    """What was built lives as long as the process, and an event leaves hardly a circle behind: nothing to look for."""
    gc.freeze()
    gc.set_threshold(*COLLECT)
