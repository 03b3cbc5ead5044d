"""The body of a webhook: JSON whatever the content type says, or a form where it says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from container.encoding import decode
from container.errors import TooLarge, Unreadable
from container.event import Request, unquoted

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2000  # of a form
DEEPEST = 10  # brackets in a form field's name
_KEYS = re.compile(r"\[([^\[\]]*)\]")


def read_body(request: Request) -> Any:
    """The body's value. Raises `Unreadable` and `TooLarge`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM and request.body.lstrip()[:1] not in (b"{", b"["):  # JSON is often called so, as curl does
        return form(request.body)
    if kind.startswith("multipart/"):
        raise Unreadable(f"the body is {kind[:60]}: send JSON, or a form as {FORM}")
    return decode(request.body)


def form(body: bytes) -> dict[str, Any]:
    """A form's fields; `contact[email]` is a member of `contact`, `items[0][id]` and `tags[]` are elements of lists.

    Of a field that comes twice the first counts.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8 (byte {error.start})") from error
    pairs = [pair for pair in text.split("&") if pair]
    if len(pairs) > MOST_FIELDS:
        raise TooLarge(f"more than {MOST_FIELDS} fields")
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        _put(found, _path(unquoted(name)), unquoted(value))
    return {name: _lists(value) for name, value in found.items()}


def _path(name: str) -> list[str]:
    start = name.find("[")
    rest = name[start:] if start > 0 else ""
    keys = _KEYS.findall(rest)
    if not keys or len(keys) > DEEPEST or _KEYS.sub("", rest):
        return [name]
    return [name[:start], *keys]


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        inner = found.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        found = inner
    last = path[-1] or str(len(found))
    found.setdefault(last, value)


def _lists(value: Any) -> Any:
    """Mappings whose keys count from 0 become lists."""
    if not isinstance(value, Mapping):
        return value
    inner = {key: _lists(member) for key, member in value.items()}
    if [*inner] == [str(at) for at in range(len(inner))]:
        return list(inner.values())
    return inner
