"""Events and the requests they came in. Immutable by convention: a changed event is a new one."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

CLICK_IDS = ("gclid", "gbraid", "wbraid", "dclid", "fbclid", "ttclid", "msclkid")
CONSENT_TYPES = (
    "ad_storage",
    "analytics_storage",
    "ad_user_data",
    "ad_personalization",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
)

# A proxy's own header first, then Cloudflare, CloudFront, App Engine, Vercel.
_GEO_HEADERS = {
    "country": (
        "x-geo-country",
        "cf-ipcountry",
        "cloudfront-viewer-country",
        "x-appengine-country",
        "x-gclb-country",
        "x-vercel-ip-country",
    ),
    "region": (
        "x-geo-region",
        "cf-region-code",
        "cloudfront-viewer-country-region",
        "x-appengine-region",
        "x-vercel-ip-country-region",
    ),
    "city": ("x-geo-city", "cf-ipcity", "cloudfront-viewer-city", "x-appengine-city", "x-vercel-ip-city"),
}

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]


def new_id(at: float | None = None) -> str:
    """A ULID: 26 characters, sortable by the time `at` (Unix seconds, default now)."""
    number = (int((at if at is not None else time.time()) * 1000) << 80) | int.from_bytes(os.urandom(10))
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def unquoted(text: str) -> str:
    """A query's name or value, percent-decoded as UTF-8; broken bytes become U+FFFD, broken escapes stay."""
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    return unquote_to_bytes(text).decode("utf-8", "replace") if text.isascii() else unquote(text)


def split_query(text: str) -> dict[str, str]:
    """The parameters of a query string, the first value of each; a bare name has the value ``""``."""
    found: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:  # most hold nothing to decode
            name, value = unquoted(name), unquoted(value)
        if name and name not in found:
            found[name] = value
    return found


@dataclass(frozen=True)
class Request:
    """The HTTP request an event came in, as variables may read it."""

    method: str = "GET"
    path: str = "/"
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names, first value
    ip: str = ""
    client: str = ""  # the client's id in container.yaml
    client_name: str = ""  # GTM's "Client Name"
    source: str = "server"  # browser | server
    received: float = 0.0  # Unix seconds
    debug: bool = False
    body: bytes = b""  # raw, for signatures; not kept with stored copies

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the first value of each."""
        return split_query(self.query_string)

    def with_query(self, query_string: str, query: Mapping[str, str]) -> Request:
        """The same request with another query, which `query` is the split form of."""
        found = object.__new__(Request)
        found.__dict__.update(self.__dict__, query_string=query_string, query=query)
        return found

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """Cookies as sent; a broken one is left out, the others count."""
        header = self.headers.get("cookie", "")
        found: dict[str, str] = {}
        for part in header.split(";"):
            name, equals, value = part.strip().partition("=")
            if equals and name:
                found.setdefault(name, value.strip('"'))
        return found

    @cached_property
    def geo(self) -> Mapping[str, str]:
        """Country, region and city as a proxy or CDN in front says; "" where none does."""
        return {place: self._first_header(headers) for place, headers in _GEO_HEADERS.items()}

    def _first_header(self, names: tuple[str, ...]) -> str:
        return next((self.headers[name] for name in names if self.headers.get(name)), "")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of what happened, given by the client that knows it.

    `of` is the variable it belongs to (`transaction_id`, `refund_id` …), `sort` the numbering it comes from
    (`shopify_id`, `shopify_number` …): two names of one sort that differ mean two conversions.
    """

    of: str
    sort: str
    value: str


@dataclass(frozen=True)
class Event:
    """One thing a request told: GTM's event data, and where it came from."""

    id: str  # of its decision record
    data: Mapping[str, Any]
    request: Request
    names: tuple[Name, ...] = ()
    consent: Mapping[str, bool] = field(default_factory=dict)  # what this copy states; empty: nothing
    delivery_id: str = ""  # the sender's id of this delivery: equal ids are retries of one
    bot: bool = False
    notes: tuple[str, ...] = ()  # what a client left out or read in a particular way

    @property
    def name(self) -> str:
        """The event's name."""
        return str(self.data.get("event_name", ""))

    @property
    def timestamp(self) -> float:
        """When it happened, Unix seconds, as the copy itself states (the receive time where it does not)."""
        stated = self.data.get("timestamp")
        return float(stated) if stated is not None else self.request.received

    def with_data(self, data: Mapping[str, Any]) -> Event:
        """The same copy telling other data."""
        return replace(self, data=data)
