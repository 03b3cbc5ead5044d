"""Compressed bodies: `Content-Encoding` gzip, deflate and br, undone up to a limit, so that no bomb goes off."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import brotli

from container.errors import Refused, TooLarge, Unreadable

MOST_ENCODINGS = 2  # one upon the other
MOST_PARTS = 100  # gzip files one behind the other
GZIP, ZLIB, RAW = 31, 15, -15  # window bits


class UnknownEncoding(Refused):
    """A way of compressing that nobody here knows."""

    status = 415


def inflated(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before it was compressed. Raises `UnknownEncoding`, `Unreadable` and `TooLarge`."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    if len(names) > MOST_ENCODINGS:
        raise UnknownEncoding(f"compressed more than {MOST_ENCODINGS} times")
    for name in reversed(names):
        if name == "identity":
            continue
        if name not in READERS:
            raise UnknownEncoding("the body's Content-Encoding is none of gzip, deflate, br")
        body = _joined(READERS[name](body, limit + 1), name, limit)
    return body


def _joined(pieces: Iterator[bytes], name: str, limit: int) -> bytes:
    found, size = [], 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise TooLarge(f"the body is over the limit of {limit} bytes once it is decompressed")
            found.append(piece)
    except (zlib.error, brotli.error) as error:
        raise Unreadable(f"the body is not {name}, as its Content-Encoding says") from error
    return b"".join(found)


def _gzip(body: bytes, most: int) -> Iterator[bytes]:
    """One file, or several one behind the other."""
    for _ in range(MOST_PARTS):
        reader = zlib.decompressobj(GZIP)
        yield reader.decompress(body, most)
        _refuse_cut(reader)
        body = reader.unused_data.lstrip(b"\0")
        if not body:
            return
    raise Unreadable(f"the body is more than {MOST_PARTS} gzip files")


def _deflate(body: bytes, most: int) -> Iterator[bytes]:
    """With zlib's head as the standard asks for, or without, as some send it."""
    has_head = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    reader = zlib.decompressobj(ZLIB if has_head else RAW)
    yield reader.decompress(body, most)
    _refuse_cut(reader)


def _refuse_cut(reader: zlib._Decompress) -> None:
    """Refuse a body that ends too early. One that is too long has been told of by its length."""
    if not reader.eof and not reader.unconsumed_tail:
        raise Unreadable("the compressed body is cut short")


def _brotli(body: bytes, most: int) -> Iterator[bytes]:
    reader = brotli.Decompressor()
    yield reader.process(body, output_buffer_limit=most)
    while not reader.is_finished():
        piece = reader.process(b"", output_buffer_limit=most)
        if not piece and reader.can_accept_more_data():
            raise Unreadable("the compressed body is cut short")
        yield piece


READERS: dict[str, Callable[[bytes, int], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
}
