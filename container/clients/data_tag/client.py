"""The client `data_tag`: claims what Stape's Data tag sends, and answers as Stape's Data client does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from container.clients.bots import is_bot
from container.clients.checks import NAMES, check_name, note_numbers
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_address, add_page, add_time, left_out_unless_text
from container.clients.data_tag.commerce import add_commerce
from container.clients.data_tag.names import UNNAMED, add_names, event_name
from container.clients.data_tag.wire import read
from container.clients.options import paths_option, schema, settings
from container.cookie import Cookie, site_of
from container.encoding import encode
from container.event import CONSENT_TYPES, Event, Request, new_id
from container.language.expression import Context
from container.language.values import present

PATH = "/data"
LIFE = 63_072_000  # seconds: two years
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
NO_STORE = {"cache-control": "no-store"}
KEPT = ("analytics_storage",)  # what the cookies need
STATEMENTS = {
    **dict.fromkeys((True, 1, "true", "1", "granted", "yes"), True),
    **dict.fromkeys((False, 0, "false", "0", "denied", "no"), False),
}
REPLIES = ("timestamp", "event_data", "empty")
STATUSES = (200, 201, 301, 302, 403, 404)
TEXTS = ("client_id", "user_id", "page_location", "page_hostname", "page_path", "user_agent")

SCHEMA = schema(
    "data_tag",
    generate_client_id={"type": "boolean", "default": True, "description": "make a client id, kept in cookie `_dcid`"},
    http_only_cookie={"type": "boolean", "default": False, "description": "scripts may not read `_dcid`"},
    prolong_cookies={"type": "boolean", "default": True, "description": "renew cookie `stape` where there is one"},
    expose_fpid_cookie={"type": "boolean", "default": False, "description": "FPIDP: a copy of FPID scripts can read"},
    response_status_code={"enum": [str(status) for status in STATUSES], "default": "200", "description": "the answer"},
    response_body={"enum": list(REPLIES), "default": "timestamp", "description": "what a POST is answered with"},
    response_body_get={"type": "boolean", "default": False, "description": "a GET gets that too, not the pixel"},
    redirect_to={"type": "string", "description": "where 301 and 302 send the visitor"},
    redirect_to_query_param={"type": "string", "description": "the parameter that says so, for URLs of the same site"},
    client_error_response_message={"type": "string", "description": "the text of 403 and 404"},
)


def compile(id: str, values: dict[str, Any], context: Context) -> DataTagClient:
    """The client of these options."""
    return DataTagClient(
        paths=(PATH, *paths_option(values.get("path"), context)),
        generates=values.get("generate_client_id", True) is True,
        http_only=values.get("http_only_cookie", False) is True,
        prolongs=values.get("prolong_cookies", True) is True,
        exposes_fpid=values.get("expose_fpid_cookie", False) is True,
        status=int(values.get("response_status_code", 200)),
        reply=str(values.get("response_body", REPLIES[0])),
        reply_to_get=values.get("response_body_get", False) is True,
        redirect_to=str(values.get("redirect_to", "")),
        redirect_parameter=str(values.get("redirect_to_query_param", "")),
        message=str(values.get("client_error_response_message", "")),
        **settings(id, values, "browser", context),
    )


@dataclass(frozen=True, kw_only=True)
class DataTagClient(Settings):
    """Reads everything; what the event itself states stays as it is."""

    kind: ClassVar[str] = "data_tag"
    cors: ClassVar[bool] = True

    paths: tuple[str, ...] = (PATH,)
    generates: bool = True
    http_only: bool = False
    prolongs: bool = True
    exposes_fpid: bool = False
    status: int = 200
    reply: str = REPLIES[0]
    reply_to_get: bool = False
    redirect_to: str = ""
    redirect_parameter: str = ""
    message: str = ""

    def claims(self, method: str, path: str) -> bool:
        """GET and POST of its paths."""
        return method in ("GET", "POST") and path in self.paths

    def events(self, request: Request) -> list[Event]:
        """One event, or those of a list. Raises `Unreadable` and `TooLarge`."""
        notes = Notes()
        told, is_list = read(request, notes)
        mine = self.mine(request)
        where = [f"event {at}: " for at in range(1, len(told) + 1)] if is_list else [""]
        cookies = self._cookies(request)
        return [self._event(mine, one, place, notes(), cookies) for one, place in zip(told, where, strict=True)]

    def _event(
        self, request: Request, told: Mapping[str, Any], where: str, said: Sequence[str], cookies: tuple[Cookie, ...]
    ) -> Event:
        notes = Notes(said)
        data: dict[str, Any] = {"unique_event_id": _id(request), **told}
        add_names(data)
        data["event_name"] = check_name(_name(data, notes), "event_name", where)
        left_out_unless_text(data, (*NAMES, *TEXTS), notes)
        _leave_out_no_object(data, notes)
        add_commerce(data, notes)
        note_numbers(data, notes)
        consent = _consent(data, notes)
        add_time(data, data.get("timestamp"), request.received, notes)
        if self.source == "browser":
            self._add_browser(data, request)
        add_address(data, request.ip if self.source == "browser" else "", notes)
        add_page(data, self._jar(data, request))
        kept = self._client_id(data, request) if self.generates else ()
        return Event(
            id=new_id(request.received),
            data=data,
            request=request,
            consent=consent,
            bot=self.source == "browser" and is_bot(str(data["user_agent"])),
            notes=notes(),
            cookies=(*kept, *cookies),
        )

    def _add_browser(self, data: dict[str, Any], request: Request) -> None:
        """What the request itself tells of the visitor, where the event does not."""
        headers = request.headers
        for name, value in {
            "ip_override": request.ip,
            "user_agent": headers.get("user-agent", ""),
            "language": headers.get("accept-language", "")[:2].lower(),
        }.items():
            if not present(data.get(name)):
                data[name] = value

    def _jar(self, data: Mapping[str, Any], request: Request) -> Mapping[str, str]:
        """The cookies the page could read before those that came with the request."""
        common = data.get("common_cookie")
        read = {name: value for name, value in common.items() if value and isinstance(value, str)} if common else {}
        return {**request.cookies, **read} if self.source == "browser" else read

    def _client_id(self, data: dict[str, Any], request: Request) -> tuple[Cookie, ...]:
        """The event's own id, else the kept one, else a new one; and the cookies that keep it."""
        jar = request.cookies if self.source == "browser" else {}
        if not present(data.get("client_id")):
            data["client_id"] = jar.get("_dcid") or jar.get("_dcid_temp") or f"dcid.1.{_id(request, '.')}"
        kept = Cookie("_dcid", str(data["client_id"]), LIFE, KEPT, http_only=self.http_only)
        return (kept, Cookie("_dcid_temp", "", 0)) if "_dcid_temp" in jar else (kept,)

    def _cookies(self, request: Request) -> tuple[Cookie, ...]:
        """What is renewed or copied."""
        found = []
        if self.prolongs and request.cookies.get("stape"):
            found.append(Cookie("stape", request.cookies["stape"], LIFE, KEPT))
        if self.exposes_fpid and request.cookies.get("FPID"):
            found.append(Cookie("FPIDP", request.cookies["FPID"], LIFE, KEPT))
        return tuple(found)

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """As the options say; a GET gets a pixel, and who asks for a stream (`richsstsse`) gets one."""
        if self.status in (301, 302) and (target := self._target(request)):
            return Answer(self.status, {"location": target, **NO_STORE})
        if self.status in (403, 404):
            return Answer(self.status, {"content-type": "text/plain; charset=utf-8", **NO_STORE}, self.message.encode())
        status = 201 if self.status == 201 else 200
        if request.method == "GET" and not self.reply_to_get and "richsstsse" not in request.query:
            return Answer(status, {"content-type": "image/gif", **NO_STORE}, PIXEL)
        return self._told(status, request, self._reply(request, events))

    def _told(self, status: int, request: Request, body: bytes) -> Answer:
        if "richsstsse" in request.query:
            response = {"response": {"status_code": status, "body": body.decode()}}
            stream = b"event: message\ndata: %b\n\n" % encode(response)
            return Answer(200, {"content-type": "text/event-stream", **NO_STORE}, stream)
        return Answer(status, {"content-type": "application/json", **NO_STORE} if body else NO_STORE, body)

    def _reply(self, request: Request, events: Sequence[Event]) -> bytes:
        if self.reply == "empty":
            return b""
        told = [self._of(event) for event in events]
        return encode(told if request.body.lstrip()[:1] == b"[" else told[0])

    def _of(self, event: Event) -> Mapping[str, Any]:
        if self.reply == "event_data":
            return event.data
        return {"timestamp": int(event.timestamp), "unique_event_id": event.data["unique_event_id"]}

    def _target(self, request: Request) -> str:
        """Where a redirect leads: never to another site because a parameter says so."""
        wanted = request.query.get(self.redirect_parameter, "") if self.redirect_parameter else ""
        try:
            url = urlsplit(wanted)
            host = url.hostname or ""
        except ValueError:
            return self.redirect_to
        site = site_of(request.host)
        is_ours = bool(site) and url.scheme in ("http", "https") and site_of(host) == site
        return wanted if is_ours and wanted.isascii() and wanted.isprintable() else self.redirect_to


def _id(request: Request, between: str = "_") -> str:
    """Milliseconds and nine digits."""
    return f"{round(request.received * 1000)}{between}{100_000_000 + secrets.randbelow(900_000_000)}"


def _name(data: Mapping[str, Any], notes: Notes) -> str:
    found = event_name(data)
    if found is None:
        notes.left_out("event_name", "not a text")
    return UNNAMED if found is None else found


def _leave_out_no_object(data: dict[str, Any], notes: Notes) -> None:
    for name in ("user_data", "common_cookie", "consent_state"):
        if present(data.get(name)) and not isinstance(data[name], dict):
            notes.left_out(name, "not an object")
            data.pop(name)
        elif name in data and not present(data[name]):
            data.pop(name)


def _consent(data: Mapping[str, Any], notes: Notes) -> dict[str, bool]:
    """What the page states. A word nobody knows counts as a refusal: the event itself is not lost for it."""
    found: dict[str, bool] = {}
    for name, value in data.get("consent_state", {}).items():
        said = value.strip().lower() if isinstance(value, str) else value
        if name not in CONSENT_TYPES or not present(said):
            continue
        known = isinstance(said, bool | str | int) and said in STATEMENTS
        found[name] = known and STATEMENTS[said]
        if not known:
            notes.add(f"`consent_state.{name}` is neither granted nor denied: it counts as denied")
    return found
