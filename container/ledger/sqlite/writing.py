"""Every change of the SQLite ledger. Nothing here begins or commits: the writer does, around many of these."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from container.call import Call
from container.conversion import Firing
from container.encoding import encode
from container.ledger.interface import Expiring, Held, Row, Settlement, Stored
from container.ledger.rows import UNSENT, call_meta, later_states, superfluous
from container.ledger.sqlite.forgetting import Forgetting
from container.ledger.sqlite.reading import SqliteReading, marks

DELIVERY = """
INSERT INTO deliveries(record, tag, destination, target, at, outcome, status, reason, attempt, took)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteWriting(Forgetting, SqliteReading):
    """Every change, inside the writer's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._do = connection.execute
        self._many = connection.executemany

    def open(self, id: str, kind: str, first: float, expires: float, state: Mapping[str, Any]) -> int:
        cursor = self._do(
            "INSERT INTO conversions(id, kind, version, first, expires, state) VALUES (?, ?, 1, ?, ?, ?)",
            (id, kind, first, expires, encode(state)),
        )
        return int(cursor.lastrowid or 0)

    def save(self, stored: Stored) -> None:
        self._do(
            "UPDATE conversions SET version=version+1, expires=?, state=? WHERE number=?",
            (stored.expires, encode(stored.state), stored.number),
        )

    def name(self, number: int, names: Iterable[Expiring], hints: Iterable[Expiring]) -> None:
        for table, rows in (("names", names), ("hints", hints)):
            values = [value for hash, expires in dict(rows).items() for value in (hash, number, expires)]
            if values:  # one statement for all: each costs as much as the rows in it
                places = ",".join(("(?, ?, ?)",) * (len(values) // 3))
                self._do(
                    f"INSERT INTO {table} VALUES {places} "
                    "ON CONFLICT DO UPDATE SET expires=max(expires, excluded.expires)",
                    values,
                )

    def unite(self, older: int, younger: int) -> None:
        self._do("UPDATE conversions SET united=?, version=version+1 WHERE number=?", (older, younger))
        self._do("UPDATE OR REPLACE firings SET number=? WHERE number=?", (older, younger))
        last = self._all("SELECT coalesce(max(copy), 0) FROM copies WHERE number=?", (older,))[0][0]
        self._do("UPDATE copies SET number=?, copy=copy+? WHERE number=?", (older, last, younger))
        self._thin(older)
        self._do("UPDATE OR IGNORE held SET number=? WHERE number=?", (older, younger))
        self._do("DELETE FROM held WHERE number=?", (younger,))
        self._do("UPDATE outbox SET number=? WHERE number=?", (older, younger))
        self._do("UPDATE records SET number=? WHERE number=?", (older, younger))

    def fire(self, number: int, firing: Firing) -> None:
        self._do(
            "INSERT OR REPLACE INTO firings VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, firing.target, firing.tag, firing.destination, firing.record, firing.state, firing.at),
        )

    def void(self, number: int, target: str, record: str) -> None:
        self._do("UPDATE firings SET state='void' WHERE number=? AND target=? AND record=?", (number, target, record))
        self._touch(number)

    def _touch(self, number: int) -> None:
        """Whoever has decided on the conversion as it was decides again."""
        self._do("UPDATE conversions SET version=version+1 WHERE number=?", (number,))

    def queue(self, number: int | None, record: str, call: Call, now: float) -> Row:
        cursor = self._do(
            "INSERT INTO outbox(number, record, account, target, state, due, created, call, envelope, item) "
            "VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
            (number, record, call.account, call.target, now, now, call_meta(call), call.envelope, call.item),
        )
        return Row(int(cursor.lastrowid or 0), number, record, call, created=now, due=now)

    def cancel(self, number: int, consent: Iterable[str]) -> list[Row]:
        denied = set(consent)
        rows = [
            row
            for row in self._rows(f"number=? AND state IN ({marks(len(UNSENT))}) ORDER BY id", (number, *UNSENT))
            if denied.intersection(row.call.consent)
        ]
        for row in rows:
            self._do("DELETE FROM outbox WHERE id=?", (row.id,))
            self.void(number, row.call.target, row.record)
        return rows

    def add_copy(self, number: int, blob: bytes, expires: float, first: bool = False) -> None:
        if first:
            self._do("INSERT INTO copies VALUES (?, 1, ?, ?)", (number, expires, blob))
            return
        self._do(
            "INSERT INTO copies SELECT ?, coalesce(max(copy), 0) + 1, ?, ? FROM copies WHERE number=?",
            (number, expires, blob, number),
        )
        self._thin(number)

    def _thin(self, number: int) -> None:
        """Let go of the copies in the middle where there are very many."""
        copies = self._all("SELECT copy FROM copies WHERE number=? ORDER BY copy", (number,))
        for copy in superfluous([row[0] for row in copies]):
            self._do("DELETE FROM copies WHERE number=? AND copy=?", (number, copy))

    def hold(self, held: Held) -> None:
        self._do(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)",
            (held.conversion, held.tag, held.why, held.record, held.due),
        )

    def release(self, number: int, tag: str) -> None:
        self._do("DELETE FROM held WHERE number=? AND tag=?", (number, tag))

    def keep(self, id: str, kept_as: str, number: int | None, at: float, record: bytes) -> None:
        self._do("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", (id, kept_as, number, at, record))

    def attempt(self, owner: str, ids: Sequence[int], now: float) -> list[int]:
        taken = self._all(
            "UPDATE outbox SET state='sending', owner=?, attempts=attempts+1, first_attempt=coalesce(first_attempt, ?) "
            f"WHERE id IN ({marks(len(ids))}) AND state='queued' RETURNING id",
            (owner, now, *ids),
        )
        return sorted(row[0] for row in taken)

    def settle(self, settlements: Sequence[Settlement]) -> None:
        self._many(DELIVERY, [_delivery(one) for one in settlements])
        states = [(later_states(one.outcome), one) for one in settlements]
        gone = [one.row.id for state, one in states if state is None]
        if gone:
            self._do(f"DELETE FROM outbox WHERE id IN ({marks(len(gone))})", gone)
        for state, one in states:
            if state is not None:
                self._keep_row(state, one)

    def _keep_row(self, state: str, settled: Settlement) -> None:
        id = settled.row.id
        self._do(
            "UPDATE outbox SET state=?, due=?, reason=?, owner=NULL, orphaned=orphaned+?, since=coalesce(since, ?) "
            "WHERE id=?",
            (state, settled.due, settled.reason, int(settled.orphaned), settled.at, id),
        )
        if state in ("refused", "expired"):
            self._void_own(id)

    def _void_own(self, id: int) -> None:
        found = self._all("SELECT number, target, record FROM outbox WHERE id=? AND number IS NOT NULL", (id,))
        for number, target, record in found:
            self.void(number, target, record)

    def requeue(self, ids: Sequence[int], now: float) -> list[int]:
        return [id for id in ids if self._requeue(id, now)]

    def _requeue(self, id: int, now: float) -> bool:
        found = self._rows("id=? AND state NOT IN ('queued', 'sending')", (id,))
        if not found:
            return False
        row = found[0]
        if row.conversion is not None:
            own = (row.conversion, row.call.target, row.record)
            others = "SELECT 1 FROM firings WHERE number=? AND target=? AND record != ? AND state != 'void' LIMIT 1"
            if self._all(others, own):
                return False  # another copy has fired for this target since
            self._do("UPDATE firings SET state='live' WHERE number=? AND target=? AND record=?", own)
            self._touch(row.conversion)
        self._do(
            "UPDATE outbox SET state='queued', due=?, first_attempt=NULL, orphaned=0, attempts=0 WHERE id=?", (now, id)
        )
        return True

    def drop(self, ids: Sequence[int]) -> list[int]:
        listed = marks(len(ids))
        gone = self._all(f"DELETE FROM outbox WHERE id IN ({listed}) AND state != 'sending' RETURNING id", ids)
        return sorted(row[0] for row in gone)

    def resume(self, account: str, now: float) -> int:
        cursor = self._do("UPDATE outbox SET state='queued', due=? WHERE state='stopped' AND account=?", (now, account))
        return cursor.rowcount

    def hasten(self, beyond: float, now: float) -> int:
        """Calls that would wait beyond that time are due now."""
        return self._do("UPDATE outbox SET due=? WHERE state='queued' AND due > ?", (now, beyond)).rowcount

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the store itself."""
        self._do("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _delivery(settled: Settlement) -> tuple[Any, ...]:
    row, call = settled.row, settled.row.call
    return (
        row.record, call.tag, call.destination, call.target, settled.at, settled.outcome, settled.status,
        settled.reason, row.attempts, settled.took,
    )  # fmt: skip
