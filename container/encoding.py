"""JSON on the way in and out: numbers are decimals from the wire on, and leave as they were written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from container.errors import Unreadable

LARGEST_EXPONENT = 300
MOST_DIGITS = 1000  # of a fraction

# Every escape, so that a `\\` in front is none; the half of a character stands in the group.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)")


def refuse_wide(body: bytes) -> None:
    """Refuse a text of two or four bytes a character, which would be read as garbage. Raises `Unreadable`."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in body[:4]:
        raise Unreadable("the body is not UTF-8 but, as it seems, UTF-16 or UTF-32: send UTF-8")


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= MOST_DIGITS else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise Unreadable(f"the number {text[:40]} is out of range")
    return number


def _constant(text: str) -> Any:
    raise Unreadable(f"{text} is not a JSON number")


_decoder = json.JSONDecoder(parse_float=_decimal, parse_constant=_constant)


def decode(body: bytes | str) -> Any:
    """The JSON value of `body`; fractions as `Decimal`. Raises `Unreadable` saying what is wrong and where.

    Half a character (a text that was cut between the two escapes of one) is read as U+FFFD: nothing could store it.
    """
    if isinstance(body, bytes):
        refuse_wide(body)
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        if "\\ud" in text or "\\uD" in text:
            text = _ESCAPE.sub(_whole_character, text)
        return _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise Unreadable("the JSON is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except (ValueError, InvalidOperation) as error:
        raise Unreadable("a number in the body is out of range") from error


def _whole_character(escape: re.Match[str]) -> str:
    return r"\ufffd" if escape[1] else escape[0]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        nearest = float(value)
        return plain_number(value) if nearest.is_integer() else nearest
    raise TypeError(f"{type(value).__name__} is not JSON")


def plain_number(number: Decimal) -> int | float:
    """The JSON number of a decimal: 10.00 is 10, 149.90 is 149.9."""
    nearest = float(number)
    if not nearest.is_integer():
        return nearest
    exact = int(number)
    return exact if exact == number and -(2**63) < exact < 2**63 else nearest


def encode(value: Any, default: Callable[[Any], Any] = _plain) -> bytes:
    """`value` as compact JSON, always valid UTF-8: half characters (lone surrogates) become `?`.

    These, and whole numbers beyond 64 bits, go the slower way. `default` is asked for what JSON has no type for.
    """
    try:
        return orjson.dumps(value, default, orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:
        text = json.dumps(value, default=default, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


def whole(text: str) -> str:
    """The text with `?` for half characters (lone surrogates), which nothing can store or send."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def load(data: bytes) -> Any:
    """What `encode` wrote, read back fast: for our own bytes and vendors' answers, never for requests."""
    return orjson.loads(data)
