"""The client `json`: one event or a list of events as JSON, from your own servers (with a token) or pages (open)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.bots import is_bot
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_page, add_time
from container.clients.numbers import as_number
from container.clients.options import path_option, place, schema, settings, text_option
from container.clients.signatures import bearer, same
from container.encoding import decode
from container.errors import BadSignature, TooLarge, Unreadable
from container.event import CONSENT_TYPES, Event, Request, new_id
from container.language.expression import Context

MOST_EVENTS = 500  # of one request
LONGEST_NAME = 200  # characters of an event's name
DEEPEST = 20  # levels of objects and lists within an event
LARGEST_BITS = 1000  # of a whole number, some 300 digits: as far as decimals may go
STATEMENTS = {"granted": True, "denied": False}
NAMES = ("transaction_id", "order_id", "event_id", "refund_id")  # what happened is recognised by these
NUMBERS = ("value", "tax", "shipping")

SCHEMA = schema(
    "json",
    required=("path",),
    token={"x-node": True, "description": "what senders put into `Authorization: Bearer …`; a secret"},
    open={"type": "boolean", "description": "true: anybody may send, pages of other hosts too; no token then"},
)


def compile(id: str, values: dict[str, Any], context: Context) -> JSONClient:
    """The client of these options; a problem unless exactly one of `token` and `open: true` is there."""
    token, is_open = values.get("token"), values.get("open") is True
    if (token is not None) == is_open:
        context.problems.error(
            "not-allowed" if is_open else "missing-key",
            f"client `{id}` has {'both a token and `open: true`' if is_open else 'neither a token nor `open: true`'}",
            place(token if is_open else values.get("kind")),
            'write `token: "{{ secret.EVENTS_TOKEN }}"` to let only your servers send, or `open: true` to let anybody',
        )
    return JSONClient(
        path=path_option(values.get("path"), context),
        token="" if token is None else text_option(token, context, "token"),
        open=is_open,
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

    def events(self, request: Request) -> list[Event]:
        """The events of the body. Raises `BadSignature`, `TooLarge` and `Unreadable`, which names the element."""
        self._check_token(request)
        body = decode(request.body)
        told = body if isinstance(body, list) else [body]
        if not told:
            raise Unreadable("the list holds no event")
        if len(told) > MOST_EVENTS:
            raise TooLarge(f"{len(told)} events in one request; {MOST_EVENTS} is the most")
        mine = self.mine(request)
        where = [f"event {at}: " for at in range(1, len(told) + 1)] if isinstance(body, list) else [""]
        return [self._event(mine, one, place) for one, place in zip(told, where, strict=True)]

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
        _check_values(told, where)
        _check_kinds(told, where)
        notes = Notes()
        _note_numbers(told, notes)
        data = _named(told, where)
        consent = _consent(told.get("consent_state"), where, notes)
        add_time(data, _stated_time(told), request.received, notes)
        if self.source == "browser":
            data["ip_override"] = request.ip or data.get("ip_override", "")
            data["user_agent"] = request.headers.get("user-agent") or data.get("user_agent", "")
        add_address(data, request.ip if self.source == "browser" else "", notes)
        add_page(data, request.cookies if self.source == "browser" else {})
        return Event(
            id=new_id(request.received),
            data=data,
            request=request,
            consent=consent,
            bot=self.source == "browser" and is_bot(str(data["user_agent"])),
            notes=notes(),
        )

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """200 and a short JSON object."""
        return Answer(200, {"content-type": "application/json", "cache-control": "no-store"}, b'{"accepted":true}')


def _named(told: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The event's data with its name in `event_name`; `event` is taken for it where `event_name` is missing."""
    data = dict(told)
    alias = "event_name" not in told and "event" in told
    name = data.pop("event") if alias else told.get("event_name")
    if not isinstance(name, str) or not name.strip():
        raise Unreadable(f"{where}`event_name` must be a text that is not empty")
    if len(name) > LONGEST_NAME:
        raise Unreadable(f"{where}`event_name` is longer than {LONGEST_NAME} characters")
    data["event_name"] = name
    return data


def _stated_time(told: Mapping[str, Any]) -> Any:
    return next((told[key] for key in ("timestamp", "event_time", "timestamp_micros") if told.get(key)), None)


def _consent(state: Any, where: str, notes: Notes) -> dict[str, bool]:
    """What the event states. A statement that cannot be read refuses the event: it is not the same as none."""
    if state is None:
        return {}
    if not isinstance(state, dict):
        raise Unreadable(f'{where}`consent_state` must be an object: {{"ad_storage": true, …}}')
    found = {name: _statement(name, value, where) for name, value in state.items() if value not in (None, "")}
    for name in found:
        if name not in CONSENT_TYPES:
            notes.left_out(f"consent_state.{name}", "no such consent type")
    return {name: granted for name, granted in found.items() if name in CONSENT_TYPES}


def _statement(name: str, value: Any, where: str) -> bool:
    granted = value if isinstance(value, bool) else STATEMENTS.get(value.lower()) if isinstance(value, str) else None
    if granted is None and name in CONSENT_TYPES:
        raise Unreadable(f"{where}`consent_state.{name}` must be true, false, granted or denied")
    return bool(granted)


def _note_numbers(told: Mapping[str, Any], notes: Notes) -> None:
    """Say which amounts are none; a transformation may still read them (`number(comma)`)."""
    for name in NUMBERS:
        if told.get(name) not in (None, "") and as_number(told[name]) is None:
            notes.add(f"`{name}` is not a number as in 12.50")


def _check_kinds(told: Mapping[str, Any], where: str) -> None:
    """Refuse what can only be a mistake of the sender's program, and would tell vendors nonsense."""
    for name in NAMES:
        if isinstance(told.get(name), bool | list | dict):
            raise Unreadable(f"{where}`{name}` must be a text or a number")
    if told.get("user_data") not in (None, "", []) and not isinstance(told["user_data"], dict):
        raise Unreadable(f'{where}`user_data` must be an object: {{"email_address": "…"}}')
    if told.get("items") not in (None, "") and not isinstance(told["items"], list | dict):
        raise Unreadable(f'{where}`items` must be a list of objects: [{{"item_id": "…"}}]')


def _check_values(value: Any, where: str) -> None:
    """Refuse what is nested too deeply or holds a whole number that no software can count with."""
    layer = [value]
    for _ in range(DEEPEST):
        inner = [one for outer in layer for one in (outer.values() if isinstance(outer, dict) else outer)]
        if any(isinstance(one, int) and one.bit_length() > LARGEST_BITS for one in inner):
            raise Unreadable(f"{where}a number is out of range")
        layer = [one for one in inner if isinstance(one, dict | list)]
        if not layer:
            return
    raise Unreadable(f"{where}nested deeper than {DEEPEST} levels")
