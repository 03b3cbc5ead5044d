"""Every leaf of the export's JSON, and what became of it: used, bookkeeping by a named rule, or not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

USED = ""  # every other state is the rule by which a leaf is bookkeeping


class Leaves:
    """What became of each leaf (a text, number, boolean or null), by its path: `containerVersion.tag[3].name`."""

    def __init__(self, data: Any) -> None:
        self.total = sum(1 for _ in _paths(data, ""))
        self._data = data
        self._state: dict[str, str] = {}

    @property
    def root(self) -> Item:
        """The whole export."""
        return Item(self, "", self._data)

    def mark(self, path: str, value: Any, state: str) -> None:
        """All leaves of `value` at `path`; what is used stays used."""
        for leaf in _paths(value, path):
            if state == USED:
                self._state[leaf] = USED
            else:
                self._state.setdefault(leaf, state)

    def state(self, path: str) -> str | None:
        """USED, the rule it is set aside by, or None: nobody has looked at it."""
        return self._state.get(path)

    @property
    def used(self) -> int:
        """How many went into the workspace."""
        return sum(1 for state in self._state.values() if state == USED)

    @property
    def bookkeeping(self) -> Mapping[str, int]:
        """How many each rule set aside."""
        return Counter(state for state in self._state.values() if state != USED)

    def not_understood(self) -> list[str]:
        """The paths of the others."""
        return [path for path in _paths(self._data, "") if path not in self._state]

    def as_json(self) -> dict[str, int]:
        """The four numbers; the last three make up the first."""
        kept = sum(self.bookkeeping.values())
        return {
            "total": self.total,
            "used": self.used,
            "bookkeeping": kept,
            "not_understood": self.total - self.used - kept,
        }


def _paths(value: Any, path: str) -> Iterator[str]:
    todo: list[tuple[Any, str]] = [(value, path)]
    while todo:
        found, at = todo.pop()
        if isinstance(found, dict):
            todo += [(member, f"{at}.{key}" if at else str(key)) for key, member in reversed(found.items())]
        elif isinstance(found, list):
            todo += [(member, f"{at}[{index}]") for index, member in reversed([*enumerate(found)])]
        else:
            yield at


class Item:
    """A value of the export; None too where the export has no such member. Reading it marks it as used."""

    __slots__ = ("leaves", "path", "there", "value")

    def __init__(self, leaves: Leaves, path: str, value: Any, there: bool = True) -> None:
        self.leaves = leaves
        self.path = path
        self.value = value
        self.there = there

    def get(self, key: str) -> Item:
        """The member of this name; an item of None where there is none."""
        there = self.has(key)
        value = self.value[key] if there else None
        return Item(self.leaves, f"{self.path}.{key}" if self.path else key, value, there)

    def has(self, key: str) -> bool:
        """Whether there is such a member."""
        return isinstance(self.value, dict) and key in self.value

    def elements(self) -> list[Item]:
        """The elements of a list; none where it is no list."""
        if not isinstance(self.value, list):
            return []
        return [Item(self.leaves, f"{self.path}[{index}]", value) for index, value in enumerate(self.value)]

    def text(self, key: str) -> str:
        """A member as text; empty where there is none."""
        found = self.get(key)
        if isinstance(found.value, dict | list) or found.value is None:
            return ""
        found.use()
        if isinstance(found.value, bool):
            return "true" if found.value else "false"
        return str(found.value)

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        found = [item for item in self.get(key).elements() if not isinstance(item.value, dict | list)]
        for item in found:
            item.use()
        return [str(item.value) for item in found]

    def use(self) -> Item:
        """Everything below went into the workspace."""
        if self.there:
            self.leaves.mark(self.path, self.value, USED)
        return self

    def book(self, rule: str) -> None:
        """Everything below that is not used is set aside by this rule."""
        if self.there:
            self.leaves.mark(self.path, self.value, rule)

    def book_all(self, rule: str, *keys: str) -> None:
        """Likewise, some members."""
        for key in keys:
            self.get(key).book(rule)
