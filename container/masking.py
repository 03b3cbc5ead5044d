"""Personal data made unreadable for records, logs and pages: enough is left to recognise one's own test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

LONGEST = 1000  # characters of a text that are shown
MANY = 100  # members of a mapping whose names are remembered

EMAIL = re.compile(r"([\w.%+\-]{1,64})(@|%(?:25)*40)([\w\-]{1,63}(?:\.[\w\-]{1,63})+)")
PERSONAL = frozenset(
    (
        *("user_data", "customer", "address", "billing_address", "shipping_address", "default_address", "ip_override"),
        *("email", "email_address", "e_mail", "mail", "phone", "phone_number", "telephone", "mobile"),
        *("name", "first_name", "last_name", "firstname", "lastname", "full_name", "fullname", "surname"),
        *("street", "postal_code", "postcode", "zip", "zip_code", "birthday", "birthdate", "date_of_birth"),
    )
)

_WORDS = re.compile(r"\w+")
_HALF_AN_ADDRESS = re.compile(r"[^\s@]{1,64}(?:@|%(?:25)*40)[\w.\-]*\Z")
_NUMBERS = frozenset((int, float, Decimal))
_PLAIN = _NUMBERS | {bool, type(None)}


def masked(value: Any, personal: bool = False) -> Any:
    """`value` with e-mail addresses, and everything under a personal key, masked; long texts are cut."""
    kind = value.__class__
    if kind is str:
        return _text(value, personal)
    if kind in _PLAIN:
        return "***" if personal and kind in _NUMBERS else value
    if kind is dict:
        return _members(value, personal)
    if kind is list or isinstance(value, list | tuple):
        return [masked(item, personal) for item in value]
    if isinstance(value, Mapping):
        return masked({str(key): item for key, item in value.items()}, personal)
    return _text(str(value), personal) if isinstance(value, str) else str(value)


def masked_text(text: str) -> str:
    """A text with every e-mail address in it masked."""
    return EMAIL.sub(_address, text) if "@" in text or ("%" in text and "40" in text) else text


def _members(value: Mapping[str, Any], personal: bool) -> dict[str, Any]:
    """A mapping's members; most of them are short texts and numbers with nothing to mask, told without a call."""
    special = _special(tuple(value)) if len(value) <= MANY else None
    if personal or special is None:
        return {_key(key)[0]: masked(item, personal or _key(key)[1]) for key, item in value.items()}
    found = {
        key: item
        if (item.__class__ is str and "@" not in item and "%" not in item and len(item) <= LONGEST)
        or item.__class__ in _PLAIN
        else masked(item)
        for key, item in value.items()
        if key not in special
    }
    for key in special:
        shown, own = _key(key)
        found[shown] = masked(value[key], own)
    return found


@lru_cache(512)
def _special(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that are not shown as they are, or under which a personal value stands: an event's are ever the same."""
    return tuple(key for key in keys if _key(key) != (key, False))


@lru_cache(4096)
def _key(key: str) -> tuple[str, bool]:
    """The key as it is shown, and whether a personal value stands there: under it, or read by what a check saw."""
    own = key in PERSONAL or ("." in key and not PERSONAL.isdisjoint(_WORDS.findall(key)))
    return masked_text(key), own


def _text(text: str, personal: bool) -> str:
    if not personal or not text or EMAIL.fullmatch(text):
        return masked_text(text if len(text) <= LONGEST else _cut(text))
    return text[0] + "***" if len(text) < 40 else text[:4] + "…"  # a hash may be told by its beginning


def _cut(text: str) -> str:
    """The beginning of a long text; an address that the cut goes through is left out."""
    return f"{_HALF_AN_ADDRESS.sub('', text[:LONGEST])}… ({len(text)} characters)"


def _address(match: re.Match[str]) -> str:
    return f"{match[1][0]}***{match[2]}{match[3]}"
