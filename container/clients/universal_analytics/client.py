"""The client `universal_analytics`: claims analytics.js' hits, one each or up to 20 in a batch, and answers a pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.checks import check_name
from container.clients.client import Answer, Settings
from container.clients.common import Notes, add_time, note_broken
from container.clients.google_consent import stated
from container.clients.numbers import number, received_at
from container.clients.options import paths_option, schema, settings
from container.clients.universal_analytics.hit import read
from container.errors import TooLarge, Unreadable
from container.event import Event, Request, split_query
from container.language.expression import Context

HIT_PATHS = ("/collect", "/r/collect", "/j/collect")
BATCH_PATH = "/batch"
MOST_HITS = 100  # of one request; Google took 20
MOST_PARAMETERS = 2000  # of one hit
LONGEST_QUEUE = 4 * 3600 * 1000  # milliseconds of `qt`; Google took four hours
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
TAKEN = Answer(200, {"content-type": "image/gif", "cache-control": "no-store"}, PIXEL)
TAKEN_BY_SCRIPT = Answer(200, {"content-type": "text/plain", "cache-control": "no-store"}, b"1")  # nothing more to do

SCHEMA = schema("universal_analytics")


def compile(id: str, values: dict[str, Any], context: Context) -> UniversalAnalyticsClient:
    """The client of these options."""
    more = paths_option(values.get("path"), context)
    return UniversalAnalyticsClient(more=more, **settings(id, values, "browser", context))


@dataclass(frozen=True, kw_only=True)
class UniversalAnalyticsClient(Settings):
    """Reads hits of protocol version 1. `more`: paths besides Google's."""

    kind: ClassVar[str] = "universal_analytics"
    cors: ClassVar[bool] = True

    more: tuple[str, ...] = ()

    def claims(self, method: str, path: str) -> bool:
        """GET and POST of Google's paths and one's own; a batch is always posted."""
        if path == BATCH_PATH:
            return method == "POST"
        return method in ("GET", "POST") and (path in HIT_PATHS or path in self.more)

    def events(self, request: Request) -> list[Event]:
        """One event for a hit, two for a page view that carries goods. Raises `Unreadable` and `TooLarge`."""
        mine = self.mine(request)
        text = request.body.decode("utf-8-sig", "replace")
        if request.path == BATCH_PATH:
            return self._batch(mine, text)
        query_string = text.strip() or request.query_string
        query = _hit(query_string, "")
        return [self._event(mine.with_query(query_string, query), *told) for told in self._told(query_string, query)]

    def _batch(self, request: Request, text: str) -> list[Event]:
        """The items of an order of old e-commerce, hits of their own, go to the order's."""
        lines = [line for line in (line.strip() for line in text.split("\n")) if line]
        if not lines:
            raise Unreadable("the body holds no hit: one a line")
        if len(lines) > MOST_HITS:
            raise TooLarge(f"{len(lines)} hits in one request; {MOST_HITS} is the most, Google took 20")
        hits = [(line, _hit(line, f"hit {at}: ")) for at, line in enumerate(lines, 1)]
        found = [
            (request.with_query(line, query), data, notes)
            for line, query in hits
            for data, notes in self._told(line, query)
        ]
        _gather_items([data for _, data, _ in found])
        return [self._event(*one) for one in found if "event_name" in one[1]]

    def _told(self, query_string: str, query: Mapping[str, str]) -> list[tuple[dict[str, Any], Notes]]:
        notes = Notes()
        note_broken(query_string, query, notes)
        return [(data, Notes(notes())) for data in read(query, notes)]

    def _event(self, request: Request, data: dict[str, Any], notes: Notes) -> Event:
        check_name(data["event_name"], "ea", "")
        consent = stated(request.query.get("gcs", ""), request.query.get("gcd", ""))
        add_time(data, _happened(request, notes), request.received, notes)
        self.add_visitor(data, request)
        return self.event(request, data, notes, consent)

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """As Google: a pixel; to the script's own requests a text."""
        return TAKEN_BY_SCRIPT if request.path.endswith("/j/collect") else TAKEN


def _hit(query_string: str, where: str) -> dict[str, str]:
    """The parameters of a hit. Raises `Unreadable` where it is none."""
    if query_string.count("&") >= MOST_PARAMETERS:
        raise TooLarge(f"{where}more than {MOST_PARAMETERS} parameters in one hit")
    query = split_query(query_string)
    if query.get("v") != "1":
        raise Unreadable(f"{where}not a Universal Analytics hit: the parameter `v` must be 1")
    for name, what in (("tid", "the property's id"), ("t", "the hit's type")):
        if not query.get(name):
            raise Unreadable(f"{where}{what} (parameter `{name}`) is missing")
    return query


def _happened(request: Request, notes: Notes) -> Any:
    """The time of arrival, less the milliseconds the hit waited (`qt`)."""
    waited = request.query.get("qt")
    if not waited:
        return None
    ms = number(waited)
    if ms is None or not 0 <= ms <= LONGEST_QUEUE:
        notes.left_out("qt", "not a time of up to four hours in milliseconds")
        return None
    return received_at(request.received - float(ms) / 1000)


def _gather_items(told: Sequence[dict[str, Any]]) -> None:
    """Put `item` hits into the order of the same id; what was put in is emptied."""
    orders = {data.get("transaction_id"): data for data in told if data.get("event_name") == "purchase"}
    for data in told:
        if data["event_name"] == "transaction_item" and (order := orders.get(data.get("transaction_id"))):
            order.setdefault("items", []).extend(data.get("items", []))
            if "currency" in data:
                order.setdefault("currency", data["currency"])
            data.clear()
