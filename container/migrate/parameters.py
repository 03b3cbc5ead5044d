"""GTM's parameters (`{type, key, value | list | map}`) as plain values: texts, lists, mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from container.migrate.leaves import Item

REFERENCE = "{{"
_MOST_DIGITS = 20


class Params:
    """The parameters of one object by key. Reading one marks all its leaves as used.

    They are read by key and never by type: a BOOLEAN that holds a variable is exported as TEMPLATE.
    """

    def __init__(self, item: Item) -> None:
        self._items: dict[str, Item] = {}
        for element in item.elements():
            if isinstance(element.value, dict):
                self._items.setdefault(str(element.value.get("key", "")), element)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def value(self, key: str) -> Any:
        """A text, list or mapping; None where there is none. An empty field has no value."""
        item = self._items.get(key)
        return None if item is None else decoded(item.use().value)

    def text(self, key: str) -> str:
        """A text, empty where there is none."""
        found = self.value(key)
        return found if isinstance(found, str) else ""

    def flag(self, key: str, default: bool = False) -> bool:
        """Whether it is switched on; one that a variable decides counts as on."""
        found = self.text(key).strip().lower()
        return (found == "true" or REFERENCE in found) if found else default

    def rows(self, key: str) -> list[dict[str, str]]:
        """The rows of a table: column → text."""
        found = self.value(key)
        rows = found if isinstance(found, list) else []
        return [{name: _text(value) for name, value in row.items()} for row in rows if isinstance(row, dict)]

    def table(self, key: str, name: str = "name", value: str = "value") -> list[tuple[str, str]]:
        """A table of names and values, rows without a name left out."""
        return [(row[name], row.get(value, "")) for row in self.rows(key) if row.get(name)]

    def book(self, rule: str, *keys: str) -> None:
        """These are understood and mean nothing here, by this rule; those that begin so where a `*` ends the key."""
        for key in keys:
            for name, item in self._items.items():
                if name == key or (key.endswith("*") and name.startswith(key[:-1])):
                    item.book(rule)

    def all(self) -> Iterator[tuple[str, Any]]:
        """Every parameter, decoded, without marking anything."""
        for key, item in self._items.items():
            yield key, decoded(item.value)

    def unread(self) -> list[str]:
        """The keys of those that nobody has read or set aside."""
        return [key for key, item in self._items.items() if item.leaves.state(f"{item.path}.type") is None]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def decoded(value: Any) -> Any:
    """One parameter object as a plain value; what no export of GTM has counts as nothing."""
    if not isinstance(value, dict):
        return None
    if value.get("type") in ("LIST", "list") or "list" in value:
        return [decoded(element) for element in listed(value.get("list"))]
    if value.get("type") in ("MAP", "map") or "map" in value:
        members = listed(value.get("map"))
        return {str(one.get("key", "")): decoded(one) for one in members if isinstance(one, dict)}
    found = value.get("value")
    if isinstance(found, bool):
        return "true" if found else "false"
    return None if found is None or isinstance(found, dict | list) else str(found)


def listed(value: Any) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def digits(text: str) -> int | None:
    """The number that ASCII digits are; None for all else, and for more of them than an id or a time of GTM has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else None


def arguments(condition: Any) -> dict[str, str]:
    """The arguments of a condition (arg0, arg1, negate, ignore_case) as they are in the export."""
    if not isinstance(condition, dict):
        return {}
    found = [one for one in listed(condition.get("parameter")) if isinstance(one, dict)]
    return {str(one.get("key")): value for one in found if isinstance(value := one.get("value"), str)}
