"""What a test expects a call to send, against what it sends: named keys equal, lists whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from container.encoding import encode

_MISSING = object()


def sendable(call: Mapping[str, Any]) -> dict[str, Any]:
    """A shown call with the keys of a template's `request:`: method url query headers, and json, form or text."""
    url = urlsplit(call["url"])
    found: dict[str, Any] = {
        "method": call["method"],
        "url": url._replace(query="").geturl(),
        "query": dict(parse_qsl(url.query, keep_blank_values=True)),
        "headers": {name.lower(): value for name, value in call["headers"].items()},
    }
    body = call["body"]
    kind = found["headers"].get("content-type", "")
    if isinstance(body, str):
        found["text"] = body
        if kind.startswith("application/x-www-form-urlencoded"):
            found["form"] = dict(parse_qsl(body, keep_blank_values=True))
    elif body is not None:
        found["json"] = body
    return found


def differences(wanted: Any, got: Any, path: str = "") -> list[str]:
    """Every place where `got` is not what `wanted` says; keys that `wanted` does not name are free."""
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping):
            return [_differs(path, wanted, got)]
        return [
            found
            for key, value in wanted.items()
            for found in differences(value, got.get(key, _MISSING), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(wanted, list):
        if not isinstance(got, list) or len(got) != len(wanted):
            return [_differs(path, wanted, got)]
        pairs = enumerate(zip(wanted, got, strict=True))
        return [found for at, (one, other) in pairs for found in differences(one, other, f"{path}[{at}]")]
    return [] if _same(wanted, got) else [_differs(path, wanted, got)]


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    return bool(wanted == got)


def _differs(path: str, wanted: Any, got: Any) -> str:
    found = "missing" if got is _MISSING else encode(got).decode()
    return f"{path} should be {encode(wanted).decode()}, and is {found}"
