"""The client `ga4`: claims gtag's hits, one event each or several lines in a body, and answers as gtag expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.bots import is_bot
from container.clients.checks import LONGEST_NAME, check_name
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_page
from container.clients.ga4.fpid import LIFE, NAME, ServerClientId
from container.clients.ga4.hit import read
from container.clients.google_consent import stated
from container.clients.numbers import received_at
from container.clients.options import path_option, place, schema, settings
from container.cookie import Cookie
from container.errors import TooLarge, Unreadable
from container.event import Event, Request, new_id, split_query
from container.language.expression import Context

PATH = "/g/collect"
MOST_PARAMETERS = 1000  # of one event; gtag's largest hits have some 350
MOST_EVENTS = 100  # of one request; gtag sends 25
MOST_READ = 10_000  # parameters of one request, the shared ones counted for every line
TAKEN = Answer(204, {"cache-control": "no-store"})
STREAM = b'event: message\ndata: {"response":{"status_code":200,"body":""}}\n\n'

SCHEMA = schema(
    "ga4",
    cookie_management={
        "enum": ["js", "server"],
        "default": "js",
        "description": "whose the client id is: the page's `_ga`, or a cookie of the server's own",
    },
    cookie_name={"type": "string", "default": NAME, "description": "the server's cookie"},
    cookie_max_age={"type": "integer", "default": LIFE, "minimum": 1, "description": "its lifetime in seconds"},
    migrate_from_js_client_id={
        "type": "boolean",
        "default": False,
        "description": "a visitor who has `_ga` keeps that client id",
    },
)


def compile(id: str, values: dict[str, Any], context: Context) -> GA4Client:
    """The client of these options."""
    return GA4Client(
        path=path_option(values.get("path"), context),
        client_ids=_client_ids(id, values, context),
        **settings(id, values, "browser", context),
    )


def _client_ids(id: str, values: dict[str, Any], context: Context) -> ServerClientId | None:
    """How the server keeps client ids; None where the page does, and a problem where the options contradict that."""
    if values.get("cookie_management") == "server":
        name = str(values.get("cookie_name", NAME))
        if not Cookie(name, "", 0).is_sound or not name:
            message, hint = f"`{name}` is no name of a cookie", "write letters, digits, `_` and `-`"
            context.problems.error("not-allowed", message, place(values.get("cookie_name")), hint)
        takes_over = values.get("migrate_from_js_client_id", False) is True
        return ServerClientId(name, int(values.get("cookie_max_age", LIFE)), takes_over)
    for option in values:
        if option in ("cookie_name", "cookie_max_age", "migrate_from_js_client_id"):
            message = f"client `{id}` sets no cookie, so `{option}` says nothing"
            context.problems.error("not-allowed", message, place(option), "add `cookie_management: server`")
    return None


@dataclass(frozen=True, kw_only=True)
class GA4Client(Settings):
    """Reads gtag's hits. `path` is one more path besides all that end in `/g/collect`."""

    kind: ClassVar[str] = "ga4"
    cors: ClassVar[bool] = True

    path: str = ""
    client_ids: ServerClientId | None = None

    def claims(self, method: str, path: str) -> bool:
        """GET and POST of every path that ends in `/g/collect`, whatever the prefix."""
        return (path.endswith(PATH) or (bool(self.path) and path == self.path)) and method in ("GET", "POST")

    def events(self, request: Request) -> list[Event]:
        """One event for each line of the body, the query shared; without a body the query is the event.

        Raises `Unreadable` where it is no GA4 hit and `TooLarge` where it is more than one request may bring.
        """
        mine = self.mine(request)
        lines = _lines(request.body) if request.body else []
        _check_counts(request.query_string, lines)
        if not lines:
            _check_protocol(mine.query)
            _check_name(mine.query)
            return [self._event(mine)]
        return self._batch(mine, lines)

    def _batch(self, request: Request, lines: list[str]) -> list[Event]:
        shared = split_query(request.query_string)
        named, notes = [], Notes()
        for line in lines:
            query = {**shared, **split_query(line)}
            _check_protocol(query)
            if 0 < len(query.get("en", "")) <= LONGEST_NAME:
                named.append(request.with_query(f"{line}&{request.query_string}", query))
            else:
                notes.add("a line of the body has no event name (`en`) of up to 200 characters and was left out")
        if not named:
            raise Unreadable("no line of the body has an event name (parameter `en`)")
        return [self._event(one, notes()) for one in named]

    def _event(self, request: Request, said: tuple[str, ...] = ()) -> Event:
        notes = Notes(said)
        consent = stated(request.query.get("gcs", ""), request.query.get("gcd", ""))
        data = read(request, consent, notes)
        data["timestamp"] = received_at(request.received)
        add_address(data, request.ip, notes)
        add_page(data, request.cookies)
        bot = self.source == "browser" and is_bot(data["user_agent"])
        keeps = self.client_ids if self.source == "browser" and not bot else None
        cookies = keeps.put(data, request, consent) if keeps else ()
        return Event(
            id=new_id(request.received),
            data=data,
            request=request,
            consent=consent,
            bot=bot,
            notes=notes(),
            cookies=cookies,
        )

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """204; to a hit that asks for it (`richsstsse`), a stream without commands for the browser."""
        if "richsstsse" not in request.query_string or "richsstsse" not in request.query:
            return TAKEN
        return Answer(200, {"content-type": "text/event-stream", "cache-control": "no-store"}, STREAM)


def _lines(body: bytes) -> list[str]:
    """The lines that are events; browsers end them with CRLF, some senders with LF."""
    text = body.decode("utf-8-sig", "replace")
    lines = [line for line in (line.strip() for line in text.split("\n")) if line]
    if len(lines) > MOST_EVENTS:
        raise TooLarge(f"{len(lines)} events in one request; {MOST_EVENTS} is the most, gtag sends 25")
    return lines


def _check_counts(query_string: str, lines: list[str]) -> None:
    shared = query_string.count("&") + 1
    counts = [shared + line.count("&") + 1 for line in lines] if lines else (shared,)
    if max(counts) > MOST_PARAMETERS:
        raise TooLarge(f"{max(counts)} parameters for one event; {MOST_PARAMETERS} is the most")
    if sum(counts) > MOST_READ:
        raise TooLarge(f"{sum(counts)} parameters in one request; {MOST_READ} is the most")


def _check_protocol(query: Mapping[str, str]) -> None:
    if query.get("v") != "2":
        raise Unreadable("not a GA4 hit: the parameter `v` must be 2")
    if not query.get("tid"):
        raise Unreadable("not a GA4 hit: the measurement id (parameter `tid`) is missing")


def _check_name(query: Mapping[str, str]) -> None:
    if not query.get("en"):
        raise Unreadable("the hit has no event name (parameter `en`)")
    check_name(query["en"], "en", "")
