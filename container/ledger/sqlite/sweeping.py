"""Forgetting in small steps, so that no commit waits long for it."""

from __future__ import annotations

import sqlite3

from container.ledger.rows import QUOTAS

SWEEP = 2000  # names looked at in one step
COPIES, CONVERSIONS, TRIM = 500, 200, 300  # copies, conversions and records that go in one step at most
FIRST = (b"", 0)  # before the first name
TRIM_EVERY = 60  # steps between two looks at the quotas
DELIVERIES = 500_000  # attempts told by `explain`, the newest
# A tag that waits is decided on the copies, however long the process was away.
NOT_WAITING = "number NOT IN (SELECT number FROM held WHERE due IS NOT NULL)"


class Sweeper:
    """Runs inside the writer's transaction. Names and hints have no index by time: a rolling look finds the old."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute
        self._sweeps = {"names": FIRST, "hints": FIRST}
        self._over: dict[str, int] = {}  # records above the quota of their class, by the last look
        self._steps = 0

    def step(self, now: float) -> int:
        """Forget some of what is past its time; returns the rows that went: many of them mean that there are more."""
        gone = sum(self._sweep(table, now) for table in self._sweeps)
        do = self._do
        self._steps += 1
        gone += do(
            "DELETE FROM copies WHERE (number, copy) IN "
            f"(SELECT number, copy FROM copies WHERE expires < ? AND {NOT_WAITING} LIMIT ?)",
            (now, COPIES),
        ).rowcount
        stale = do(
            f"SELECT number FROM conversions WHERE expires < ? AND {NOT_WAITING} LIMIT ?", (now, CONVERSIONS)
        ).fetchall()
        for (number,) in stale:
            for table in ("conversions", "firings", "copies", "held"):
                gone += do(f"DELETE FROM {table} WHERE number=?", (number,)).rowcount
        last = "SELECT max(id) - ? FROM deliveries"
        old = f"SELECT id FROM deliveries WHERE id <= ({last}) ORDER BY id LIMIT ?"
        gone += do(f"DELETE FROM deliveries WHERE id IN ({old})", (DELIVERIES, SWEEP)).rowcount
        return gone + self._trim()

    def _sweep(self, table: str, now: float) -> int:
        do, low = self._do, self._sweeps[table]
        looked = f"SELECT hash, number FROM {table} WHERE (hash, number) > (?, ?) ORDER BY hash, number LIMIT ?"
        seen = do(looked, (*low, SWEEP)).fetchall()
        self._sweeps[table] = seen[-1] if len(seen) == SWEEP else FIRST
        if not seen:
            return 0
        old = f"DELETE FROM {table} WHERE (hash, number) > (?, ?) AND (hash, number) <= (?, ?) AND expires < ?"
        return do(old, (*low, *seen[-1], now)).rowcount

    def _trim(self) -> int:
        """Some of the oldest records of the class that is furthest above its quota, with what is told of them."""
        do = self._do
        if self._steps % TRIM_EVERY == 0:
            counted = "SELECT count(*) FROM records WHERE kept_as=?"
            self._over = {kept: do(counted, (kept,)).fetchone()[0] - most for kept, most in QUOTAS.items()}
        kept_as, over = max(self._over.items(), key=lambda one: one[1], default=("", 0))
        if over <= 0:
            return 0
        old = "SELECT id FROM records WHERE kept_as=? ORDER BY id LIMIT ?"
        which = (kept_as, min(over, TRIM))
        gone = do(f"DELETE FROM deliveries WHERE record IN ({old})", which).rowcount
        gone += (trimmed := do(f"DELETE FROM records WHERE id IN ({old})", which).rowcount)
        self._over[kept_as] = over - trimmed if trimmed else 0
        return gone
