"""A person taken out of the SQLite ledger: whole tables looked through in pages, then rows deleted for good.

SQLite leaves deleted content in free space and in the WAL: `scrub` writes the file anew without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from container.encoding import load

CHUNK = 500  # values in one IN list


class Pages:
    """Every row of a table, in the order of its key, a page at a time: what no index answers."""

    _all: Callable[[str, Sequence[Any]], list[Any]]

    def every_record(self, after: str, most: int) -> list[Mapping[str, Any]]:
        rows = self._all("SELECT record FROM records WHERE id > ? ORDER BY id LIMIT ?", (after, most))
        return [load(row[0]) for row in rows]

    def every_copy(self, after: tuple[int, int], most: int) -> list[tuple[int, int, bytes]]:
        return self._all(
            "SELECT number, copy, blob FROM copies WHERE (number, copy) > (?, ?) ORDER BY number, copy LIMIT ?",
            (*after, most),
        )
