"""Forgetting in small steps, so that no commit waits long for it."""

from __future__ import annotations

import sqlite3

from container.ledger.rows import QUOTAS

SWEEP = 2000  # rows looked at in one step
TRIM_EVERY = 60  # steps between two looks at the quotas
DELIVERIES = 500_000  # attempts told by `explain`, the newest
# A tag that waits is decided on the copies, however long the process was away.
NOT_WAITING = "number NOT IN (SELECT number FROM held WHERE due IS NOT NULL)"


class Sweeper:
    """Runs inside the writer's transaction. Names and hints have no index by time: a rolling look finds the old."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection.execute
        self._sweeps = {"names": b"", "hints": b""}
        self._steps = 0

    def step(self, now: float) -> int:
        """Forget some of what is past its time; returns the rows that went."""
        gone = sum(self._sweep(table, now) for table in self._sweeps)
        do = self._do
        self._steps += 1
        gone += do(
            "DELETE FROM copies WHERE (number, copy) IN "
            f"(SELECT number, copy FROM copies WHERE expires < ? AND {NOT_WAITING} LIMIT ?)",
            (now, SWEEP),
        ).rowcount
        stale = do(
            f"SELECT number FROM conversions WHERE expires < ? AND {NOT_WAITING} LIMIT ?", (now, SWEEP // 10)
        ).fetchall()
        for (number,) in stale:
            for table in ("conversions", "firings", "copies", "held"):
                gone += do(f"DELETE FROM {table} WHERE number=?", (number,)).rowcount
        if self._steps % TRIM_EVERY == 0:
            gone += sum(self._trim(kept_as, most) for kept_as, most in QUOTAS.items())
            last = "SELECT max(id) - ? FROM deliveries"
            gone += do(f"DELETE FROM deliveries WHERE id <= ({last})", (DELIVERIES,)).rowcount
        return gone

    def _sweep(self, table: str, now: float) -> int:
        do = self._do
        seen = do(f"SELECT hash FROM {table} WHERE hash > ? ORDER BY hash LIMIT ?", (self._sweeps[table], SWEEP))
        hashes = [row[0] for row in seen.fetchall()]
        low, self._sweeps[table] = self._sweeps[table], hashes[-1] if len(hashes) == SWEEP else b""
        if not hashes:
            return 0
        return do(
            f"DELETE FROM {table} WHERE hash > ? AND hash <= ? AND expires < ?", (low, hashes[-1], now)
        ).rowcount

    def _trim(self, kept_as: str, most: int) -> int:
        do = self._do
        over = do("SELECT count(*) FROM records WHERE kept_as=?", (kept_as,)).fetchone()[0] - most
        if over <= 0:
            return 0
        old = do("SELECT id FROM records WHERE kept_as=? ORDER BY id LIMIT ?", (kept_as, min(over, SWEEP))).fetchall()
        for (id,) in old:
            do("DELETE FROM deliveries WHERE record=?", (id,))
            do("DELETE FROM records WHERE id=?", (id,))
        return len(old)
