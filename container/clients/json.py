"""The client `json`: one event, a list, or one a line, from your own servers (with a token) or pages (open)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.checks import check_event, check_name, consent_stated
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_time
from container.clients.options import OPEN, entrance, path_option, schema, settings
from container.clients.signatures import bearer, same
from container.encoding import decode
from container.errors import BadSignature, TooLarge, Unreadable
from container.event import Event, Request
from container.language.expression import Context

MOST_EVENTS = 500  # of one request
LINES = ("ndjson", "jsonl", "json-lines")  # in a content type: one event a line

_BETWEEN = re.compile(rb"}[ \t\r]*\n\s*{")  # between two events a line each; within one value there is a comma

SCHEMA = schema(
    "json",
    required=("path",),
    token={"x-node": True, "description": "what senders put into `Authorization: Bearer …`; a secret"},
    open=OPEN,
)


def compile(id: str, values: dict[str, Any], context: Context) -> JSONClient:
    """The client of these options; a problem unless exactly one of `token` and `open: true` is there."""
    return JSONClient(
        path=path_option(values.get("path"), context),
        token=next(iter(entrance(id, values, "token", "EVENTS_TOKEN", context)), ""),
        open=values.get("open") is True,
        **settings(id, values, "server", context),
    )


@dataclass(frozen=True, kw_only=True)
class JSONClient(Settings):
    """Takes events whose keys are GTM's event data already. An empty token opens nothing."""

    kind: ClassVar[str] = "json"

    path: str
    token: str = ""
    open: bool = False

    @property
    def cors(self) -> bool:
        """Pages may send only where everybody may: a token in a page is no secret."""
        return self.open

    def claims(self, method: str, path: str) -> bool:
        """POST to the path."""
        return method == "POST" and path == self.path

    def signature(self, body: bytes, now: float) -> Mapping[str, str]:
        """The header by which it knows its senders."""
        return {"authorization": f"Bearer {self.token}"}

    def events(self, request: Request) -> list[Event]:
        """The events of the body. Raises `BadSignature`, `TooLarge` and `Unreadable`, which names the element."""
        self._check_token(request)
        told = _told(request)
        if not told:
            raise Unreadable("the list holds no event")
        if len(told) > MOST_EVENTS:
            raise TooLarge(f"{len(told)} events in one request; {MOST_EVENTS} is the most")
        mine = self.mine(request)
        return [self._event(mine, one, place) for place, one in told.items()]

    def _check_token(self, request: Request) -> None:
        if self.open:
            return
        token = bearer(request.headers.get("authorization", ""))
        if not token:
            raise BadSignature("the header `Authorization: Bearer <token>` is missing")
        if not self.token or not same(token, self.token):
            raise BadSignature("the token is not the one of this client")

    def _event(self, request: Request, told: Any, where: str) -> Event:
        if not isinstance(told, dict):
            raise Unreadable(f'{where}an event is an object: {{"event_name": "purchase", …}}')
        notes = Notes()
        check_event(told, where, notes)
        data = _named(told, where)
        consent = consent_stated(told.get("consent_state"), "consent_state", where, notes)
        if "consent_state" not in told and isinstance(told.get("consent"), dict):
            notes.add("`consent` says nothing here: what the visitor said stands in `consent_state`")
        add_time(data, _stated_time(told), request.received, notes)
        if self.source == "browser":
            data["ip_override"] = request.ip or data.get("ip_override", "")
            data["user_agent"] = request.headers.get("user-agent") or data.get("user_agent", "")
        return self.event(request, data, notes, consent)

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """200 and a short JSON object."""
        return Answer(200, {"content-type": "application/json", "cache-control": "no-store"}, b'{"accepted":true}')


def _told(request: Request) -> dict[str, Any]:
    """What the body holds, by where that is. Lines where its content type says so, or where it is several values."""
    lines = _lines(request)
    if lines:
        return {f"line {number}: ": _line(number, line) for number, line in lines.items()}
    body = decode(request.body)
    return {f"event {at}: ": one for at, one in enumerate(body, 1)} if isinstance(body, list) else {"": body}


def _lines(request: Request) -> dict[int, bytes]:
    """The body's lines by number, empty ones left out; none where it is one JSON value."""
    is_said = any(kind in request.headers.get("content-type", "").lower() for kind in LINES)
    if not is_said and not _BETWEEN.search(request.body):
        return {}
    return {number: line for number, line in enumerate(request.body.split(b"\n"), 1) if line.strip()}


def _line(number: int, line: bytes) -> Any:
    try:
        return decode(line)
    except Unreadable as refusal:
        raise Unreadable(f"line {number}: {refusal}") from refusal


def _named(told: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The event's data with its name in `event_name`; `event` is taken for it where `event_name` is missing."""
    data = dict(told)
    alias = "event_name" not in told and "event" in told
    name = data.pop("event") if alias else told.get("event_name")
    data["event_name"] = check_name(name, "event_name", where)
    return data


def _stated_time(told: Mapping[str, Any]) -> Any:
    return next((told[key] for key in ("timestamp", "event_time", "timestamp_micros") if told.get(key)), None)
