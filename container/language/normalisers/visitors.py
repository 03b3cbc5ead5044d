"""Normalisers of what a request tells of its visitor: the device behind a user agent, the address it came from."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any

from container.encoding import whole
from container.language.normalisers.base import Apply, Case, Normaliser, of_text, plain, remembering

KEPT = {4: 24, 6: 48}  # bits of an address, as Google cuts them
REMEMBERED = 4096
LONGEST = 500  # characters of a user agent that are looked at

_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}|\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?")
# Of one's own network, of many receivers, or of nobody: no visitor comes from there. The machine's own address stays:
# who has it tries the container out.
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        (  # noqa: SIM905
            "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3 "
            "::/128 fc00::/7 fe80::/10 ff00::/8"
        ).split(),
    )
)
_TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobile)")
_TV = re.compile(r"\bTV\b|SmartTV|SMART-TV|AppleTV|HbbTV|BRAVIA|Roku|AFT[A-Z]|CrKey|GoogleTV")
_MOBILE = re.compile(r"Mobi|iPhone|iPod|Opera Mini|Windows Phone")
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"  # noqa: E501
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


@lru_cache(REMEMBERED)
def truncated(address: str) -> str:
    """203.0.113.77 as 203.0.113.0, an IPv6 address with its first 48 bits; "" for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((int(found), KEPT[found.version]), strict=False).network_address)


@lru_cache(REMEMBERED)
def visitors(addresses: str) -> str:
    """The first of the addresses, without port, where a visitor may have it; "" else."""
    text = addresses.partition(",")[0].strip()
    bare = _WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address(bare[1] or bare[2] if bare else text)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return "" if any(found in network for network in _PRIVATE) else str(found)


def _device() -> Apply:
    """The function; the parser's thousand patterns are compiled now, not with the first visitor."""
    from ua_parser import parse  # late: most workspaces do without

    parse(_MAC)

    def device(user_agent: str) -> dict[str, Any] | None:
        text = whole(user_agent[:LONGEST])
        found = parse(text)
        model, system, browser = found.device, found.os, found.user_agent
        if model is None and system is None and browser is None:
            return None
        told = {
            "category": _category(text),
            "brand": model and model.brand,
            "model": model and model.model,
            "operating_system": system and system.family,
            "operating_system_version": system and _version(system.major, system.minor, system.patch),
            "browser": browser and browser.family,
            "browser_version": browser and _version(browser.major, browser.minor, browser.patch),
        }
        return {name: value for name, value in told.items() if value}

    return of_text(remembering(device, REMEMBERED, LONGEST))


def _category(user_agent: str) -> str:
    if _TV.search(user_agent):
        return "smart tv"
    if _TABLET.search(user_agent):
        return "tablet"
    return "mobile" if _MOBILE.search(user_agent) else "desktop"


def _version(*parts: str | None) -> str:
    known: list[str] = []
    for part in parts:
        if not part:
            break
        known.append(part)
    return ".".join(known)


NORMALISERS = (
    Normaliser(
        "device",
        "the device a user agent tells of, under the names of GA4's `device`; take a member through a variable",
        _device,
        (
            Case(
                "",
                _IPHONE,
                {
                    "category": "mobile",
                    "brand": "Apple",
                    "model": "iPhone",
                    "operating_system": "iOS",
                    "operating_system_version": "18.1",
                    "browser": "Mobile Safari",
                    "browser_version": "18.1",
                },
            ),
            Case(
                "",
                _MAC,
                {
                    "category": "desktop",
                    "brand": "Apple",
                    "model": "Mac",
                    "operating_system": "Mac OS X",
                    "operating_system_version": "10.15.7",
                    "browser": "Chrome",
                    "browser_version": "142.0.0",
                },
            ),
            Case("", "no browser at all", None),
        ),
    ),
    plain(
        "truncated_ip",
        "an IP address without the visitor's own part: IPv4 without its last number, of IPv6 the first 48 bits",
        of_text(lambda text: truncated(text.strip()) or None),
        Case("", "203.0.113.77", "203.0.113.0"),
        Case("", "2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"),
        Case("", "localhost", None),
    ),
    plain(
        "visitor_ip",
        "an IP address a visitor may have, the first of several, without port; absent for one of a private network",
        of_text(lambda text: visitors(text) or None),
        Case("", "203.0.113.77", "203.0.113.77"),
        Case("", "203.0.113.77:51234, 10.0.0.1", "203.0.113.77"),
        Case("", "2001:db8::1", "2001:db8::1"),
        Case("", "192.168.0.7", None),
        Case("", "127.0.0.1", "127.0.0.1"),
        Case("", "unknown", None),
    ),
)
