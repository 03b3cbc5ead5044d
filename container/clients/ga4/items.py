"""The item string: `pr1=idSKU~nmName~pr10.01~qt3`.

Fields are joined by `~` in any order; two letters name the field, the rest is its value; a `~` within a value comes
as `~~`. A shop's own fields come as pairs: `k0color~v0red`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from container.clients.common import Notes
from container.clients.numbers import number

MOST_ITEMS = 200

TEXTS = {
    "id": "item_id",
    "nm": "item_name",
    "br": "item_brand",
    "va": "item_variant",
    "ca": "item_category",
    "c2": "item_category2",
    "c3": "item_category3",
    "c4": "item_category4",
    "c5": "item_category5",
    "cp": "coupon",
    "af": "affiliation",
    "ln": "item_list_name",
    "li": "item_list_id",
    "lo": "location_id",
    "pi": "promotion_id",
    "pn": "promotion_name",
    "cn": "creative_name",
    "cs": "creative_slot",
}
NUMBERS = {"pr": "price", "qt": "quantity", "ds": "discount", "lp": "index"}

FURTHER = ("2", "3", "4", "5")

LONGEST_KNOWN = 300  # characters of an item that is remembered
REMEMBERED = 2048  # items

_TILDE = "\x00"


def item(parameter: str, text: str, notes: Notes) -> dict[str, Any]:
    """One item from the parameter's value, which has been percent-decoded once."""
    found, broken = _known(text) if len(text) <= LONGEST_KNOWN else _read(text)
    for code in broken:
        notes.left_out(f"{parameter}.{code}", "not a number")
    return found.copy()


def _read(text: str) -> tuple[dict[str, Any], list[str]]:
    """The item, and the codes of the numbers that are none."""
    found: dict[str, Any] = {}
    broken: list[str] = []
    own: _Own | None = None
    plain = "~~" not in text and "%" not in text and _TILDE not in text
    for field in text.split("~") if plain else text.replace("~~", _TILDE).split("~"):
        code, value = field[:2], field[2:] if plain else _value(field[2:])
        if code in TEXTS:
            key = TEXTS[code]
            if code == "ca" and key in found:
                key, value = _further(value)
            found.setdefault(key, value)
        elif code in NUMBERS:
            amount = number(value)
            if amount is None:
                broken.append(code)
            else:
                found.setdefault(NUMBERS[code], amount)
        elif code:
            own = own or _Own()
            if not own.take(code, value):
                found[code] = value
    return {**own.pairs(), **found} if own else found, broken


_known = lru_cache(REMEMBERED)(_read)  # a shop sells the same things again and again


def _value(text: str) -> str:
    """The value; some senders encode it twice."""
    text = text.replace(_TILDE, "~")
    if "%" not in text:
        return text
    again = unquote(text)
    return text if "\ufffd" in again else again


def _further(value: str) -> tuple[str, str]:
    """A second `ca`. Some senders write the further categories as `ca2` for `c2`."""
    return (TEXTS[f"c{value[0]}"], value[1:]) if value[:1] in FURTHER else (TEXTS["ca"], value)


class _Own:
    """The shop's own fields: names `k0 …` and values `v0 …`, paired by their number."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._values: dict[int, str] = {}
        self._last = 0

    def take(self, code: str, value: str) -> bool:
        """Take the field if it is a name or a value. From the eleventh pair on the number has two digits."""
        letter, digit = code[0], code[1:]
        if letter not in "kv" or not digit.isascii() or not digit.isdigit():
            return False
        number = int(digit)
        expected = len(self._names) if letter == "k" else self._last
        if expected > 9 and f"{digit}{value}".startswith(str(expected)):
            number, value = expected, value[1:]
        if letter == "k":
            self._last = number
        (self._names if letter == "k" else self._values).setdefault(number, value)
        return True

    def pairs(self) -> dict[str, str]:
        """Name → value; what found no partner stays under its two letters."""
        found = {name: self._values.pop(at) for at, name in self._names.items() if at in self._values}
        alone = {f"k{at}": name for at, name in self._names.items() if name not in found}
        return {**alone, **{f"v{at}": value for at, value in self._values.items()}, **found}
