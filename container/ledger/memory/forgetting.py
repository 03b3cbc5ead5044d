"""A person taken out of the ledger in memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from container.conversion import Firing
from container.encoding import load
from container.ledger.interface import Delivery, Held, Row, Stored


class Pages:
    """Every row of a table, in the order of its key, a page at a time."""

    kept: dict[str, tuple[str, int | None, bytes]]
    copies_kept: dict[int, dict[int, tuple[float, bytes]]]
    stored: dict[int, Stored | int]
    outbox: dict[int, Row]

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

    def every_row(self, after: int, most: int) -> list[Row]:
        return [row for id, row in sorted(self.outbox.items()) if id > after][:most]

    def of(self, ids: Collection[str]) -> list[int]:
        """Conversions that belong to those with these ids (refunds)."""
        known = (one for one in self.stored.values() if isinstance(one, Stored))
        return [one.number for one in known if one.state.get("of") in ids]


class Forgetting(Pages):
    """Deleting what belongs to a person."""

    names: Any
    hints: Any
    fired: dict[int, dict[tuple[str, str], Firing]]
    holding: dict[int, dict[str, Held]]
    delivered: dict[str, tuple[Delivery, ...]]
    owners: dict[int, str]
    since: dict[int, float]

    @abstractmethod
    def _set(self, table: Any, key: Any, value: Any) -> None: ...

    @abstractmethod
    def _forget(self, table: Any, key: Any) -> None: ...

    def forget(self, numbers: Iterable[int], records: Iterable[str], rows: Iterable[int]) -> Mapping[str, int]:
        called, told = set(rows), set(records)
        gone = self._united({*numbers, *self._owners(told, called)})
        rows_left = self.outbox.values()
        calls = [row for row in rows_left if row.conversion in gone or row.record in told or row.id in called]
        told |= {id for id, (_, owner, _) in self.kept.items() if owner in gone} | {row.record for row in calls}
        told |= {firing.record for number in gone for firing in self.fired.get(number, {}).values()}
        counts = {"names": self._unname(self.names, gone), "hints": self._unname(self.hints, gone)}
        for what, table in (("copies", self.copies_kept), ("waits", self.holding), ("firings", self.fired)):
            counts[what] = self._drop_all(table, gone)
        counts["calls"] = self._drop(self.outbox, [row.id for row in calls])
        for extra in (self.owners, self.since):
            self._drop(extra, [row.id for row in calls])
        counts["deliveries"] = self._drop_all(self.delivered, told)
        counts["records"] = self._drop(self.kept, told)
        counts["conversions"] = self._drop(self.stored, gone)
        return counts

    def _owners(self, records: Collection[str], rows: Collection[int]) -> set[int]:
        found = [self.kept[id][1] for id in records if id in self.kept]
        found += [self.outbox[id].conversion for id in rows if id in self.outbox]
        return {number for number in found if number is not None}

    def _united(self, numbers: set[int]) -> set[int]:
        """These conversions and all that was ever united with one of them."""
        while True:
            pairs = [(younger, older) for younger, older in self.stored.items() if isinstance(older, int)]
            more = {one for pair in pairs if not numbers.isdisjoint(pair) for one in pair} - numbers
            if not more:
                return numbers
            numbers = numbers | more

    def _unname(self, table: Any, gone: Collection[int]) -> int:
        count = 0
        for hash, known in list(table.items()):
            left = {number: expires for number, expires in known.items() if number not in gone}
            if len(left) < len(known):
                count += len(known) - len(left)
                self._set(table, hash, left) if left else self._forget(table, hash)
        return count

    def _drop(self, table: Any, keys: Collection[Any]) -> int:
        known = [key for key in keys if key in table]
        for key in known:
            self._forget(table, key)
        return len(known)

    def _drop_all(self, table: Any, keys: Collection[Any]) -> int:
        """The same of a table that holds several rows under a key."""
        count = sum(len(table[key]) for key in keys if key in table)
        self._drop(table, keys)
        return count
