"""A person taken out of the SQLite ledger: whole tables looked through in pages, then rows deleted for good.

SQLite leaves deleted content in free space and in the WAL: `scrub` writes the file anew without it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from container.encoding import load
from container.ledger.interface import Row
from container.ledger.sqlite.checkpoints import turn
from container.ledger.sqlite.schema import connect

PATIENCE = 10.0  # seconds for which readers of the WAL are waited for

# In this order: what a later statement is found by goes last.
_DELETED = {
    "names": "number IN temp.gone",
    "hints": "number IN temp.gone",
    "copies": "number IN temp.gone",
    "waits": "number IN temp.gone",
    "firings": "number IN temp.gone",
    "calls": "number IN temp.gone OR record IN temp.told OR id IN temp.called",
    "deliveries": "record IN temp.told",
    "records": "id IN temp.told",
    "conversions": "number IN temp.gone",
}
_TABLES = {"waits": "held", "calls": "outbox"}  # the others are called like what they hold


class Pages:
    """Every row of a table, in the order of its key, a page at a time: what no index answers."""

    _all: Callable[[str, Sequence[Any]], list[Any]]
    _rows: Callable[[str, Sequence[Any]], list[Row]]

    def every_record(self, after: str, most: int) -> list[Mapping[str, Any]]:
        rows = self._all("SELECT record FROM records WHERE id > ? ORDER BY id LIMIT ?", (after, most))
        return [load(row[0]) for row in rows]

    def every_copy(self, after: tuple[int, int], most: int) -> list[tuple[int, int, bytes]]:
        return self._all(
            "SELECT number, copy, blob FROM copies WHERE (number, copy) > (?, ?) ORDER BY number, copy LIMIT ?",
            (*after, most),
        )

    def every_row(self, after: int, most: int) -> list[Row]:
        return self._rows("id > ? ORDER BY id LIMIT ?", (after, most))

    def of(self, ids: Collection[str]) -> list[int]:
        """Conversions that belong to those with these ids (refunds); ids begin with 0."""
        found = self._all("SELECT number, state FROM conversions WHERE instr(state, ?) > 0", (b'"of":"0',))
        return [number for number, state in found if load(state).get("of") in ids]


class Forgetting:
    """Deleting what belongs to a person, inside the writer's transaction."""

    _do: Callable[..., sqlite3.Cursor]

    def forget(self, numbers: Iterable[int], records: Iterable[str], rows: Iterable[int]) -> Mapping[str, int]:
        self._do("PRAGMA secure_delete=ON")
        self._list("gone", numbers)
        self._list("told", records)
        self._list("called", rows)
        self._follow()
        gone = {}
        for what, where in _DELETED.items():
            gone[what] = self._do(f"DELETE FROM {_TABLES.get(what, what)} WHERE {where}").rowcount
        return gone

    def _list(self, name: str, values: Iterable[Any]) -> None:
        self._do(f"CREATE TEMP TABLE IF NOT EXISTS {name}(id PRIMARY KEY)")
        self._do(f"DELETE FROM temp.{name}")
        for value in values:
            self._do(f"INSERT OR IGNORE INTO temp.{name} VALUES (?)", (value,))

    def _follow(self) -> None:
        """The conversions of the records and calls, all that was ever united with them, and what fired for those."""
        self._do("INSERT OR IGNORE INTO gone SELECT number FROM records WHERE id IN told AND number IS NOT NULL")
        self._do("INSERT OR IGNORE INTO gone SELECT number FROM outbox WHERE id IN called AND number IS NOT NULL")
        more = 1
        while more:
            more = self._do(
                "INSERT OR IGNORE INTO gone SELECT united FROM conversions WHERE number IN gone AND united IS NOT NULL"
            ).rowcount
            more += self._do("INSERT OR IGNORE INTO gone SELECT number FROM conversions WHERE united IN gone").rowcount
        self._do("INSERT OR IGNORE INTO told SELECT id FROM records WHERE number IN gone")
        self._do("INSERT OR IGNORE INTO told SELECT record FROM firings WHERE number IN gone")
        self._do("INSERT OR IGNORE INTO told SELECT record FROM outbox WHERE number IN gone OR id IN called")


def scrub(path: Path) -> None:
    """Write the file anew, without free space, and empty the WAL. Writers of other processes wait meanwhile.

    Raises `sqlite3.Error` where that cannot be done.
    """
    connection = connect(path)
    try:
        with turn(path):
            connection.execute("PRAGMA temp_store=FILE")  # as large as the store: not in memory
            connection.execute("VACUUM")
            _empty_wal(connection)
    finally:
        connection.close()


def _empty_wal(connection: sqlite3.Connection) -> None:
    end = time.monotonic() + PATIENCE
    while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > end:
            raise sqlite3.OperationalError("another process goes on reading what was before")
        time.sleep(0.05)
