"""Normalisers that look something up or pick members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.language.normalisers.base import Apply, Case, Normaliser, Parameter, Word
from container.language.values import as_text, equal, is_mapping


def _lookup(table: Mapping[str, str], otherwise: Any) -> Apply:
    same = isinstance(otherwise, Word)

    def lookup(value: Any) -> Any:
        text = as_text(value)
        if not text:
            return None
        found = table.get(text)
        return found if found is not None else value if same else otherwise

    return lookup


def _without(keys: tuple[str, ...]) -> Apply:
    dropped = frozenset(keys)

    def without(value: Any) -> Any:
        if not is_mapping(value):
            return None
        return {key: member for key, member in value.items() if key not in dropped}

    return without


def _only(keys: tuple[str, ...]) -> Apply:
    kept = frozenset(keys)

    def only(value: Any) -> Any:
        if not is_mapping(value):
            return None
        return {key: member for key, member in value.items() if key in kept}

    return only


def _find(key: str, wanted: Any, take: str | None) -> Apply:
    def find(value: Any) -> Any:
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, Mapping) and equal(element.get(key), wanted):
                return element.get(take) if take else element
        return None

    return find


def _get(key: Any) -> Apply:
    name = as_text(key)
    return lambda value: value.get(name) if name and isinstance(value, Mapping) else None


_KEYS = (Parameter("key", "words"),)
_NOTES = [{"name": "_fbp", "value": "fb.1.1.2"}, {"name": "gift", "value": "no"}]

NORMALISERS = (
    Normaliser(
        "lookup",
        "the table's value for this key; else absent, the value itself (`else: same`), or what `else` says",
        _lookup,
        (
            Case("event_names", "purchase", "Purchase"),
            Case("event_names", "other", None),
            Case("event_names, else: same", "other", "other"),
            Case("event_names, else: 'Custom'", "other", "Custom"),
            Case("event_names, else: 'Custom'", None, None),
        ),
        (Parameter("table", "table"), Parameter("else", "value", required=False, choices=("same",), named=True)),
    ),
    Normaliser(
        "without",
        "the mapping without these keys",
        _without,
        (Case("b, c", {"a": 1, "b": 2}, {"a": 1}), Case("a", "text", None)),
        _KEYS,
    ),
    Normaliser(
        "only",
        "the mapping with these keys only",
        _only,
        (Case("a, c", {"a": 1, "b": 2}, {"a": 1}), Case("a", None, None)),
        _KEYS,
    ),
    Normaliser(
        "get",
        "the member of this name, where the name is a value of its own",
        _get,
        (Case("'sku'", {"sku": "A-1"}, "A-1"), Case("'sku'", {"id": 1}, None), Case("'sku'", "A-1", None)),
        (Parameter("key", "value"),),
    ),
    Normaliser(
        "find",
        "of a list of mappings the first whose `key` equals `value`; with `take`, that member of it",
        _find,
        (
            Case("name, '_fbp'", _NOTES, {"name": "_fbp", "value": "fb.1.1.2"}),
            Case("name, '_fbp', value", _NOTES, "fb.1.1.2"),
            Case("name, '_ga'", _NOTES, None),
        ),
        (Parameter("key"), Parameter("value", "value"), Parameter("take", required=False)),
        whole=True,
    ),
)
