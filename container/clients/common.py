"""What every client's events have: a time, a page, and the ids of clicks and browsers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from container.clients.clicks import add_clicks
from container.clients.numbers import received_at, seconds

MOST_NOTES = 20
LONGEST_ADDRESS = 45  # characters of an IP address
LONGEST_PAGE = 200  # characters of a page's URL that is remembered
REMEMBERED = 4096  # addresses, and pages

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#@:\[\]]+|\[[^/?#@\]]*\])(?::\d*)?(?![^/?#])([^?#]*)")
_PLAIN = re.compile(r"[\w.\-\[\]]{1,60}", re.ASCII)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_ASCII = re.compile(r"%(?![0-7][0-9A-Fa-f])")  # that, or the escape of a byte that is no ASCII


class Notes:
    """What a client left out or read in a particular way; bounded, and never with a value in it."""

    def __init__(self, said: Iterable[str] = ()) -> None:
        self._said: dict[str, None] = dict.fromkeys(said)

    def add(self, note: str) -> None:
        """Note it once."""
        if len(self._said) < MOST_NOTES:
            self._said[note] = None

    def left_out(self, name: str, why: str) -> None:
        """Note that the parameter was not taken."""
        self.add(f"{shown(name)} left out: {why}")

    def __call__(self) -> tuple[str, ...]:
        return tuple(self._said)


def shown(name: str) -> str:
    """A sender's name for something, where it may be shown."""
    return f"`{name}`" if _PLAIN.fullmatch(name) else "a parameter"


def note_broken(text: str, parameters: Mapping[str, str], notes: Notes) -> None:
    """Say which parameters of a query or a form held bytes or percent signs that cannot be decoded."""
    if text.isascii() and not _NOT_ASCII.search(text):
        return
    if _BROKEN_ESCAPE.search(text):
        notes.add("a percent sign without two hex digits behind it was kept as it stands")
    if "\ufffd" in "".join(parameters.values()) or "\ufffd" in "".join(parameters):
        for name, value in parameters.items():
            if "\ufffd" in value or "\ufffd" in name:
                notes.add(f"{shown(name)} holds bytes that are not UTF-8: they became \ufffd")


def left_out_unless_text(data: dict[str, Any], names: Iterable[str], notes: Notes) -> None:
    """Leave out what can only be a text or a number and is something else."""
    for name in names:
        if isinstance(data.get(name), bool | list | dict):
            if data[name] not in ([], {}):
                notes.left_out(name, "not a text")
            del data[name]


def add_page(data: dict[str, Any], cookies: Mapping[str, str]) -> None:
    """Host, path and click ids of `page_location`, else the cookies' click ids. What the event itself states stays."""
    location = data.get("page_location")
    url = location if isinstance(location, str) else ""
    if url:
        host, path = host_and_path(url)
        if host:
            data.setdefault("page_hostname", host)
            data.setdefault("page_path", path)
    add_clicks(data, url, cookies)


def add_address(data: dict[str, Any], peer: str, notes: Notes) -> None:
    """`ip_override`: the address the event states, the peer's where it states none or something else."""
    stated = data.get("ip_override")
    if stated in (None, "", peer):
        return
    if not isinstance(stated, str) or len(stated) > LONGEST_ADDRESS or not is_address(stated):
        notes.left_out("ip_override", "not an IP address")
        del data["ip_override"]
        if peer:
            data["ip_override"] = peer


@lru_cache(REMEMBERED)
def is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address and nothing else."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def host_and_path(url: str) -> tuple[str, str]:
    """The host, lower case and without port, and the path of an absolute URL; both empty for anything else."""
    page = url.partition("?")[0]
    return _page(page) if len(page) <= LONGEST_PAGE else _page.__wrapped__(page)


@lru_cache(REMEMBERED)
def _page(url: str) -> tuple[str, str]:
    found = _URL.match(url)
    if found is None:
        return "", ""
    host, path = found.groups()
    return host.lower(), path or "/"


def add_time(data: dict[str, Any], stated: Any, received: float, notes: Notes) -> None:
    """`timestamp` in Unix seconds: the stated time, and the receive time where none is stated or it is none."""
    found = seconds(stated) if stated not in (None, "") else None
    if found is None and stated not in (None, ""):
        notes.add("the stated time cannot be read as one: the time of arrival counts")
    data["timestamp"] = received_at(received) if found is None else found
