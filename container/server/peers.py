"""Whose request it is."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from starlette.types import Scope

LONGEST = 100  # characters of an address with port and blanks


class Peers:
    """Who sent a request: the peer, or whom trusted proxies say it came from.

    `trusted` holds addresses and networks with commas between, or `*`. `X-Forwarded-For` is read from the right: the
    first address that is no trusted proxy is the sender; what stands further left is what that sender wrote itself.
    Raises `ValueError` where `trusted` names something else.
    """

    def __init__(self, trusted: str) -> None:
        names = [name.strip() for name in trusted.split(",") if name.strip()]
        self._everyone = "*" in names
        self._networks = [ipaddress.ip_network(name, strict=False) for name in names if name != "*"]
        self._trusts = lru_cache(maxsize=4096)(self._is_trusted)

    def address(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """The sender's IP address, "" where there is none (a Unix socket)."""
        client = scope.get("client")
        peer = plain_address(client[0]) if client else ""
        forwarded = headers.get("x-forwarded-for")
        if not forwarded or not self._trusts(peer):
            return peer
        for hop in reversed(forwarded.split(",")):
            address = plain_address(hop)
            if not address:
                break
            peer = address
            if not self._trusts(address):
                break
        return peer

    def _is_trusted(self, address: str) -> bool:
        if self._everyone or not address:  # a Unix socket is the proxy's own
            return True
        found = ipaddress.ip_address(address)
        return any(found in network for network in self._networks)


def plain_address(written: str) -> str:
    """The address without port and brackets, an IPv4 one out of its IPv6 clothes; "" where it is none."""
    return _plain(written) if len(written) <= LONGEST else ""


@lru_cache(maxsize=4096)
def _plain(written: str) -> str:
    text = written.strip().removeprefix("[").partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
