"""What becomes of a hit's parameters: GTM's names of event data, from the names on the wire."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from container.clients.common import Notes, note_broken
from container.clients.ga4.hints import HINTS, client_hints
from container.clients.ga4.items import MOST_ITEMS, item
from container.clients.ga4.user_data import merged, user_data
from container.clients.numbers import number
from container.event import Request

TEXTS = {
    "v": "x-ga-protocol_version",
    "tid": "x-ga-measurement_id",
    "gtm": "x-ga-gtm_version",
    "cid": "client_id",
    "uid": "user_id",
    "ul": "language",
    "sr": "screen_resolution",
    "sid": "ga_session_id",
    "seg": "x-ga-mp2-seg",
    "dl": "page_location",
    "dr": "page_referrer",
    "dt": "page_title",
    "dh": "page_hostname",
    "dp": "page_path",
    "en": "event_name",
    "cu": "currency",
}
TEXTS |= {name: f"x-ga-{name}" for name in ("gcs", "gcd", "gcu", "dma", "dma_cps", "npa", "are", "pscdl")}
TEXTS |= {name: f"x-ga-{name}" for name in ("ecid", "gdid", "edid", "did", "em", "lps")}
NUMBERS = {
    "_p": "x-ga-page_id",
    "_s": "x-ga-request_count",
    "sct": "ga_session_number",
    "_et": "engagement_time_msec",
    "tfd": "x-ga-tfd",
}
# → x-ga-system_properties, beside `_ee` and `_eu`
SYSTEM = {f"_{name}": name for name in ("dbg", "fv", "ss", "nsi", "c", "z", "tu", "fid", "q")}
OTHER = "x-ga-mp2-"  # before every name that is not known
LONGEST_ITEM_NAME = len("pr200")
DEEPEST = 5  # levels of `ep.user_data.…`
NO_NUMBER = "not a number"
MOST_BITS = 64  # characters of `_eu`
LONGEST_KNOWN = 64  # characters of a parameter's name whose way is remembered
REMEMBERED = 2048

Put = Callable[["Hit", str, str], None]  # a parameter's value into a hit, under a name


class Hit:
    """The event data of one hit while its parameters are read."""

    __slots__ = ("data", "hints", "items", "notes", "own", "properties", "sst", "system")

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.data: dict[str, Any] = {}  # from the protocol's own parameters
        self.own: dict[str, Any] = {}  # the page's event parameters; the protocol's win
        self.items: dict[int, dict[str, Any]] = {}
        self.properties: dict[str, Any] = {}
        self.system: dict[str, Any] = {}
        self.sst: dict[str, Any] = {}
        self.hints: dict[str, str] = {}

    def put_number(self, data: dict[str, Any], key: str, name: str, value: str) -> None:
        """A parameter that is a number; one that does not read as one is left out."""
        found = number(value)
        if found is None:
            self.notes.left_out(name, NO_NUMBER)
        else:
            data[key] = found


def read(request: Request, consent: Mapping[str, bool], notes: Notes) -> dict[str, Any]:
    """The event data of the hit that the request's query spells."""
    hit = Hit(notes)
    note_broken(request.query_string, request.query, notes)
    data = hit.data
    for name, value in request.query.items():
        put, key = _WAYS.get(name) or _way(name)
        if put is None:
            data[key] = value
        else:
            put(hit, key, value)
    return _joined(hit, request, consent)


def _joined(hit: Hit, request: Request, consent: Mapping[str, bool]) -> dict[str, Any]:
    data = {**hit.own, **hit.data}
    if "timestamp" in hit.own:
        hit.notes.left_out("ep.timestamp", "a hit's time is its arrival")
    if (em := data.get("x-ga-em")) and (customer := user_data(em, hit.notes)):
        data["user_data"] = merged(data.get("user_data"), customer)
    if hit.items:
        data["items"] = [hit.items[place] for place in sorted(hit.items)]
    if hit.properties:
        data["x-ga-mp2-user_properties"] = hit.properties
    if hit.system:
        data["x-ga-system_properties"] = hit.system
    if hit.sst:
        data["x-sst-system_properties"] = _server_side(hit, request, consent)
    if hints := client_hints(hit.hints, request.headers):
        data["client_hints"] = hints
    data["ip_override"] = data.get("ip_override") or request.ip
    stated = data.get("user_agent")
    if not stated or not isinstance(stated, str):
        data["user_agent"] = request.headers.get("user-agent", "")
    return data


def _number(hit: Hit, name: str, value: str) -> None:
    found = number(value)
    if found is not None:
        hit.data[NUMBERS[name]] = found
    elif name == "sct" and value:
        hit.data[NUMBERS[name]] = value  # seen in the wild, and kept by Google's client too
    else:
        hit.notes.left_out(name, NO_NUMBER)


def _hint(hit: Hit, name: str, value: str) -> None:
    hit.hints[name] = value


def _of_system(hit: Hit, key: str, value: str) -> None:
    hit.system[key] = value


def _item(hit: Hit, name: str, value: str) -> None:
    place = int(name[2:]) if len(name) <= LONGEST_ITEM_NAME else 0
    if not 1 <= place <= MOST_ITEMS:
        hit.notes.left_out(name, f"items are numbered from 1 to {MOST_ITEMS}")
    else:
        hit.items[place] = item(name, value, hit.notes)


def _event_text(hit: Hit, name: str, value: str) -> None:
    if name.startswith("user_data."):
        _user_data(hit, name, value)
    elif not isinstance(hit.own.get(name), dict):
        hit.own[name] = value


def _user_data(hit: Hit, name: str, value: str) -> None:
    """`user_data.address.city` goes where GTM has it: in an object in an object."""
    *way, last = name.split(".")
    if len(way) >= DEEPEST:
        hit.notes.left_out(f"ep.{name}", f"nested deeper than {DEEPEST} levels")
        return
    at = hit.own
    for key in way:
        inner = at.get(key)
        if not isinstance(inner, dict):
            at[key] = inner = {}
        at = inner
    if not isinstance(at.get(last), dict):
        at[last] = value


def _event_number(hit: Hit, name: str, value: str) -> None:
    hit.put_number(hit.own, name, f"epn.{name}", value)


def _user_text(hit: Hit, name: str, value: str) -> None:
    hit.properties[name] = value


def _user_number(hit: Hit, name: str, value: str) -> None:
    hit.put_number(hit.properties, name, f"upn.{name}", value)


def _sst(hit: Hit, name: str, value: str) -> None:
    hit.sst[name] = value


PREFIXES: dict[str, Put] = {
    "ep": _event_text,
    "epn": _event_number,
    "up": _user_text,
    "upn": _user_number,
    "sst": _sst,
}


def _region(hit: Hit, name: str, value: str) -> None:
    country, _, region = value.partition("-")
    if country:
        hit.data["event_location"] = {"country": country, "region": region} if region else {"country": country}


def _event_defined_by_page(hit: Hit, name: str, value: str) -> None:
    hit.system["ee"] = value not in ("", "0", "false")


def _feature_bits(hit: Hit, name: str, value: str) -> None:
    """`_eu` as the numbers of its set bits, as Google's client has it; a single letter, the older form, as it is."""
    bits = _bits(value) if len(value) <= MOST_BITS else None
    hit.system["eu"] = value if bits is None else list(bits)


@lru_cache(REMEMBERED)
def _bits(value: str) -> tuple[int, ...] | None:
    try:
        found = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return None
    if not found:
        return None
    return tuple(8 * at + bit for at, byte in enumerate(found) for bit in range(8) if byte >> bit & 1)


def _ip(hit: Hit, name: str, value: str) -> None:
    if value.strip(":0."):
        hit.data["ip_override"] = value


SPECIAL: dict[str, Put] = {
    "ur": _region,
    "_ee": _event_defined_by_page,
    "_eu": _feature_bits,
    "_uip": _ip,
}


def _way(name: str) -> tuple[Put | None, str]:
    """Where a parameter goes, and under which name; None: into the event data, as it is."""
    way = _found(name)
    if len(name) <= LONGEST_KNOWN and len(_WAYS) < REMEMBERED:  # a site's hits have the same ones again and again
        _WAYS[name] = way
    return way


def _found(name: str) -> tuple[Put | None, str]:
    prefix, dot, rest = name.partition(".")
    if name in TEXTS:
        return None, TEXTS[name]
    if name in NUMBERS:
        return _number, name
    if dot and rest and prefix in PREFIXES:
        return PREFIXES[prefix], rest
    if name in SYSTEM:
        return _of_system, SYSTEM[name]
    if name in HINTS:
        return _hint, name
    if name.startswith("pr") and name[2:].isdigit() and name.isascii():
        return _item, name
    return (SPECIAL[name], name) if name in SPECIAL else (None, OTHER + name)


_WAYS: dict[str, tuple[Put | None, str]] = {name: (None, key) for name, key in TEXTS.items()}


def _server_side(hit: Hit, request: Request, consent: Mapping[str, bool]) -> dict[str, Any]:
    """The tagging server's own block, with what Google's client adds to it."""
    found = {**hit.sst, "request_start_time_ms": round(request.received * 1000)}
    if consent:
        found["consent"] = {
            "consentGrantedState": dict(consent),
            "isUpdate": request.query.get("gcu") == "1",
            "updateType": request.query.get("gcut", ""),
        }
    return found
