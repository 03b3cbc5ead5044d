"""Events and the requests they came in. Immutable by convention: a changed event is a new one."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import unquote, unquote_to_bytes

from container.cookie import Cookie

T = TypeVar("T")

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
SALE = "sale_or_sharing"  # false: the visitor has opted out of sale, sharing and targeted advertising (US laws, GPC)
VENDOR_TYPES = {  # false: a TCF string withholds this vendor's consent; → the ends of its hosts
    "vendor_google": ("google-analytics.com", "analytics.google.com", "googleapis.com", "googleadservices.com",
                      "doubleclick.net", "google.com", "googlesyndication.com"),
    "vendor_meta": ("facebook.com", "facebook.net"),
    "vendor_tiktok": ("tiktok.com", "tiktokapis.com"),
}  # fmt: skip
NEEDS = (*CONSENT_TYPES, SALE)  # what a tag may ask for
CONSENT_KEYS = (*CONSENT_TYPES, SALE, *VENDOR_TYPES)  # everything `consent.…` may name

# Meta's Parameter Builder adds a mark of its own: two letters, or eight that spell six bytes beginning with 1.
_META_MARK = re.compile(r"(?:A[QgwA]|B[AQg]|AQ[\w-]{6})")

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

_ALL_GEO_HEADERS = frozenset(name for names in _GEO_HEADERS.values() for name in names)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
_DIGIT_OF_BYTE = bytes(ord(_CROCKFORD[byte & 31]) for byte in range(256))

_REMEMBERED = 2048  # decoded texts
_LONGEST_REMEMBERED = 256  # characters of one


_random: list[str] = []  # endings of ids still to come: randomness is fetched for many at a time
os.register_at_fork(after_in_child=_random.clear)


def new_id(at: float | None = None) -> str:
    """A ULID: 26 characters, sortable by the time `at` (Unix seconds, default now)."""
    ms = int((at if at is not None else time.time()) * 1000)
    digits = _PAIRS
    told = f"{digits[ms >> 40 & 1023]}{digits[ms >> 30 & 1023]}{digits[ms >> 20 & 1023]}{digits[ms >> 10 & 1023]}"
    try:
        random = _random.pop()
    except IndexError:
        random = _more_random()
    return f"{told}{digits[ms & 1023]}{random}"


def _more_random() -> str:
    text = os.urandom(16 * 64).translate(_DIGIT_OF_BYTE).decode()
    first, *others = [text[at : at + 16] for at in range(0, len(text), 16)]
    _random.extend(others)
    return first


def meta_click(fbc: str) -> tuple[int, str]:
    """The Unix second and the fbclid in a `_fbc` cookie; the fbclid is empty where it holds none."""
    parts = fbc.split(".", 3)
    if len(parts) < 4 or parts[0] != "fb":
        return 0, ""
    click, dot, mark = parts[3].rpartition(".")
    return decimal(parts[2]) // 1000, click if dot and _META_MARK.fullmatch(mark) else parts[3]


def decimal(text: str) -> int:
    """The whole number that ASCII digits spell, as in a cookie's time; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def unquoted(text: str) -> str:
    """A query's name or value, percent-decoded as UTF-8; broken bytes become U+FFFD, broken escapes stay."""
    return _unescaped(text.replace("+", " "))


def _unescaped(text: str) -> str:
    if "%" not in text:
        return text
    # What every URL in a query is full of goes quickly. None of it is a hex digit: no new escape comes of it.
    text = text.replace("%2F", "/").replace("%3A", ":").replace("%20", " ").replace("%3F", "?").replace("%3D", "=")
    if "%" not in text:
        return text
    return _decoded(text) if len(text) <= _LONGEST_REMEMBERED else _decode(text)


def _decode(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace") if text.isascii() else unquote(text)


_decoded = lru_cache(_REMEMBERED)(_decode)  # titles, products and browsers come again and again


def split_query(text: str) -> dict[str, str]:
    """The parameters of a query string, the first value of each; a bare name has the value ``""``."""
    found: dict[str, str] = {}
    put = found.setdefault
    if "+" in text:
        text = text.replace("+", " ")
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair:  # most hold nothing to decode
            name, value = _unescaped(name), _unescaped(value)
        put(name, value)
    found.pop("", None)
    return found


class _Lazy(Generic[T]):
    """A property that is worked out once: `functools.cached_property` without the lock that it takes."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, owner: Any, kind: type) -> T:
        found = owner.__dict__[self._name] = self._work(owner)
        return found


@dataclass  # not frozen, as that trebles the time it takes to make one; nobody changes it
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
    trusted: bool = True  # a proxy of ours passed it on: what its headers say of host and place counts
    bot: bool = False  # a crawler's, by its user agent

    @_Lazy
    def query(self) -> Mapping[str, str]:
        """Query parameters, the first value of each."""
        return split_query(self.query_string)

    def with_query(self, query_string: str, query: Mapping[str, str]) -> Request:
        """The same request with another query, which `query` is the split form of."""
        return self._with(query_string=query_string, query=query)

    def with_client(self, id: str, name: str, source: str) -> Request:
        """The same request as one that this client claimed."""
        return self._with(client=id, client_name=name, source=source)

    def at(self, geo: Mapping[str, str]) -> Request:
        """The same request from this place."""
        return self._with(geo=geo)

    def from_address(self, ip: str, headers: Mapping[str, str]) -> Request:
        """The same request from this address; the place stays what it was."""
        return self._with(ip=ip, geo=self.geo, headers=headers)

    def by_bot(self) -> Request:
        """The same request as a crawler's."""
        return self._with(bot=True)

    def _with(self, **changed: Any) -> Request:
        """What `replace` does, in a fifth of the time; what has been worked out (query, cookies) stays."""
        found = object.__new__(Request)
        found.__dict__.update(self.__dict__, **changed)
        return found

    @_Lazy
    def cookies(self) -> Mapping[str, str]:
        """Cookies as sent; a broken one is left out, the others count."""
        header = self.headers.get("cookie", "")
        found: dict[str, str] = {}
        for part in header.split(";"):
            name, equals, value = part.strip().partition("=")
            if equals and name:
                found.setdefault(name, value.strip('"'))
        return found

    @property
    def host(self) -> str:
        """The host that was asked; the proxy's word before the request's own."""
        return (self.trusted and self.headers.get("x-forwarded-host")) or self.headers.get("host", "")

    @_Lazy
    def geo(self) -> Mapping[str, str]:
        """Country, region and city as a trusted proxy or CDN in front says; those that none does are absent."""
        if not self.trusted or _ALL_GEO_HEADERS.isdisjoint(self.headers):
            return {}
        found = ((place, self._first_header(headers)) for place, headers in _GEO_HEADERS.items())
        return {place: name for place, name in found if name}

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


@dataclass  # not frozen, as a request is not
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
    cookies: tuple[Cookie, ...] = ()  # for the sender's browser to keep, where their consent was given

    @property
    def name(self) -> str:
        """The event's name."""
        return str(self.data.get("event_name", ""))

    @property
    def timestamp(self) -> float:
        """When it happened, Unix seconds, as the copy itself states; the receive time where that is no time."""
        try:
            return float(self.data["timestamp"])
        except (KeyError, TypeError, ValueError):
            return self.request.received

    def with_data(self, data: Mapping[str, Any]) -> Event:
        """The same copy telling other data."""
        return replace(self, data=data)
