"""The client `snowplow`: claims what Snowplow's trackers post, and their pixel, and answers as the collector does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.checks import check_name, check_values, note_numbers
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_time, note_broken
from container.clients.numbers import Number, number, received_at, seconds
from container.clients.options import paths_option, schema, settings
from container.clients.snowplow.payload import read
from container.cookie import Cookie
from container.encoding import decode
from container.errors import TooLarge, Unreadable
from container.event import Event, Request
from container.language.expression import Context

POST_PATH = "/com.snowplowanalytics.snowplow/tp2"
GET_PATH = "/i"
PAYLOAD = "iglu:com.snowplowanalytics.snowplow/payload_data/"
MOST_EVENTS = 500  # of one request
LONGEST_WAIT = 30 * 86400  # seconds between an event and its sending: trackers keep what could not be sent
LIFE = 31_536_000  # seconds: the collector's cookie, a year
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
NO_STORE = {"cache-control": "no-store"}

SCHEMA = schema("snowplow")


def compile(id: str, values: dict[str, Any], context: Context) -> SnowplowClient:
    """The client of these options."""
    return SnowplowClient(more=paths_option(values.get("path"), context), **settings(id, values, "browser", context))


@dataclass(frozen=True, kw_only=True)
class SnowplowClient(Settings):
    """Reads payloads of the tracker protocol. `more`: paths besides Snowplow's (its `postPath`)."""

    kind: ClassVar[str] = "snowplow"
    cors: ClassVar[bool] = True

    more: tuple[str, ...] = ()

    def claims(self, method: str, path: str) -> bool:
        """POST of Snowplow's path and one's own; GET of the pixel and one's own."""
        if method == "POST":
            return path == POST_PATH or path in self.more
        return method == "GET" and (path == GET_PATH or path in self.more)

    def events(self, request: Request) -> list[Event]:
        """One event for each payload; an old order's items are its order's. Raises `Unreadable` and `TooLarge`."""
        mine = self.mine(request)
        notes = Notes()
        if request.method == "GET":
            note_broken(request.query_string, request.query, notes)
            payloads: list[Any] = [request.query]
        else:
            payloads = _payloads(request.body)
        found = []
        for at, fields in enumerate(payloads, 1):
            where = "" if request.method == "GET" else f"event {at}: "
            said = Notes(notes())
            found.append((fields, self._data(fields, where, said), where, said))
        _gather_items([(fields, data) for fields, data, _, _ in found])
        return [self._event(mine, *one) for one in found if one[1]]

    def _data(self, fields: Any, where: str, notes: Notes) -> dict[str, Any]:
        if not isinstance(fields, dict | Mapping):
            raise Unreadable(f"{where}an event is an object of the tracker's fields")
        check_values(dict(fields), where)
        if not isinstance(fields.get("e"), str) or not fields["e"]:
            raise Unreadable(f"{where}the event's type (field `e`) is missing")
        return read(fields, notes)

    def _event(
        self, request: Request, fields: Mapping[str, Any], data: dict[str, Any], where: str, notes: Notes
    ) -> Event:
        check_name(data["event_name"], "event_name", where)
        add_time(data, _happened(fields, request.received), request.received, notes)
        note_numbers(data, notes)
        self.add_visitor(data, request)
        return self.event(request, data, notes, cookies=self._cookies(request))

    def _cookies(self, request: Request) -> tuple[Cookie, ...]:
        """The collector's own cookie is renewed, unless the tracker was told to stay anonymous."""
        kept = request.cookies.get("sp", "")
        if self.source != "browser" or not kept or "sp-anonymous" in request.headers:
            return ()
        return (Cookie("sp", kept, LIFE, ("analytics_storage",), http_only=True),)

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """As the collector: `ok`, and a pixel to a GET."""
        if request.method == "GET":
            return Answer(200, {"content-type": "image/gif", **NO_STORE}, PIXEL)
        return Answer(200, {"content-type": "text/plain; charset=utf-8", **NO_STORE}, b"ok")


def _payloads(body: bytes) -> list[Any]:
    """The payloads of a POST. Raises `Unreadable` where it is none of a tracker's."""
    told = decode(body)
    if not isinstance(told, dict) or not isinstance(told.get("data"), list) or not told["data"]:
        raise Unreadable(f'not a tracker\'s payload: {{"schema": "{PAYLOAD}…", "data": [{{"e": "pv", …}}]}}')
    if not str(told.get("schema", "")).startswith(PAYLOAD):
        raise Unreadable(f"`schema` must begin with {PAYLOAD}")
    if len(told["data"]) > MOST_EVENTS:
        raise TooLarge(f"{len(told['data'])} events in one request; {MOST_EVENTS} is the most")
    return list(told["data"])


def _happened(fields: Mapping[str, Any], received: float) -> Number | None:
    """The true time where it is stated; else the time of arrival less what the device's clock says it waited."""
    if true := seconds(fields.get("ttm")):
        return true
    created, sent = (number(str(fields.get(name) or "")) for name in ("dtm", "stm"))
    if created is None:
        return None
    if sent is None:
        return seconds(created)
    waited = float(sent - created) / 1000
    return received_at(received - waited) if 0 <= waited <= LONGEST_WAIT else None


def _gather_items(told: Sequence[tuple[Mapping[str, Any], dict[str, Any]]]) -> None:
    """Put old `ti` events into the order of the same id; what was put in is emptied."""
    orders = {data.get("transaction_id"): data for fields, data in told if fields["e"] == "tr"}
    for fields, data in told:
        if fields["e"] == "ti" and (order := orders.get(data.get("transaction_id"))) is not None:
            order.setdefault("items", []).extend(data["items"])
            data.clear()
