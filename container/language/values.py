"""What values are to the language. Each is None, bool, int, Decimal, str, list or dict (or a reference to a secret)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from container.encoding import LARGEST_EXPONENT, encode

LONGEST_NUMBER = 320  # characters; nobody's price or id is longer
_JAVASCRIPT_PLAIN = 21  # digits before the point from which JavaScript prints an exponent
_JAVASCRIPT_SMALL = -7  # exponent of the first digit below which it does
_SHORT = 10**_JAVASCRIPT_PLAIN
_LARGEST_BITS = LARGEST_EXPONENT * 10 // 3
_NUMBERS = (int, Decimal, float)

_number_text = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)


def present(value: Any) -> bool:
    """Everything but None, "", [] and {}: 0 and false are present."""
    if value:
        return True
    return value is not None and isinstance(value, _NUMBERS)


def is_mapping(value: Any) -> bool:
    """Whether it has members; of a dict, as nearly all are, that is told without asking an abstract class."""
    return value.__class__ is dict or isinstance(value, Mapping)


def truth(value: Any) -> bool:
    """Whether `and`, `or`, `not` and `$if` take the value for true: everything present but false and 0."""
    return bool(value)


def as_text(value: Any) -> str | None:
    """The value as text: numbers as JavaScript prints them, true/false, lists and mappings as JSON; None where absent.

    A secret has no text: it may only stand by itself.
    """
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return None
    if kind is bool:
        return "true" if value else "false"
    if kind is int and -_SHORT < value < _SHORT:
        return str(value)
    if isinstance(value, _NUMBERS):
        return _number_as_text(value)
    if isinstance(value, str):
        return str(value)
    return _json(value) if value and isinstance(value, list | Mapping) else None


def _json(value: Any) -> str | None:
    try:
        return encode(value).decode()
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return None


def _number_as_text(value: int | Decimal | float) -> str | None:
    number = as_decimal(value)
    if number is None:
        return None
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    shorter = text.rstrip("0")
    if not shorter or not isinstance(exponent, int):
        return "0"
    point = len(text) + exponent  # digits before the decimal point
    return ("-" if sign else "") + _javascript(shorter, point)


def _javascript(digits: str, point: int) -> str:
    if len(digits) <= point <= _JAVASCRIPT_PLAIN:
        return digits + "0" * (point - len(digits))
    if 0 < point <= _JAVASCRIPT_PLAIN:
        return f"{digits[:point]}.{digits[point:]}"
    if _JAVASCRIPT_SMALL < point - 1 < 0:
        return "0." + "0" * -point + digits
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"


def as_decimal(value: int | Decimal | float) -> Decimal | None:
    """A number as decimal; None for NaN, infinities and absurd exponents."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    elif isinstance(value, int):
        if value.bit_length() > _LARGEST_BITS:
            return None
        value = Decimal(value)
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        return None
    return value


def number(value: Any) -> int | Decimal | None:
    """The value as a number: numbers, and text that is one number in ASCII digits; else None."""
    kind = value.__class__
    if kind is int:
        return value if -_SHORT < value < _SHORT or as_decimal(value) is not None else None
    if kind is Decimal:
        return value if value.is_finite() and -LARGEST_EXPONENT <= value.adjusted() <= LARGEST_EXPONENT else None
    if kind is float:
        return as_decimal(value)
    if isinstance(value, str):
        return number_from_text(value)
    return None


def number_from_text(text: str) -> int | Decimal | None:
    """The number a text is (`149.90`, ` 3 `, `1e3`); None where it is none or absurd."""
    if len(text) > LONGEST_NUMBER:
        return None
    text = text.strip()
    if not _number_text.fullmatch(text):
        return None
    return as_decimal(Decimal(text))


def whole(value: int | Decimal) -> int:
    """The number without its fraction."""
    return value if isinstance(value, int) else math.trunc(value)


def equal(left: Any, right: Any) -> bool:
    """Equal as text (10.0 is `10`); what is absent equals nothing."""
    text = as_text(left)
    return bool(text) and text == as_text(right)


def contains(options: Any, value: Any) -> bool:
    """Whether `value` equals one of `options`: a list's elements, a mapping's keys, or the one value."""
    text = as_text(value)
    if not text:
        return False
    if isinstance(options, list | tuple) or is_mapping(options):
        return text in map(as_text, options)
    return text == as_text(options)


def step(value: Any, key: str | int) -> Any:
    """`value.key` or `value[key]`: a member of a mapping, an element of a list (`items.0` too), else None."""
    if is_mapping(value):
        found = value.get(key)
        return value.get(str(key)) if found is None and key.__class__ is int else found
    if isinstance(value, list):
        index = key if isinstance(key, int) else _index(key)
        return value[index] if 0 <= index < len(value) else None
    return None


def _index(key: str) -> int:
    return int(key) if key.isdecimal() and key.isascii() and len(key) < 9 else -1
