"""Visitors: whose request it is, where from, and how much of the address is kept.

`peers.py` the address behind trusted proxies · `places.py` the user's MaxMind file · `addresses.py` the headers that
tell the whole of an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from container.event import Event, Request
from container.language.normalisers.visitors import truncated
from container.problems import Place, Problems
from container.visitors.addresses import without_addresses
from container.visitors.peers import THIS_MACHINE, Peers

if TYPE_CHECKING:
    from container.visitors.places import Places

SCHEMA: dict[str, Any] = {
    "proxies": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Proxies and CDNs whose headers count: addresses, networks, or *. Left out: this machine.",
    },
    "geo": {
        "type": "string",
        "description": "A MaxMind file, relative to this folder: GeoLite2-City.mmdb. Gives request.geo.",
    },
    "visitor_ip": {
        "enum": ["full", "truncated"],
        "default": "full",
        "description": "truncated: 203.0.113.0 is all that is kept, read and sent of 203.0.113.77.",
    },
}


class Visitors:
    """What a request tells of its visitor beside what its client reads."""

    def __init__(self, peers: Peers | None = None, places: Places | None = None, *, cut: bool = False) -> None:
        self.peers = peers or Peers()
        self._places = places
        self._cut = cut

    def seen(self, request: Request) -> Request:
        """The request with the place of its sender, and without the part of the address that is not to be kept."""
        place = self._places.of(request.ip) if self._places and request.ip else None
        if place:
            request = request.at(place)
        if self._cut:
            request = request.from_address(truncated(request.ip), without_addresses(request.headers))
        return request

    def told(self, events: list[Event]) -> list[Event]:
        """The events with the verdict on their visitor, and the address they state cut too."""
        return [self._told(event) for event in events] if self._cut or any(event.bot for event in events) else events

    def _told(self, event: Event) -> Event:
        if event.bot:
            event = replace(event, request=event.request.by_bot())
        stated = event.data.get("ip_override")
        if not self._cut or not stated:
            return event
        return event.with_data({**event.data, "ip_override": truncated(stated) if isinstance(stated, str) else ""})


def compile_visitors(said: Mapping[str, Any], folder: Path, problems: Problems) -> Visitors:
    """`proxies`, `geo` and `visitor_ip` of container.yaml."""
    return Visitors(_peers(said, problems), _places(said, folder, problems), cut=said.get("visitor_ip") == "truncated")


def _peers(said: Mapping[str, Any], problems: Problems) -> Peers:
    named = said.get("proxies")
    for name in named or ():
        try:
            Peers([name])
        except ValueError:
            message = f"`{name}` is no address and no network"
            problems.error("bad-proxy", message, name.place, "write 10.0.0.7, 10.0.0.0/8, or *")
    return Peers(THIS_MACHINE if named is None else named) if not problems.errors else Peers()


def _places(said: Mapping[str, Any], folder: Path, problems: Problems) -> Places | None:
    written = said.get("geo")
    if written is None:
        return None
    from container.visitors.places import Places  # only who has such a file pays for the library

    try:
        return Places(folder / str(written))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        place: Place = written.place
        hint = "put MaxMind's .mmdb file there, or take `geo:` out"
        problems.error("bad-geo-file", f"`{written}` cannot be read: {reason}", place, hint)
        return None


__all__ = ["SCHEMA", "Visitors", "compile_visitors"]
