"""The goods of a hit: enhanced e-commerce's numbered parameters (`pr1id`, `il1pi2nm`), and the older `item` hits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import number

MOST_ITEMS = 200
NO_NUMBER = "not a number"

TEXTS = {
    "id": "item_id",
    "nm": "item_name",
    "br": "item_brand",
    "ca": "item_category",
    "va": "item_variant",
    "cc": "coupon",
}
NUMBERS = {"pr": "price", "qt": "quantity", "ps": "index"}
ITEM_TEXTS = {"in": "item_name", "ic": "item_id", "iv": "item_category"}  # of an `item` hit
ITEM_NUMBERS = {"ip": "price", "iq": "quantity"}

_PRODUCT = re.compile(r"pr(\d{1,3})([a-z]{2}\d{0,3})", re.ASCII)
_SEEN = re.compile(r"il(\d{1,3})pi(\d{1,3})([a-z]{2}\d{0,3})", re.ASCII)
_LIST = re.compile(r"il(\d{1,3})nm", re.ASCII)

Item = dict[str, Any]


def is_of_goods(name: str) -> bool:
    """Whether the parameter is read here."""
    return bool(_PRODUCT.fullmatch(name) or _SEEN.fullmatch(name) or _LIST.fullmatch(name))


def products(query: Mapping[str, str], notes: Notes) -> list[Item]:
    """What an action is about, in the order of its numbers."""
    named = ((found[1], found[2], name) for name in query if (found := _PRODUCT.fullmatch(name)))
    return _numbered(named, query, notes)


def impressions(query: Mapping[str, str], notes: Notes) -> list[Item]:
    """What was seen in lists, each item with its list's name."""
    lists = {found[1]: query[name] for name in query if (found := _LIST.fullmatch(name))}
    fields: dict[str, list[tuple[str, str, str]]] = {}
    for name in query:
        if found := _SEEN.fullmatch(name):
            fields.setdefault(found[1], []).append((found[2], found[3], name))
    told: list[Item] = []
    for place, named in sorted(fields.items(), key=lambda one: int(one[0])):
        told += [_with_list(item, lists.get(place)) for item in _numbered(iter(named), query, notes)]
    return told[:MOST_ITEMS]


def _with_list(item: Item, name: str | None) -> Item:
    return {**item, "item_list_name": name} if name else item


def item_of_hit(query: Mapping[str, str], notes: Notes) -> Item:
    """The one item of an `item` hit."""
    item: Item = {key: query[name] for name, key in ITEM_TEXTS.items() if query.get(name)}
    for name, key in ITEM_NUMBERS.items():
        if name in query:
            _put_number(item, key, name, query[name], notes)
    return item


def _numbered(fields: Iterator[tuple[str, str, str]], query: Mapping[str, str], notes: Notes) -> list[Item]:
    items: dict[int, Item] = {}
    for place, field, name in fields:
        if not 1 <= int(place) <= MOST_ITEMS:
            notes.left_out(name, f"items are numbered from 1 to {MOST_ITEMS}")
        else:
            _put(items.setdefault(int(place), {}), field, name, query[name], notes)
    return [items[place] for place in sorted(items)]


def _put(item: Item, field: str, name: str, value: str, notes: Notes) -> None:
    if field in NUMBERS:
        _put_number(item, NUMBERS[field], name, value, notes)
    else:
        item[TEXTS.get(field, field)] = value  # `cd1` and `cm1`, a shop's own, under their code


def _put_number(item: Item, key: str, name: str, value: str, notes: Notes) -> None:
    found = number(value)
    if found is None:
        notes.left_out(name, NO_NUMBER)
    else:
        item[key] = found
