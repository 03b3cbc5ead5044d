"""One batch on its way: marked as being sent, sent, judged, settled.

Both marks are on disk before the next step; only between them may a call's fate be unknown after a crash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from container.delivery.account import Account
from container.delivery.outcomes import AMBIGUOUS, PlainRules, Rules, Verdict, overdue, released, settled, wait
from container.delivery.owner import Owner
from container.delivery.vendor import Vendor
from container.errors import NotStored
from container.ledger.interface import Row, Settlement, Store, Writing

log = logging.getLogger("tagport.delivery")
T = TypeVar("T")

STORE_WAIT = 1.0  # seconds until the store is asked again that could not take a write
_PLAIN = PlainRules()


class Counts(Protocol):
    """What delivery counts (`container.admin.metrics.Metrics`)."""

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None: ...


@dataclass
class Worker:
    """Sends batches. `running` turned off: nothing more leaves; `writes_until` (the loop's clock): when a store that
    takes no outcome is given up."""

    store: Store
    owner: Owner
    vendor: Vendor
    find_rules: Callable[[str], Rules | None]
    give_up_after: float
    counts: Counts | None
    clock: Callable[[], float]
    running: bool = False
    writes_until: float | None = None

    def rules(self, template: str) -> Rules:
        """The template's rules; plain HTTP for one that is gone."""
        return self.find_rules(template) or _PLAIN

    async def send(self, account: Account, rows: Sequence[Row]) -> None:
        """One batch from the queue to its end. Raises `NotStored` where the rows could not be marked: they wait."""
        taken = await self._take(rows)
        if taken:
            await self._deliver(account, taken)

    async def _take(self, rows: Sequence[Row]) -> list[Row]:
        """Mark the rows as being sent by this process; what may no longer be sent ends in the same write."""
        now = self.clock()
        ended = {row.id: end for row in rows if (end := overdue(row, self._age(row), now)) is not None}

        def work(writing: Writing) -> list[int]:
            taken = writing.attempt(self.owner.id, [row.id for row in rows], now)
            writing.settle([ended[id] for id in taken if id in ended])
            return taken

        taken = set(await self.store.write(work))
        self.count(end for id, end in ended.items() if id in taken)
        return [_begun(row, now) for row in rows if row.id in taken and row.id not in ended]

    async def _deliver(self, account: Account, rows: list[Row]) -> None:
        """Send rows that are marked as being sent, and settle them. A refused batch is halved down to the guilty."""
        if not self.running or (account.gate.stopped and account.flying > 1):
            await self._write([released(row, self.clock()) for row in rows])
            return
        rules = self.rules(rows[0].call.template)
        started = self.clock()
        verdict = await self._ask(rows, rules)
        resumed = self._record(account, verdict, started)
        if verdict.outcome == "refused" and len(rows) > 1 and rules.split_on_refusal:
            middle = len(rows) // 2
            for half in (rows[:middle], rows[middle:]):
                account.pace.count(rules.rate, self.clock())
                await self._deliver(account, half)
        else:
            await self._settle(account, rows, verdict)
        if resumed:
            await self._patiently(lambda writing: writing.resume(account.name, self.clock()))

    async def _ask(self, rows: Sequence[Row], rules: Rules) -> Verdict:
        try:
            return await self.vendor.ask(rows, rules)
        except Exception:
            log.exception("sending failed in an unforeseen way")
            return Verdict(AMBIGUOUS, "an internal error while sending; see the log", outage=True)

    def _record(self, account: Account, verdict: Verdict, started: float) -> bool:
        """Tell the account's gate. True where a stopped account may go on."""
        gate = account.gate
        was_shut, was_stopped = gate.shut, gate.stopped
        resumed = gate.record(verdict, started, self.clock())
        if gate.shut and not was_shut:
            account.forget()
        if gate.stopped and not was_stopped:
            log.error("account %s is stopped, its calls wait: %s", account.name, gate.stopped)
        elif gate.shut and not was_shut:
            log.warning("account %s does not answer, its calls wait: %s", account.name, verdict.reason)
        if was_shut and not gate.shut:
            log.warning("account %s sends again", account.name)
        if resumed:
            account.stopped_rows.clear()
        return resumed

    async def _settle(self, account: Account, rows: Sequence[Row], verdict: Verdict) -> None:
        now = self.clock()
        due = now + wait(rows, verdict)
        settlements = [
            settled(row, verdict, now, due, self.give_up_after, account.gate.blocked(_first(row, now), now))
            for row in rows
        ]
        account.stopped_rows.extend(end.row.id for end in settlements if end.outcome == "stopped")
        await self._write(settlements)

    async def _write(self, settlements: Sequence[Settlement]) -> None:
        await self._patiently(lambda writing: writing.settle(settlements))
        self.count(settlements)

    async def _patiently(self, work: Callable[[Writing], T]) -> T | None:
        """Write, and where the store cannot take it, again until it can (or the process has to end)."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self.store.write(work)
            except NotStored as error:
                if self.writes_until is not None and loop.time() >= self.writes_until:
                    log.error("an outcome could not be stored, the call will count as unanswered: %s", error)
                    return None
                log.warning("the store is busy, outcomes wait: %s", error)
                await asyncio.sleep(STORE_WAIT)

    def count(self, settlements: Iterable[Settlement]) -> None:
        """Tell metrics and log of what was settled."""
        for settlement in settlements:
            tag = settlement.row.call.tag
            if settlement.outcome == "unknown":
                log.error("call %s of tag %s ended unknown: %s", settlement.row.id, tag, settlement.reason)
            if self.counts is not None:
                self.counts.delivered(tag, settlement.outcome, settlement.status, settlement.took)

    def _age(self, row: Row) -> float | None:
        return self.rules(row.call.template).limit(row.call.item)


def _begun(row: Row, now: float) -> Row:
    """The row as the store knows it after `attempt`."""
    return replace(row, state="sending", attempts=row.attempts + 1, first_attempt=_first(row, now))


def _first(row: Row, now: float) -> float:
    return now if row.first_attempt is None else row.first_attempt
