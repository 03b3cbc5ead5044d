"""Normalisers that write a value in another notation, or read it."""

from __future__ import annotations

import base64 as base64_
from collections.abc import Mapping
from typing import Any

from container.encoding import decode, encode
from container.errors import Unreadable
from container.language.normalisers.base import Case, of_text, plain
from container.language.values import as_text, present


def _base64(text: str) -> str:
    return base64_.b64encode(text.encode(errors="replace")).decode()


def _json(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | Mapping):
        return as_text(value)
    text = as_text(value)
    return encode(text).decode() if isinstance(value, str) else text


def _from_json(value: Any) -> Any:
    if isinstance(value, list | Mapping):
        return value
    text = as_text(value)
    try:
        return decode(text) if text else None
    except Unreadable:
        return None


NORMALISERS = (
    plain("base64", "Base64 of the text", of_text(_base64), Case("", "a:b", "YTpi"), Case("", "", None)),
    plain(
        "json",
        "the value as JSON text",
        lambda value: _json(value) if present(value) else None,
        Case("", {"a": [1]}, '{"a":[1]}'),
        Case("", "a", '"a"'),
        Case("", [], None),
        whole=True,
    ),
    plain(
        "from_json",
        "what a JSON text says; absent where it is none; a list or mapping is itself",
        _from_json,
        Case("", '["A-1", 2]', ["A-1", 2]),
        Case("", ["A-1", 2], ["A-1", 2]),
        Case("", "[object Object]", None),
        whole=True,
    ),
)
