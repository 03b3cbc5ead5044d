"""What a Data tag's request says, as one object an event: generated < query < body."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote

from container.clients.checks import DEEPEST, check_values
from container.clients.common import Notes, note_broken
from container.encoding import decode
from container.errors import TooLarge, Unreadable
from container.event import Request, split_query

MOST_EVENTS = 100  # of one request
MOST_PARAMETERS = 5000  # of a form
JSON_TEXT = "dtcd"  # in a GET's query: JSON
JSON_BASE64 = "dtdc"  # in a GET's query: JSON in base64

Told = dict[str, Any]


def read(request: Request, notes: Notes) -> tuple[list[Told], bool]:
    """The events told, and whether they came as a list. Raises `Unreadable` and `TooLarge`."""
    query: Told = dict(request.query)
    note_broken(request.query_string, request.query, notes)
    if request.method == "GET":
        packed = _packed(query)
        return [{**query, **packed}], False
    body, is_list = _body(request, notes)
    return [{**query, **one} for one in body], is_list


def _packed(query: Told) -> Told:
    """What a GET holds as JSON; the parameters it stood in are taken out of the query."""
    text, packed = query.pop(JSON_TEXT, None), query.pop(JSON_BASE64, None)
    if packed is not None:
        text = _from_base64(packed)
    if not text:
        return {}
    where = f"`{JSON_TEXT if packed is None else JSON_BASE64}`: "
    try:
        return _object(decode(text), where)
    except Unreadable as refusal:
        raise Unreadable(f"{where}{refusal}" if not str(refusal).startswith(where) else str(refusal)) from refusal


def _from_base64(packed: str) -> str:
    """The text; a `+` that no one encoded has become a blank, and some senders encode the JSON for a URL first."""
    plain = packed.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"`{JSON_BASE64}` is not base64 of UTF-8 text") from error
    return unquote(text) if text.startswith("%7B") else text


def _body(request: Request, notes: Notes) -> tuple[list[Told], bool]:
    """The tag posts JSON as text/plain, so it is JSON whatever the content type says, unless it is a form."""
    if not request.body.strip():
        return [{}], False
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("application/x-www-form-urlencoded") and request.body.lstrip()[:1] not in (b"{", b"["):
        return [_form(request.body, notes)], False
    body = decode(request.body)
    if not isinstance(body, list):
        return [_object(body, "")], False
    if not body:
        raise Unreadable("the list holds no event")
    if len(body) > MOST_EVENTS:
        raise TooLarge(f"{len(body)} events in one request; {MOST_EVENTS} is the most")
    return [_object(one, f"event {at}: ") for at, one in enumerate(body, 1)], True


def _object(value: Any, where: str) -> Told:
    if not isinstance(value, dict):
        raise Unreadable(f'{where}an event is an object: {{"event_name": "purchase", …}}')
    check_values(value, where)
    return value


def _form(body: bytes, notes: Notes) -> Told:
    """`items.0.item_id=A` is `{items: [{item_id: A}]}`."""
    text = body.decode("utf-8", "replace")
    if text.count("&") >= MOST_PARAMETERS:
        raise TooLarge(f"more than {MOST_PARAMETERS} parameters in one form")
    parameters = split_query(text.replace("\r", "").replace("\n", ""))
    note_broken(text, parameters, notes)
    found: Told = {}
    for name, value in parameters.items():
        if not _put(found, name, value):
            notes.left_out(name, f"another parameter stands there already, or it is deeper than {DEEPEST} levels")
    return {key: _with_lists(value) for key, value in found.items()}


def _put(found: Told, name: str, value: str) -> bool:
    *way, last = name.split(".")
    if len(way) >= DEEPEST:
        return False
    for key in way:
        found = found.setdefault(key, {})
        if not isinstance(found, dict):
            return False
    return last not in found and found.setdefault(last, value) is value


def _with_lists(value: Any) -> Any:
    """An object whose keys are all numbers is a list, in their order."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(one) for key, one in value.items()}
    if all(key.isascii() and key.isdigit() and len(key) < 10 for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
