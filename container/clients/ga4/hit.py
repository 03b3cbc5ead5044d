"""What becomes of a hit's parameters: GTM's names of event data, from the names on the wire."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from container.clients.common import Notes, shown
from container.clients.ga4.hints import HINTS, client_hints
from container.clients.ga4.items import MOST_ITEMS, item
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
MOST_BITS = 64  # characters of `_eu`

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


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
            self.notes.left_out(name, "not a number")
        else:
            data[key] = found


def read(request: Request, consent: Mapping[str, bool], notes: Notes) -> dict[str, Any]:
    """The event data of the hit that the request's query spells."""
    hit = Hit(notes)
    _note_broken(request.query_string, request.query, notes)
    for name, value in request.query.items():
        if name in TEXTS:
            hit.data[TEXTS[name]] = value
        elif name in NUMBERS:
            _number(hit, name, value)
        else:
            _other(hit, name, value)
    return _joined(hit, request, consent)


def _joined(hit: Hit, request: Request, consent: Mapping[str, bool]) -> dict[str, Any]:
    data = {**hit.own, **hit.data}
    if "timestamp" in hit.own:
        hit.notes.left_out("ep.timestamp", "a hit's time is its arrival")
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
    data["user_agent"] = _text(data.get("user_agent")) or request.headers.get("user-agent", "")
    return data


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(hit: Hit, name: str, value: str) -> None:
    if name == "sct" and value and number(value) is None:
        hit.data[NUMBERS[name]] = value  # seen in the wild, and kept by Google's client too
    else:
        hit.put_number(hit.data, NUMBERS[name], name, value)


def _other(hit: Hit, name: str, value: str) -> None:
    prefix, dot, rest = name.partition(".")
    if dot and rest and prefix in PREFIXES:
        PREFIXES[prefix](hit, rest, value)
    elif name in SYSTEM:
        hit.system[SYSTEM[name]] = value
    elif name in HINTS:
        hit.hints[name] = value
    elif name.startswith("pr") and name[2:].isdigit() and name.isascii():
        _item(hit, name, value)
    elif name in SPECIAL:
        SPECIAL[name](hit, value)
    else:
        hit.data[OTHER + name] = value


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


PREFIXES: dict[str, Callable[[Hit, str, str], None]] = {
    "ep": _event_text,
    "epn": _event_number,
    "up": _user_text,
    "upn": _user_number,
    "sst": _sst,
}


def _region(hit: Hit, value: str) -> None:
    country, _, region = value.partition("-")
    if country:
        hit.data["event_location"] = {"country": country, "region": region} if region else {"country": country}


def _event_defined_by_page(hit: Hit, value: str) -> None:
    hit.system["ee"] = value not in ("", "0", "false")


def _feature_bits(hit: Hit, value: str) -> None:
    """`_eu` as the numbers of its set bits, as Google's client has it; a single letter, the older form, as it is."""
    try:
        found = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)) if len(value) <= MOST_BITS else b""
    except (binascii.Error, ValueError):
        found = b""
    if found:
        hit.system["eu"] = [8 * at + bit for at, byte in enumerate(found) for bit in range(8) if byte >> bit & 1]
    else:
        hit.system["eu"] = value


def _ip(hit: Hit, value: str) -> None:
    if value.strip(":0."):
        hit.data["ip_override"] = value


SPECIAL: dict[str, Callable[[Hit, str], None]] = {
    "ur": _region,
    "_ee": _event_defined_by_page,
    "_eu": _feature_bits,
    "_uip": _ip,
}


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


def _note_broken(raw: str, query: Mapping[str, str], notes: Notes) -> None:
    """Say which parameters held bytes or percent signs that cannot be decoded."""
    if _BROKEN_ESCAPE.search(raw):
        notes.add("a percent sign without two hex digits behind it was kept as it stands")
    if "\ufffd" in "".join(query.values()):
        for name, value in query.items():
            if "\ufffd" in value:
                notes.add(f"{shown(name)} holds bytes that are not UTF-8: they became \ufffd")
