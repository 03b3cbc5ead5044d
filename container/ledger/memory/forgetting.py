"""A person taken out of the ledger in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.encoding import load


class Pages:
    """Every row of a table, in the order of its key, a page at a time."""

    kept: dict[str, tuple[str, int | None, bytes]]
    copies_kept: dict[int, dict[int, tuple[float, bytes]]]

    def every_record(self, after: str, most: int) -> list[Mapping[str, Any]]:
        ids = sorted(id for id in self.kept if id > after)
        return [load(self.kept[id][2]) for id in ids[:most]]

    def every_copy(self, after: tuple[int, int], most: int) -> list[tuple[int, int, bytes]]:
        copies = [
            (number, copy, blob)
            for number, kept in sorted(self.copies_kept.items())
            for copy, (_, blob) in sorted(kept.items())
            if (number, copy) > after
        ]
        return copies[:most]
