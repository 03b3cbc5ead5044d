"""Whose request it is."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

THIS_MACHINE = ("127.0.0.1", "::1")
LONGEST = 100  # characters of an address with port and blanks


class Peers:
    """Who sent a request: the peer, or whom trusted proxies say it came from.

    `trusted` holds addresses and networks, or `*`. `X-Forwarded-For` is read from the right: the first address that
    is no trusted proxy is the sender; what stands further left is what that sender wrote itself. Raises `ValueError`
    where `trusted` names something else.
    """

    def __init__(self, trusted: Iterable[str] = THIS_MACHINE) -> None:
        names = [name.strip() for name in trusted if name.strip()]
        self._everyone = "*" in names
        self._networks = [ipaddress.ip_network(name, strict=False) for name in names if name != "*"]
        self.trusts = lru_cache(maxsize=4096)(self._is_trusted)

    def peer(self, client: Sequence[Any] | None) -> str:
        """The address of the socket's other end, "" where it has none (a Unix socket). `client`: ASGI's."""
        return plain_address(client[0]) if client else ""

    def address(self, peer: str, headers: Mapping[str, str]) -> str:
        """The sender's IP address, as the peer or the proxies in front of it say."""
        forwarded = headers.get("x-forwarded-for")
        if not forwarded or not self.trusts(peer):
            return peer
        for hop in reversed(forwarded.split(",")):
            address = plain_address(hop)
            if not address:
                break
            peer = address
            if not self.trusts(address):
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
