"""Mapped values as event data: what is of no use under its key is left out, and noted; nothing is made up for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.clients.checks import DEEPEST, LARGEST_BITS
from container.clients.common import Notes
from container.clients.numbers import as_number
from container.errors import TooLarge
from container.event import CLICK_IDS

LONGEST_ID = 200  # characters
LONGEST_TEXT = 10_000
MOST_ITEMS = 1000  # lines of one event, events of one request

IDS = (
    *("event_name", "transaction_id", "order_id", "refund_id", "event_id", "user_id", "client_id", "ga_session_id"),
    *("cart_id", "checkout_id", "checkout_token", "item_id"),
)
TEXTS = (
    *("currency", "coupon", "affiliation", "ip_override", "user_agent", "language"),
    *("page_location", "page_referrer", "page_title", "fbc", "fbp", "ttp", *CLICK_IDS),
)
NUMBERS = ("value", "tax", "shipping", "discount")
ITEM_NUMBERS = ("price", "quantity", "discount")


def event_data(mapped: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The event's data. Raises `TooLarge`."""
    found = {name: value for name, value in mapped.items() if value not in (None, "") and _sound(name, value, notes)}
    for name in IDS:
        _replace(found, name, name, identifier(found.get(name)), "no text and no whole number", notes)
    for name in TEXTS:
        _replace(found, name, name, text(found.get(name)), "not a text", notes)
    for name in NUMBERS:
        _replace(found, name, name, as_number(found.get(name)), "not a number", notes)
    if "items" in found:
        found["items"] = _items(found["items"], notes)
    if "user_data" in found:
        found["user_data"] = _user_data(found["user_data"], notes)
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def text(value: Any) -> str | None:
    """A text that holds something; whole numbers become one."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST_TEXT else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if value.bit_length() < LARGEST_BITS else None


def identifier(value: Any) -> str | None:
    """An id as text, never made of a fraction."""
    found = text(value)
    return found if found is not None and len(found) <= LONGEST_ID else None


def _replace(data: dict[str, Any], key: str, shown: str, value: Any, why: str, notes: Notes) -> None:
    """Put the read value in the place of the written one; where there is none, leave it out."""
    if key not in data:
        return
    if value is None:
        notes.left_out(shown, why)
        del data[key]
    else:
        data[key] = value


def _sound(name: str, value: Any, notes: Notes) -> bool:
    """Neither nested too deeply nor with a whole number nobody can store."""
    if isinstance(value, str):
        return True
    layer = [value]
    for _ in range(DEEPEST):
        if any(isinstance(one, int) and one.bit_length() > LARGEST_BITS for one in layer):
            notes.left_out(name, "a number out of range")
            return False
        inner = [one for one in layer if isinstance(one, Mapping | list)]
        layer = [one for outer in inner for one in (outer.values() if isinstance(outer, Mapping) else outer)]
        if not layer:
            return True
    notes.left_out(name, f"nested deeper than {DEEPEST} levels")
    return False


def _items(value: Any, notes: Notes) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else [value]
    if len(rows) > MOST_ITEMS:
        raise TooLarge(f"more than {MOST_ITEMS} lines")
    if not all(isinstance(row, Mapping) for row in rows):
        notes.left_out("items", "an element that is no object")
    return [item for item in (_item(dict(row), notes) for row in rows if isinstance(row, Mapping)) if item]


def _item(item: dict[str, Any], notes: Notes) -> dict[str, Any]:
    _replace(item, "item_id", "items.item_id", identifier(item.get("item_id")), "no text and no whole number", notes)
    for name in ITEM_NUMBERS:
        _replace(item, name, f"items.{name}", as_number(item.get(name)), "not a number", notes)
    return item


def _user_data(value: Any, notes: Notes) -> dict[str, Any]:
    """Texts, lists of texts, and `address` with texts in it."""
    if not isinstance(value, Mapping):
        notes.left_out("user_data", "not an object")
        return {}
    found: dict[str, Any] = {}
    for name, member in value.items():
        kept = _person(member, name == "address")
        if kept in (None, [], {}):
            notes.left_out(f"user_data.{name}", "not a text")
        else:
            found[name] = kept
    return found


def _person(value: Any, address: bool) -> Any:
    if isinstance(value, list):
        return [kept for kept in (_person(one, address) for one in value[:50]) if kept]
    if isinstance(value, Mapping):
        members = {name: text(member) for name, member in value.items()} if address else {}
        return {name: member for name, member in members.items() if member}
    return text(value)
