"""The client `browser_tag`: serves the tag's script and takes the events it sends."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from container.clients.bots import is_bot
from container.clients.checks import check_event, check_name, consent_stated
from container.clients.clicks import ga_client_id, ga_session
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_page, add_time
from container.clients.options import path_option, place, schema, settings
from container.encoding import decode
from container.errors import TooLarge, Unreadable
from container.event import Event, Request, new_id
from container.language.expression import Context

PATH = "/tagport.js"
ENDING = ".js"
MOST_EVENTS = 100  # of one request
LONGEST_COOKIE = 2000  # characters
MOST_COOKIES = 50
FRESH = 3600  # seconds a browser keeps the script without asking
SCRIPT = Path(__file__).with_name("tagport.js")

SCHEMA = schema("browser_tag")


def compile(id: str, values: dict[str, Any], context: Context) -> BrowserTagClient:
    """The client of these options; a problem where its path is no script's."""
    written = values.get("path")
    path = PATH if written is None else path_option(written, context)
    if path and not path.endswith(ENDING):
        message = f"`{path}` does not end in `{ENDING}`"
        hint = "the script is served at `path`, and its events go to the same path without `.js`: /tagport.js"
        context.problems.error("bad-path", message, place(written), hint)
    script()  # read now, not with the first visitor
    return BrowserTagClient(path=path, **settings(id, values, "browser", context))


@dataclass(frozen=True, slots=True)
class Script:
    """The tag as it is served."""

    plain: bytes
    packed: bytes
    tag: str  # the entity tag


@cache
def script() -> Script:
    """The built tag, read once."""
    plain = SCRIPT.read_bytes()
    return Script(plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:16]}"')


@dataclass(frozen=True, kw_only=True)
class BrowserTagClient(Settings):
    """GET of `path` is the script; POST of the same path without `.js` takes a list of events."""

    kind: ClassVar[str] = "browser_tag"
    cors: ClassVar[bool] = True

    path: str = PATH

    def claims(self, method: str, path: str) -> bool:
        """The script, and what it posts."""
        if method == "GET":
            return path == self.path
        return method == "POST" and path == self.path.removesuffix(ENDING)

    def events(self, request: Request) -> list[Event]:
        """The events of a post; none in a request for the script. Raises `TooLarge` and `Unreadable`."""
        if request.method == "GET":
            return []
        told = decode(request.body)
        if not isinstance(told, list) or not told:
            raise Unreadable("the body is no list of events")
        if len(told) > MOST_EVENTS:
            raise TooLarge(f"{len(told)} events in one request; {MOST_EVENTS} is the most")
        mine = self.mine(request)
        return [self._event(mine, one, f"event {at}: ") for at, one in enumerate(told, 1)]

    def _event(self, request: Request, told: Any, where: str) -> Event:
        if not isinstance(told, dict):
            raise Unreadable(f"{where}an event is an object")
        notes = Notes()
        check_event(told, where, notes)
        data = {name: value for name, value in told.items() if name != "common_cookie"}
        data["event_name"] = check_name(told.get("event_name"), "event_name", where)
        consent = consent_stated(told.get("consent_state"), "consent_state", where, notes)
        add_time(data, told.get("timestamp"), request.received, notes)
        data["ip_override"] = request.ip or data.get("ip_override", "")
        data["user_agent"] = request.headers.get("user-agent") or data.get("user_agent", "")
        add_address(data, request.ip, notes)
        cookies = {**_cookies(told.get("common_cookie")), **request.cookies}
        add_page(data, cookies)
        _add_analytics(data, cookies)
        bot = is_bot(str(data["user_agent"]))
        return Event(new_id(request.received), data, request, consent=consent, bot=bot, notes=notes())

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """204 for events; for the script what the browser does not have yet."""
        if request.method != "GET":
            return Answer(204, {"cache-control": "no-store"})
        found = script()
        headers = {
            "content-type": "text/javascript; charset=utf-8",
            "cache-control": f"public, max-age={FRESH}",
            "cross-origin-resource-policy": "cross-origin",
            "x-content-type-options": "nosniff",
            "etag": found.tag,
        }
        if request.headers.get("if-none-match") == found.tag:
            return Answer(304, headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Answer(200, {**headers, "content-encoding": "gzip", "vary": "Accept-Encoding"}, found.packed)
        return Answer(200, {**headers, "vary": "Accept-Encoding"}, found.plain)


def _cookies(told: Any) -> dict[str, str]:
    """The cookies that the page could read, for a container that the browser sends none to."""
    if not isinstance(told, Mapping) or len(told) > MOST_COOKIES:
        return {}
    return {name: value for name, value in told.items() if isinstance(value, str) and len(value) <= LONGEST_COOKIE}


def _add_analytics(data: dict[str, Any], cookies: Mapping[str, str]) -> None:
    """Client id and session of Google's own cookies, where the event states none."""
    if not data.get("client_id") and (found := ga_client_id(cookies.get("_ga", ""))):
        data["client_id"] = found
    for name, value in cookies.items():
        if name.startswith("_ga_") and not data.get("ga_session_id"):
            session, number = ga_session(value)
            if session:
                data |= {"ga_session_id": session, "ga_session_number": number}
