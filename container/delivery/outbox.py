"""The outbox's way out: rows handed over or read from the table, spread over accounts, a worker for every batch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from container.call import Reveal
from container.delivery.account import LOW, PAGE, Account
from container.delivery.counts import Counts, count
from container.delivery.http import Http, Sender
from container.delivery.outcomes import GIVE_UP_AFTER, RETRY_AFTER_MOST, Rules
from container.delivery.owner import Owner
from container.delivery.pace import Pace
from container.delivery.queue import Batch, Memory
from container.delivery.recovery import adopt
from container.delivery.scribe import STORE_WAIT, Scribe
from container.delivery.vendor import Vendor
from container.delivery.worker import Worker
from container.errors import NotStored
from container.ledger.interface import Row, Settlement, Store

log = logging.getLogger("tagport.delivery")

POLL = 1.0  # seconds between two looks at the table
ORPHANS = 30.0  # seconds between two looks for calls whose process died
LAST_WRITES = 5.0  # seconds that a stopping process gives the store for the last outcomes
FARTHEST = 2 * RETRY_AFTER_MOST  # seconds: no call is put off for longer
LEAST_PAUSE = 0.01  # seconds between two looks at what a vendor's rate allows
PROBES = 20  # calls among which the one for a probe is chosen


class Delivery:
    """Sends the outbox from inside the serving process.

    `rules`: a template's id → what delivery must know of it (None: the template is gone). `reveal`: a secret's name →
    its value. `database`: beside it go the lock files that tell the living from the dead (None: a store in memory).
    `vendors`: a URL that replaces every vendor's scheme, host and port; `http`: another client. `give_up_after`:
    seconds.
    """

    def __init__(
        self,
        store: Store,
        rules: Callable[[str], Rules | None],
        reveal: Reveal,
        *,
        database: Path | None = None,
        vendors: str | None = None,
        http: Sender | None = None,
        give_up_after: float = GIVE_UP_AFTER,
        counts: Counts | None = None,
        clock: Callable[[], float] = time.time,
        poll: float = POLL,
    ) -> None:
        self.store = store
        self.clock = clock
        self.poll = poll
        self.owner = Owner.beside(database)
        self.accounts: dict[str, Account] = {}
        self._http = http or Http(vendors)
        vendor = Vendor(self._http, reveal, clock)
        self._counts = counts
        self._scribe = Scribe(store, self.owner, self._settled)
        self._worker = Worker(self._scribe, vendor, rules, give_up_after, clock)
        self._memory = Memory()
        self._paces: dict[str, Pace] = {}  # by vendor's host
        self._tasks: set[asyncio.Task[None]] = set()
        self._poller: asyncio.Task[None] | None = None
        self._touched: dict[str, None] = {}  # accounts that were handed rows since they were last looked at
        self._next_orphans = 0.0

    async def start(self) -> None:
        """Settle what a dead process left behind, then send what waits."""
        self.owner.take()
        await self._adopt()
        now = self.clock()
        for failure in self.store.failures():
            if failure.row.state == "stopped":
                account = self._account(failure.row.call.account)
                account.gate.stop(failure.row.reason, now, probe=now)
                account.stopped_rows.append(failure.row.id)
        self._worker.running = True
        self._pump_touched()
        self._poller = asyncio.get_running_loop().create_task(self._poll())

    async def stop(self, grace: float) -> None:
        """Start nothing more; give what is under way `grace` seconds; leave the rest queued.

        What still has no answer then is settled like any unanswered request.
        """
        self._worker.running = False
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        while self._tasks:  # ends: requests are cut
            self._http.cut()
            await asyncio.wait(self._tasks, timeout=0.1)
        await self._scribe.finish(asyncio.get_running_loop().time() + LAST_WRITES)
        await self._http.close()
        self.owner.release()

    def hand_over(self, rows: Sequence[Row]) -> None:
        """Rows that are on disk since this moment. Never blocks; what memory does not hold is read later."""
        for row in rows:
            name = row.call.account
            self._account(name).offer((row,))
            if self._worker.running and not self._touched:
                asyncio.get_running_loop().call_soon(self._pump_touched)
            self._touched[name] = None

    def give_up_after(self, seconds: float) -> None:
        """From now on."""
        self._worker.give_up_after = seconds

    def stopped_accounts(self) -> dict[str, str]:
        """Accounts whose credentials are refused, with the vendor's reason: their calls wait."""
        return {name: account.gate.stopped for name, account in self.accounts.items() if account.gate.stopped}

    async def resume(self, account: str) -> int:
        """Somebody has mended the credentials: try one call now, and all others when it succeeds. Returns how many
        stopped calls wait again."""
        count = await self._resume(account)
        if account in self.accounts:
            self.accounts[account].gate.probe_now()
            self._refill(self.accounts[account], self.clock())
        return count

    # --- looking into the table -------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        while True:
            try:
                await asyncio.sleep(min(self.poll, await self._look()))
            except NotStored as error:
                log.warning("the store is busy: %s", error)
                await asyncio.sleep(STORE_WAIT)
            except Exception:
                log.exception("looking into the outbox failed; trying again")
                await asyncio.sleep(STORE_WAIT)

    async def _look(self) -> float:
        """One look at the table; returns the seconds until there is something to do again."""
        now = self.clock()
        if now >= self._next_orphans:
            await self._adopt()
        queued = await self._queued(now)
        for name in [name for name, due in queued.items() if due <= now]:
            self._refill(self._account(name), now)
        for name, account in list(self.accounts.items()):
            probing = account.gate.stopped and account.gate.room(now, account.flying)
            if probing and account.stopped_rows and name not in queued:
                await self._resume(name)  # nothing else to probe with
            elif account.rested(now) and name not in self._touched:
                del self.accounts[name]
        return max(0.01, min((due - now for due in queued.values() if due > now), default=self.poll))

    async def _queued(self, now: float) -> dict[str, float]:
        """Each account's earliest due time; none later than any call is ever put off (a clock that was set back)."""
        queued = self.store.queued()
        if all(due <= now + FARTHEST for due in queued.values()):
            return queued
        await self.store.write(lambda writing: writing.hasten(now + FARTHEST, now))
        return self.store.queued()

    async def _adopt(self) -> None:
        self._next_orphans = self.clock() + ORPHANS
        busy = set[int]().union(*(account.busy for account in self.accounts.values()))
        count(await adopt(self.store, self.owner, busy, self.clock()), self._counts)

    def _refill(self, account: Account, now: float) -> None:
        """Take up what is due for this account, where it may send and has little left in memory."""
        if account.gate.shut:
            self._refill_probe(account, now)
        elif len(account.queue) < LOW:
            account.refill(self.store.due(now, PAGE, account.cursor, account.name), PAGE)
        self._pump(account)

    def _refill_probe(self, account: Account, now: float) -> None:
        """One call to probe with: the one least suspected of being the trouble itself."""
        if not account.gate.room(now, account.flying):
            if not account.gate.stopped or not account.stopped_rows:
                return
            ready = self.store.due(now, PROBES, 0, account.name)
            if not any(row.id in account.stopped_rows for row in ready):
                return
            account.gate.probe_now()  # somebody sends a stopped call again: the credentials may be mended
        if not account.queue and (page := self.store.due(now, PROBES, 0, account.name)):
            account.queue.add(min(page, key=lambda row: row.attempts))

    async def _resume(self, name: str) -> int:
        now = self.clock()
        count = await self.store.write(lambda writing: writing.resume(name, now))
        if name in self.accounts:
            self.accounts[name].stopped_rows.clear()
        return count

    # --- starting workers -------------------------------------------------------------------------------------------

    def _pump_touched(self) -> None:
        touched, self._touched = self._touched, {}
        for name in touched:
            if name in self.accounts:
                self._pump(self.accounts[name])

    def _pump(self, account: Account) -> None:
        """Start as many requests as may be under way."""
        now = self.clock()
        while self._worker.running and account.gate.room(now, account.flying) > 0:
            batch = self._take(account, now)
            if batch is None:
                return
            account.flying += 1
            account.busy.update(row.id for row in batch.rows)
            task = asyncio.get_running_loop().create_task(self._work(account, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _take(self, account: Account, now: float) -> Batch | None:
        """The next request, where there is one and the vendor's rate allows it; else it comes when the rate does."""
        template = account.queue.next
        if template is None:
            return None
        rate = self._worker.rules(template).rate
        pace = account.pace(rate)
        if pause := pace.wait(rate, now):
            if not account.waking:
                account.waking = True
                asyncio.get_running_loop().call_later(max(LEAST_PAUSE, pause), self._wake, account)
            return None
        pace.count(rate, now)
        return account.queue.take(self._worker.rules, alone=account.gate.shut)

    def _wake(self, account: Account) -> None:
        account.waking = False
        self._pump(account)

    async def _work(self, account: Account, batch: Batch) -> None:
        """One batch from the queue to its end, and then the next ones."""
        try:
            await self._worker.send(account, batch.rows)
        except Exception as error:
            if isinstance(error, NotStored):
                log.warning("the store is busy, calls wait: %s", error)
            else:
                log.exception("delivering failed in an unforeseen way")
            account.behind = True
            account.busy.difference_update(row.id for row in batch.rows)
            await asyncio.sleep(STORE_WAIT if self._worker.running else 0)
        finally:
            account.queue.done(batch.group)
            account.flying -= 1
        if account.behind and len(account.queue) < LOW:
            self._refill(account, self.clock())
        else:
            self._pump(account)

    def _settled(self, outcomes: Sequence[Settlement]) -> None:
        """These outcomes are on disk."""
        for outcome in outcomes:
            account, id = self._account(outcome.row.call.account), outcome.row.id
            account.busy.discard(id)
            if outcome.outcome == "stopped":
                account.stopped_rows.append(id)
        count(outcomes, self._counts)

    def _account(self, name: str) -> Account:
        account = self.accounts.get(name)
        if account is None:
            shared = self._paces.setdefault(name.partition(" ")[0], Pace())
            account = self.accounts[name] = Account(name, self._memory, shared)
        return account
