"""One batch on its way: marked as being sent, sent, judged, settled.

Both marks are on disk before the next step; only between them may a call's fate be unknown after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from container.delivery.account import Account
from container.delivery.outcomes import AMBIGUOUS, PlainRules, Rules, Verdict, overdue, released, settled, wait
from container.delivery.scribe import Scribe
from container.delivery.vendor import Vendor
from container.ledger.interface import Row

log = logging.getLogger("tagport.delivery")

_PLAIN = PlainRules()


@dataclass
class Worker:
    """Sends batches. `running` turned off: nothing more leaves."""

    scribe: Scribe
    vendor: Vendor
    find_rules: Callable[[str], Rules | None]
    give_up_after: float
    clock: Callable[[], float]
    running: bool = False

    def rules(self, template: str) -> Rules:
        """The template's rules; plain HTTP for one that is gone."""
        return self.find_rules(template) or _PLAIN

    async def send(self, account: Account, rows: Sequence[Row]) -> None:
        """One batch from the queue to its end. Raises `NotStored` where the rows could not be marked: they wait."""
        taken = await self._take(account, rows)
        if taken:
            await self._deliver(account, taken)

    async def _take(self, account: Account, rows: Sequence[Row]) -> list[Row]:
        """Mark the rows as being sent by this process; what may no longer be sent ends in the same write."""
        now = self.clock()
        ends = {row.id: end for row in rows if (end := overdue(row, self._age(row, now), now)) is not None}
        taken = await self.scribe.attempt([row.id for row in rows], ends, now)
        account.busy.difference_update(row.id for row in rows if row.id not in taken)
        return [_begun(row, now) for row in rows if row.id in taken]

    async def _deliver(self, account: Account, rows: list[Row]) -> None:
        """Send rows that are marked as being sent, and settle them. A refused batch is halved down to the guilty."""
        if not self.running or (account.gate.stopped and account.flying > 1):
            self.scribe.settle([released(row, self.clock()) for row in rows])
            return
        rules = self.rules(rows[0].call.template)
        started = self.clock()
        verdict = await self._ask(rows, rules)
        resumed = self._record(account, verdict, started)
        if verdict.outcome == "refused" and len(rows) > 1 and rules.split_on_refusal:
            middle = len(rows) // 2
            for half in (rows[:middle], rows[middle:]):
                account.pace(rules.rate).count(rules.rate, self.clock())
                await self._deliver(account, half)
        else:
            self._settle(account, rows, verdict)
        if resumed:
            self.scribe.resume(account.name, self.clock())

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

    def _settle(self, account: Account, rows: Sequence[Row], verdict: Verdict) -> None:
        now = self.clock()
        due = now + wait(rows, verdict)
        settlements = [
            settled(row, verdict, now, due, self.give_up_after, account.gate.blocked(_first(row, now), now))
            for row in rows
        ]
        self.scribe.settle(settlements)

    def _age(self, row: Row, now: float) -> float | None:
        rules = self.rules(row.call.template)
        return rules.limit(row.call.item) if now - row.call.timestamp > rules.shortest else None


def _begun(row: Row, now: float) -> Row:
    """The row as the store knows it after `attempt`."""
    return Row(
        row.id,
        row.conversion,
        row.record,
        row.call,
        row.created,
        "sending",
        row.due,
        row.attempts + 1,
        _first(row, now),
        row.orphaned,
        row.reason,
    )


def _first(row: Row, now: float) -> float:
    return now if row.first_attempt is None else row.first_attempt
