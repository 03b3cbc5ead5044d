"""JSON on the way in and out: numbers are decimals from the wire on, and leave as they were written."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from container.errors import Unreadable

LARGEST_EXPONENT = 300


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise Unreadable(f"the number {text[:40]} is out of range")
    return number


def _constant(text: str) -> Any:
    raise Unreadable(f"{text} is not a JSON number")


_decoder = json.JSONDecoder(parse_float=_decimal, parse_constant=_constant)


def decode(body: bytes | str) -> Any:
    """The JSON value of `body`; fractions as `Decimal`. Raises `Unreadable` saying what is wrong and where."""
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        return _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise Unreadable("the JSON is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except (ValueError, InvalidOperation) as error:
        raise Unreadable(f"the body is not JSON: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def plain_number(number: Decimal) -> int | float:
    """The JSON number of a decimal: 10.00 is 10, 149.90 is 149.9."""
    if number == number.to_integral_value() and abs(number) < 2**63:
        return int(number)
    return float(number)


def encode(value: Any) -> bytes:
    """`value` as compact JSON; lone surrogates and whole numbers beyond 64 bits go the slower way."""
    try:
        return orjson.dumps(value, default=_plain)
    except TypeError:
        return json.dumps(value, default=_plain, ensure_ascii=True, separators=(",", ":")).encode()


def load(data: bytes) -> Any:
    """What `encode` wrote, read back fast: for our own bytes and vendors' answers, never for requests."""
    return orjson.loads(data)
