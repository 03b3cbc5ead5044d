"""Rendered calls as people and tests read them: secrets as `secret:NAME`, bodies as data where they are JSON."""

from __future__ import annotations

from typing import Any

from container.call import Call, Envelope, Parts
from container.encoding import decode, encode
from container.errors import Unreadable


def shown(call: Call) -> dict[str, Any]:
    """One call: `{tag, destination, target, method, url, headers, body}`."""
    envelope = Envelope.from_stored(call.envelope)
    text = _text(envelope.before) + call.item.decode() + _text(envelope.after)
    return {
        "tag": call.tag,
        "destination": call.destination,
        "target": call.target,
        "method": envelope.method,
        "url": _text(envelope.url),
        "headers": {name: _text(parts) for name, parts in envelope.headers},
        "body": _body(text),
    }


def _body(text: str) -> Any:
    if not text:
        return None
    try:
        return decode(text)
    except Unreadable:
        return text


def _text(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else _secret(str(part), part.form) for part in parts)


def _secret(name: str, form: str) -> str:
    return encode(name).decode() if form == "json" else name
