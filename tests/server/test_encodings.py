"""Compressed bodies, and bombs."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.errors import Refused, TooLarge, Unreadable
from container.server.encodings import UnknownEncoding, inflated

LIMIT = 1 << 20
HIT = b"en=page_view&ep.x=1\r\nen=scroll"


def raw(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without a head": ("deflate", raw),
    "br": ("br", brotli.compress),
    "twice": ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    "identity": ("identity", bytes),
    "nothing": ("", bytes),
}


@pytest.mark.parametrize("name", PACKERS)
def test_what_was_packed_comes_out(name: str) -> None:
    encoding, pack = PACKERS[name]
    for body in (HIT, b"", b"x" * LIMIT):
        assert inflated(pack(body), encoding, LIMIT) == body


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate without a head", "br", "twice"])
def test_a_bomb_does_not_go_off(name: str) -> None:
    encoding, pack = PACKERS[name]
    bomb = pack(b"0" * 200_000_000)
    assert len(bomb) < 250_000
    tracemalloc.start()
    with pytest.raises(TooLarge, match="once it is decompressed"):
        inflated(bomb, encoding, LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * LIMIT


def test_exactly_the_limit_is_taken() -> None:
    assert len(inflated(gzip.compress(b"x" * 100), "gzip", 100)) == 100
    for encoding, pack in (("gzip", gzip.compress), ("br", brotli.compress), ("deflate", zlib.compress)):
        with pytest.raises(TooLarge):
            inflated(pack(b"x" * 101), encoding, 100)


def test_several_gzip_files_are_one_body() -> None:
    assert inflated(gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0", "gzip", LIMIT) == b"ab"
    with pytest.raises(Unreadable):
        inflated(gzip.compress(b"") * 1000, "gzip", LIMIT)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_body_that_is_cut_short_or_something_else_is_refused(name: str) -> None:
    encoding, pack = PACKERS[name]
    whole = pack(HIT * 50)
    for broken in (whole[:-5], whole[: len(whole) // 2], b"{}", b"\xff" * 40):
        with pytest.raises(Unreadable):
            inflated(broken, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["zstd", "compress", "gzip, gzip, gzip", "gzip;q=1", "é"])
def test_what_nobody_knows_is_415(encoding: str) -> None:
    with pytest.raises(UnknownEncoding) as refused:
        inflated(b"x", encoding, LIMIT)
    assert refused.value.status == 415


@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "br, gzip"]))
def test_anything_is_a_body_or_refused(body: bytes, encoding: str) -> None:
    try:
        assert isinstance(inflated(body, encoding, 1000), bytes)
    except Refused as refusal:
        assert str(refusal)
