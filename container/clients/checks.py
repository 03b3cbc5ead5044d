"""What every event told as JSON is held to: mistakes of a sender's program are refused, odd amounts are noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import as_number
from container.errors import Unreadable
from container.event import NEEDS

LONGEST_NAME = 200  # characters of an event's name
DEEPEST = 20  # levels of objects and lists within an event
LARGEST_BITS = 1000  # of a whole number, some 300 digits: as far as decimals may go
STATEMENTS = {"granted": True, "denied": False}
NAMES = ("transaction_id", "order_id", "event_id", "refund_id")  # what happened is recognised by these
NUMBERS = ("value", "tax", "shipping")


def check_event(told: Mapping[str, Any], where: str, notes: Notes) -> None:
    """Refuse what is no event, note what is no amount. Raises `Unreadable`, which begins with `where`."""
    check_values(told, where)
    _check_kinds(told, where)
    note_numbers(told, notes)


def note_numbers(told: Mapping[str, Any], notes: Notes) -> None:
    """Say which amounts are none; a transformation may still read them (`number(comma)`)."""
    for name in NUMBERS:
        if told.get(name) not in (None, "") and as_number(told[name]) is None:
            notes.add(f"`{name}` is not a number as in 12.50")


def check_name(name: Any, key: str, where: str) -> str:
    """The event's name. Raises `Unreadable`."""
    if not isinstance(name, str) or not name.strip():
        raise Unreadable(f"{where}`{key}` must be a text that is not empty")
    if len(name) > LONGEST_NAME:
        raise Unreadable(f"{where}`{key}` is longer than {LONGEST_NAME} characters")
    return name


def check_values(value: Any, where: str) -> None:
    """Refuse what is nested too deeply or holds a whole number that no software can count with."""
    layer = [value]
    for _ in range(DEEPEST):
        inner = [one for outer in layer for one in (outer.values() if isinstance(outer, dict) else outer)]
        if any(isinstance(one, int) and one.bit_length() > LARGEST_BITS for one in inner):
            raise Unreadable(f"{where}a number is out of range")
        layer = [one for one in inner if isinstance(one, dict | list)]
        if not layer:
            return
    raise Unreadable(f"{where}nested deeper than {DEEPEST} levels")


def _check_kinds(told: Mapping[str, Any], where: str) -> None:
    """Refuse what would tell vendors nonsense."""
    for name in NAMES:
        if isinstance(told.get(name), bool | list | dict):
            raise Unreadable(f"{where}`{name}` must be a text or a number")
    if told.get("user_data") not in (None, "", []) and not isinstance(told["user_data"], dict):
        raise Unreadable(f'{where}`user_data` must be an object: {{"email_address": "…"}}')
    if told.get("items") not in (None, "") and not isinstance(told["items"], list | dict):
        raise Unreadable(f'{where}`items` must be a list of objects: [{{"item_id": "…"}}]')


def consent_stated(state: Any, key: str, where: str, notes: Notes) -> dict[str, bool]:
    """What the event states. A statement that cannot be read refuses the event: it is not the same as none."""
    if state is None:
        return {}
    if not isinstance(state, dict):
        raise Unreadable(f'{where}`{key}` must be an object: {{"ad_storage": true, …}}')
    found = {name: _statement(f"{key}.{name}", name, value, where) for name, value in state.items() if _said(value)}
    for name in found:
        if name not in NEEDS:
            notes.left_out(f"{key}.{name}", "no such consent type")
    return {name: granted for name, granted in found.items() if name in NEEDS}


def _said(value: Any) -> bool:
    return value not in (None, "")


def _statement(shown: str, name: str, value: Any, where: str) -> bool:
    granted = value if isinstance(value, bool) else STATEMENTS.get(value.lower()) if isinstance(value, str) else None
    if granted is None and name in NEEDS:
        raise Unreadable(f"{where}`{shown}` must be true, false, granted or denied")
    return bool(granted)
