from __future__ import annotations

import pytest

from container.visitors.peers import Peers, plain_address

PROXIES = ("127.0.0.1", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "sender"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not a proxy of ours: its word does not count
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # the visitor wrote 1.1.1.1 itself
        ("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),  # nobody but proxies: the outermost
        ("127.0.0.1", "unknown, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, <script>, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_first_address_that_is_no_proxy_is_the_sender(peer: str, forwarded: str | None, sender: str) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    peers = Peers(PROXIES)
    assert peers.address(peers.peer((peer, 1)), headers) == sender


def test_with_a_star_every_hop_is_believed() -> None:
    headers = {"x-forwarded-for": "198.51.100.1, 203.0.113.9"}
    assert Peers(["*"]).address("192.0.2.1", headers) == "198.51.100.1"


def test_with_no_proxies_nothing_is_believed() -> None:
    assert Peers([]).address("127.0.0.1", {"x-forwarded-for": "1.1.1.1"}) == "127.0.0.1"


def test_a_unix_socket_is_the_proxy_s_own() -> None:
    peers = Peers([])
    assert peers.address(peers.peer(None), {"x-forwarded-for": "198.51.100.1"}) == "198.51.100.1"
    assert peers.address("", {}) == ""


def test_what_is_no_address_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example"):
        Peers(["127.0.0.1", "proxy.example"])


@pytest.mark.parametrize("written", ["", "unknown", "1.2.3", "a:b:c", "[::1", "1.2.3.4.5", "'--"])
def test_what_is_no_address_is_none(written: str) -> None:
    assert plain_address(written) in ("", "::1")
