"""Identity cookies: the ids of browsers and clicks that vendors know visitors by, kept by the server.

A cookie set by an HTTP answer lives as long as it says, where Safari keeps a script's for seven days. The formats are
those of the vendors' own scripts, so that a pixel in the page and the container tell the vendor the same id: Meta
`_fbp` and `_fbc` (`fb.<depth>.<ms>.<id>`), TikTok `_ttp` and `ttclid`, Google `_gcl_*` and `FPGCL*`.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from container.clients.clicks import from_url, google_click
from container.cookie import DAY, LONGEST_LIFE, Cookie, depth, host_name, site_of
from container.event import Event, Request, meta_click

ADS = ("ad_storage",)
ANALYTICS = ("analytics_storage",)
TTP_LIFE = 34_190_000  # seconds: 13 months
TTP_LENGTH = 27
RANDOM_BELOW = 2**31
OWN = "_tagport"
FIELDS = "2.1.k{click}$i{at}"  # Google's newer form

GOOGLE_CLICKS = {"gclid": "aw", "wbraid": "gb", "gbraid": "ag", "dclid": "dc"}  # → the end of Google's cookie names

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Cookies that the container sets in visitors' browsers: {set: [_fbp, _fbc]}.",
    "additionalProperties": False,
    "required": ["set"],
    "properties": {
        "set": {
            "type": "array",
            "description": "Which: Meta's _fbp, _fbc, TikTok's _ttp, ttclid, Google's _gcl, FPGCL, our own client_id.",
            "items": {"enum": ["_fbp", "_fbc", "_ttp", "ttclid", "_gcl", "FPGCL", "client_id"]},
        },
        "domain": {
            "type": "string",
            "description": "The domain they are set for. Left out: the site's, by the public suffix list.",
        },
        "same_site": {
            "enum": ["Lax", "None"],
            "default": "Lax",
            "description": "None: where the container is on another site than the pages.",
        },
    },
}

Granted = Callable[[Event, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Visit:
    """What one event tells of its visitor. `jar`: the browser's cookies, those set by earlier events included."""

    event: Event
    jar: Mapping[str, str]
    domain: str

    @property
    def ms(self) -> int:
        """The time of arrival in Unix milliseconds."""
        return round(self.event.request.received * 1000)

    @property
    def clicks(self) -> Mapping[str, str]:
        """The click ids in the page's URL."""
        location = self.event.data.get("page_location")
        return from_url(location) if isinstance(location, str) else {}

    def told(self, key: str) -> str:
        """What the event itself says under this key."""
        value = self.event.data.get(key)
        return value if isinstance(value, str) else ""


Kept = Iterator[tuple[str, Cookie]]  # the key of event data the cookie's id goes into ("": none), and the cookie
Keeper = Callable[[Visit], Kept]


def _fbp(visit: Visit) -> Kept:
    known = visit.jar.get("_fbp", "") or visit.told("fbp")
    value = known if _is_meta(known) else f"fb.{depth(visit.domain)}.{visit.ms}.{secrets.randbelow(RANDOM_BELOW)}"
    yield "fbp", Cookie("_fbp", value, 90 * DAY, ADS)


def _fbc(visit: Visit) -> Kept:
    known = visit.jar.get("_fbc", "") or visit.told("fbc")
    landed = visit.clicks.get("fbclid")
    if landed and landed != meta_click(known)[1]:
        known = f"fb.{depth(visit.domain)}.{visit.ms}.{landed}"
    if _is_meta(known):
        yield "fbc", Cookie("_fbc", known, 90 * DAY, ADS)


def _ttp(visit: Visit) -> Kept:
    known = visit.jar.get("_ttp") or visit.told("ttp")
    yield "ttp", Cookie("_ttp", known or _letters(TTP_LENGTH), TTP_LIFE, ADS)


def _ttclid(visit: Visit) -> Kept:
    if click := visit.clicks.get("ttclid") or visit.jar.get("ttclid"):
        yield "ttclid", Cookie("ttclid", click, 30 * DAY, ADS)


def _gcl(visit: Visit) -> Kept:
    for click, ending in GOOGLE_CLICKS.items():
        form = FIELDS if ending == "ag" else "GCL.{at}.{click}"
        if value := _google(visit, click, f"_gcl_{ending}", form):
            yield "", Cookie(f"_gcl_{ending}", value, 90 * DAY, ADS)


def _fpgcl(visit: Visit) -> Kept:
    for click, ending in GOOGLE_CLICKS.items():
        if value := _google(visit, click, f"FPGCL{ending.upper()}", FIELDS):
            yield "", Cookie(f"FPGCL{ending.upper()}", value, 90 * DAY, ADS, http_only=True)


def _google(visit: Visit, click: str, name: str, form: str) -> str:
    """The cookie as it is, or that of a click which is another than the kept one."""
    known = google_click(visit.jar.get(name, ""))
    landed = visit.clicks.get(click)
    if landed and (known is None or known[0] != landed):
        return form.format(click=landed, at=visit.ms // 1000)
    return visit.jar[name] if known else ""


def _client_id(visit: Visit) -> Kept:
    known = visit.jar.get(OWN)
    if known or not visit.event.data.get("client_id"):
        value = known or f"{secrets.randbelow(RANDOM_BELOW)}.{visit.ms // 1000}"
        yield "client_id", Cookie(OWN, value, LONGEST_LIFE, ANALYTICS, http_only=True)


KEEPERS: Mapping[str, Keeper] = {
    "_fbp": _fbp,
    "_fbc": _fbc,
    "_ttp": _ttp,
    "ttclid": _ttclid,
    "_gcl": _gcl,
    "FPGCL": _fpgcl,
    "client_id": _client_id,
}
OVER = frozenset(("fbp", "fbc", "ttp"))  # what the cookie says is what the vendor's pixel says


class Identity:
    """Keeps the ids of visitors that a client of browsers sees, as `cookies:` tells."""

    def __init__(self, said: Mapping[str, Any], granted: Granted) -> None:
        self._keepers = [KEEPERS[name] for name in dict.fromkeys(said.get("set", ()))]
        self._domain = str(said.get("domain", "")).strip().lstrip(".").lower()
        self._same_site = str(said.get("same_site", "Lax"))
        self._granted = granted

    def meet(self, events: list[Event]) -> list[Event]:
        """The events of one request with the ids their browser has or is given now, and with the cookies of these."""
        if not self._keepers or not events or events[0].request.source != "browser":
            return events
        jar = dict(events[0].request.cookies)
        return [self._met(event, jar) for event in events]

    def _met(self, event: Event, jar: dict[str, str]) -> Event:
        domain = self.domain(event.request)
        if event.bot or not self._is_ours(event, domain):
            return event
        visit, data, cookies = Visit(event, jar, domain), dict(event.data), list(event.cookies)
        for keeper in self._keepers:
            for key, cookie in keeper(visit):
                if cookie.is_sound and self._granted(event, cookie.needs):
                    cookies.append(cookie)
                    jar[cookie.name] = cookie.value
                    if key and (key in OVER or data.get(key) in (None, "")):
                        data[key] = cookie.value
        return replace(event, data=data, cookies=tuple(cookies))

    def headers(self, events: Sequence[Event]) -> tuple[str, ...]:
        """The `Set-Cookie` values: the last word of each cookie's name, where no event of the request refuses it."""
        cookies = {cookie.name: cookie for event in events for cookie in event.cookies}
        if not cookies:
            return ()
        domain = self.domain(events[0].request)
        return tuple(
            cookie.header(domain, self._same_site)
            for cookie in cookies.values()
            if cookie.is_sound and all(self._granted(event, cookie.needs) for event in events)
        )

    def domain(self, request: Request) -> str:
        """The domain cookies are set for; "" for the very host that was asked."""
        host = host_name(request.host)
        if self._domain and (host == self._domain or host.endswith(f".{self._domain}")):
            return self._domain
        return site_of(host)

    def _is_ours(self, event: Event, domain: str) -> bool:
        """Whether the page is on the container's own site: another site's browser would not keep the cookie."""
        page = event.data.get("page_hostname")
        return self._same_site == "None" or not isinstance(page, str) or not page or site_of(page) == site_of(domain)


def _is_meta(value: str) -> bool:
    parts = value.split(".", 3)
    return len(parts) == 4 and parts[0] == "fb" and parts[2].isdigit() and bool(parts[3])


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))
