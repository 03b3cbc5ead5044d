from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from typing import Any

import pytest

from container.errors import TooLarge, Unreadable
from container.server.body import DRAINED, Bodies, Gone, TooSlow, has_body


class Sender:
    """Hands out the pieces of a body; afterwards it hangs, or hangs up."""

    def __init__(self, *pieces: bytes, endless: bytes = b"", gone: bool = False) -> None:
        self.pieces = list(pieces)
        self.endless = endless
        self.gone = gone
        self.handed = 0

    async def __call__(self) -> Mapping[str, Any]:
        if self.pieces:
            piece = self.pieces.pop(0)
            self.handed += len(piece)
            more = bool(self.pieces or self.endless or self.gone)
            return {"type": "http.request", "body": piece, "more_body": more}
        if self.endless:
            self.handed += len(self.endless)
            return {"type": "http.request", "body": self.endless, "more_body": True}
        if self.gone:
            return {"type": "http.disconnect"}
        await asyncio.sleep(3600)
        raise AssertionError


async def read(sender: Sender, limit: int = 10, seconds: float = 5.0, **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await Bodies(limit, seconds).read(named, sender)


async def test_the_pieces_are_joined() -> None:
    assert await read(Sender(b"abc", b"", b"def"), transfer_encoding="chunked") == b"abcdef"


@pytest.mark.parametrize(
    ("method", "headers", "comes"),
    [
        ("GET", {}, False),
        ("GET", {"content-length": "3"}, True),
        ("GET", {"transfer-encoding": "chunked"}, True),
        ("POST", {}, True),
    ],
)
def test_a_get_without_a_body_is_not_waited_for(method: str, headers: dict[str, str], comes: bool) -> None:
    assert has_body({"type": "http", "method": method}, headers) is comes


async def test_the_limit_itself_is_allowed() -> None:
    assert await read(Sender(b"12345", b"67890"), content_length="10") == b"1234567890"


async def test_a_stated_length_over_the_limit_is_drained_and_refused() -> None:
    """A sender that is busy writing reads no answer."""
    sender = Sender(b"12345", b"678901")
    with pytest.raises(TooLarge, match="limit of 10 bytes"):
        await read(sender, content_length="11")
    assert sender.handed == 11


async def test_a_sender_that_asks_first_is_told_before_it_sends() -> None:
    sender = Sender(b"12345678901")
    with pytest.raises(TooLarge):
        await read(sender, content_length="11", expect="100-continue")
    assert sender.handed == 0


async def test_a_length_that_is_not_stated_counts_while_it_comes() -> None:
    with pytest.raises(TooLarge):
        await read(Sender(b"12345", b"67890", b"1"), transfer_encoding="chunked")


async def test_an_endless_body_is_left_after_a_while() -> None:
    sender = Sender(endless=b"x" * (1 << 20))
    with pytest.raises(TooLarge):
        await read(sender, transfer_encoding="chunked")
    assert DRAINED <= sender.handed <= DRAINED + (2 << 20)


async def test_an_absurd_length_is_too_large() -> None:
    with pytest.raises(TooLarge):
        await read(Sender(b""), content_length="9" * 5000)


async def test_a_body_that_does_not_come_is_given_up() -> None:
    with pytest.raises(TooSlow, match=r"within 0\.01 seconds"):
        await read(Sender(), seconds=0.01, content_length="5")


async def test_one_who_hangs_up_is_gone() -> None:
    with pytest.raises(Gone):
        await read(Sender(b"abc", gone=True), content_length="5")
    with pytest.raises(Gone):
        await read(Sender(b"a" * 20, gone=True), content_length="50")


def test_what_clients_read_is_decompressed_and_bounded() -> None:
    bodies = Bodies(limit=100)
    assert bodies.plain(gzip.compress(b"en=a"), {"content-encoding": "gzip"}) == b"en=a"
    assert bodies.plain(b"en=a", {}) == b"en=a"
    with pytest.raises(TooLarge):
        bodies.plain(gzip.compress(b"a" * 101), {"content-encoding": "gzip"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_body_is_refused(encoding: str) -> None:
    with pytest.raises(Unreadable, match="send UTF-8"):
        Bodies().plain('{"a": 1}'.encode(encoding), {})
