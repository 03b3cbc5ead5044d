"""Every question to the SQLite ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from container.conversion import Firing
from container.encoding import load
from container.ledger.interface import Delivery, Failure, Held, Row, Stored
from container.ledger.rows import ENDED, FOUND, NEWEST, call_from, counting
from container.ledger.sqlite.forgetting import Pages

QUEUED = """
WITH RECURSIVE accounts(account) AS (
  SELECT min(account) FROM outbox WHERE state = 'queued'
  UNION ALL
  SELECT (SELECT min(account) FROM outbox WHERE state = 'queued' AND account > accounts.account)
  FROM accounts WHERE account IS NOT NULL)
SELECT account, (
  SELECT min(due) FROM outbox o INDEXED BY outbox_due WHERE state = 'queued' AND o.account = accounts.account)
FROM accounts WHERE account IS NOT NULL
"""
DEPTH = """
SELECT (SELECT count(*) FROM outbox WHERE state = 'queued')
  + (SELECT count(*) FROM outbox WHERE state = 'sending' AND state != 'queued'),
  (SELECT created FROM outbox WHERE state IN ('queued', 'sending') ORDER BY id LIMIT 1)
"""
ROW = (
    "id, number, record, created, state, due, attempts, first_attempt, orphaned, reason, call, envelope, item"
)


def marks(count: int) -> str:
    """Placeholders for an IN list."""
    return ",".join("?" * count)


class SqliteReading(Pages):
    """Every question, on one connection. Cursors are read to their end: an open one would pin its snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._all = _fetcher(connection)

    def find(self, names: Sequence[bytes], hints: Sequence[bytes], now: float = 0.0) -> list[tuple[bytes, int]]:
        return [*self._find("names", names, now), *self._find("hints", hints, now)]

    def _find(self, table: str, hashes: Sequence[bytes], now: float) -> list[tuple[bytes, int]]:
        if not hashes:
            return []
        many = 1 << (len(hashes) - 1).bit_length()  # few statements, which stay compiled
        listed = f"SELECT hash, number FROM {table} WHERE hash IN ({marks(many)}) AND expires > ? LIMIT ?"
        found = self._all(listed, (*hashes, *[hashes[0]] * (many - len(hashes)), now, FOUND))
        if len(found) < FOUND:
            return found
        newest = f"SELECT hash, number FROM {table} WHERE hash=? AND expires > ? ORDER BY number DESC LIMIT ?"
        return [row for hash in hashes for row in self._all(newest, (hash, now, NEWEST))]

    def conversions(self, numbers: Iterable[int]) -> dict[int, Stored]:
        found: dict[int, Stored] = {}
        for number in numbers:
            stored = self._conversion(number)
            if stored is not None:
                found[number] = stored
        return found

    def _conversion(self, number: int) -> Stored | None:
        while True:
            rows = self._all(
                "SELECT id, kind, version, first, expires, united, state FROM conversions WHERE number=?", (number,)
            )
            if not rows:
                return None
            id, kind, version, first, expires, united, state = rows[0]
            if united is None:
                return Stored(number, id, kind, version, first, expires, load(state))
            number = united

    def conversion_numbers(self, ids: Sequence[str]) -> list[int]:
        """The numbers of conversions by their public ids (`explain`); looks through the table."""
        return [
            row[0] for row in self._all(f"SELECT number FROM conversions WHERE id IN ({marks(len(ids))})", ids)
        ]

    def firings(self, number: int) -> dict[str, Firing]:
        rows = self._all(
            "SELECT target, tag, destination, record, state, at FROM firings WHERE number=?", (number,)
        )
        return counting(Firing(*row) for row in rows)

    def copies(self, number: int) -> list[bytes]:
        return [row[0] for row in self._all("SELECT blob FROM copies WHERE number=? ORDER BY copy", (number,))]

    def held(self, number: int) -> list[Held]:
        rows = self._all("SELECT number, tag, why, record, due FROM held WHERE number=? ORDER BY tag", (number,))
        return [Held(*row) for row in rows]

    def waits_due(self, now: float, most: int) -> list[Held]:
        rows = self._all(
            "SELECT number, tag, why, record, due FROM held WHERE due <= ? ORDER BY due LIMIT ?", (now, most)
        )
        return [Held(*row) for row in rows]

    def waits_beyond(self, time: float, most: int) -> list[Held]:
        rows = self._all(
            "SELECT number, tag, why, record, due FROM held WHERE due > ? ORDER BY due LIMIT ?", (time, most)
        )
        return [Held(*row) for row in rows]

    def record(self, id: str) -> Mapping[str, Any] | None:
        rows = self._all("SELECT record FROM records WHERE id=?", (id,))
        return load(rows[0][0]) if rows else None

    def records(self, number: int) -> list[Mapping[str, Any]]:
        return [load(row[0]) for row in self._all("SELECT record FROM records WHERE number=? ORDER BY id", (number,))]

    def recent(self, most: int, before: str = "") -> list[Mapping[str, Any]]:
        earlier = f"SELECT record FROM records {'WHERE id < ? ' if before else ''}ORDER BY id DESC LIMIT ?"
        return [load(row[0]) for row in self._all(earlier, (before, most) if before else (most,))]

    def newest_kept(self, kept_as: str, most: int, before: str = "") -> list[Mapping[str, Any]]:
        newest = f"SELECT record FROM records WHERE kept_as=?{' AND id < ?' if before else ''} ORDER BY id DESC LIMIT ?"
        return [load(row[0]) for row in self._all(newest, (kept_as, *([before] if before else ()), most))]

    def number_of(self, record: str) -> int | None:
        rows = self._all("SELECT number FROM records WHERE id=?", (record,))
        return rows[0][0] if rows else None

    def deliveries(self, record: str) -> list[Delivery]:
        rows = self._all(
            "SELECT record, tag, destination, target, at, outcome, status, reason, attempt, took "
            "FROM deliveries WHERE record=? ORDER BY id",
            (record,),
        )
        return [Delivery(*row) for row in rows]

    def due(self, now: float, most: int, after: int = 0, account: str | None = None) -> list[Row]:
        if account is None:
            return self._rows("state='queued' AND due <= ? AND id > ? ORDER BY id LIMIT ?", (now, after, most))
        where = "state='queued' AND account=? AND due <= ? AND id > ? ORDER BY id LIMIT ?"
        return self._rows(where, (account, now, after, most))

    def queued(self) -> dict[str, float]:
        """Each account's earliest due time; asks the index account by account, however long their queues are."""
        return dict(self._all(QUEUED, ()))

    def rows(self, conversion: int) -> list[Row]:
        return self._rows("number=? ORDER BY id", (conversion,))

    def sending(self) -> list[tuple[str, Row]]:
        where = "state='sending' AND state != 'queued' ORDER BY id"  # the second is what its index is about
        rows = self._all(f"SELECT owner, {ROW} FROM outbox WHERE {where}", ())
        return [(row[0], _row(row[1:])) for row in rows]

    def failures(self) -> list[Failure]:
        rows = self._all(
            f"SELECT since, {ROW} FROM outbox WHERE state IN ({marks(len(ENDED))}) AND state != 'queued' ORDER BY id",
            ENDED,
        )
        return [Failure(_row(row[1:]), row[0]) for row in rows]

    def depth(self) -> tuple[int, float | None]:
        count, oldest = self._all(DEPTH, ())[0]
        return count, oldest

    def meta(self, key: str) -> str | None:
        """A fact about the store itself (the key's fingerprint)."""
        rows = self._all("SELECT value FROM meta WHERE key=?", (key,))
        return rows[0][0] if rows else None

    def _rows(self, where: str, values: Sequence[Any]) -> list[Row]:
        return [_row(row) for row in self._all(f"SELECT {ROW} FROM outbox WHERE {where}", values)]


def _fetcher(connection: sqlite3.Connection) -> Callable[[str, Sequence[Any]], list[Any]]:
    execute = connection.execute

    def fetch(statement: str, values: Sequence[Any]) -> list[Any]:
        return execute(statement, values).fetchall()

    return fetch


def _row(row: Sequence[Any]) -> Row:
    id, number, record, created, state, due, attempts, first_attempt, orphaned, reason, call, envelope, item = row
    return Row(
        id=id,
        conversion=number,
        record=record,
        call=call_from(call, envelope, item),
        created=created,
        state=state,
        due=due,
        attempts=attempts,
        first_attempt=first_attempt,
        orphaned=orphaned,
        reason=reason,
    )
