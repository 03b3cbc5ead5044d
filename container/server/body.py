"""A request's body: complete, limited in size and in time, decompressed, never kept beyond the limit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from starlette.types import Receive, Scope

from container.encoding import refuse_wide
from container.errors import Refused, TooLarge
from container.server.encodings import inflated

BODY_LIMIT = 1 << 20  # bytes
BODY_SECONDS = 30.0  # for the whole body to arrive
DRAINED = 16 << 20  # bytes of an over-long body that are read and dropped, so that the sender sees the 413
DRAIN_SECONDS = 3.0  # for that: one who stops sending is told soon


class Gone(Exception):
    """The sender hung up before its body was complete: nobody to answer, nothing to say."""


class TooSlow(Refused):
    """The body did not arrive in time."""

    status = 408


def has_body(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether a body may come; most hits have none."""
    return scope["method"] != "GET" or "content-length" in headers or "transfer-encoding" in headers


class Bodies:
    """Reads bodies of at most `limit` bytes that arrive within `seconds`."""

    def __init__(self, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS) -> None:
        self._limit = limit
        self._seconds = seconds

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """The whole body as it came. Raises `TooLarge`, `TooSlow` or `Gone`."""
        length = headers.get("content-length")
        try:
            async with asyncio.timeout(self._seconds):
                if length and int(length[:20]) > self._limit:
                    if "expect" not in headers:
                        await _drain(receive)
                    raise self._too_large()
                return await self._chunks(receive)
        except TimeoutError:
            raise TooSlow(f"the body did not arrive within {self._seconds:g} seconds") from None

    def plain(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The body as it was before any compression, for clients to read. Raises `Refused` subclasses."""
        if body and (encoding := headers.get("content-encoding")):
            body = inflated(body, encoding, self._limit)
        refuse_wide(body)
        return body

    async def _chunks(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            chunk, more = await _chunk(receive)
            size += len(chunk)
            if size > self._limit:
                if more:
                    await _drain(receive)
                raise self._too_large()
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is over the limit of {self._limit} bytes")


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    """The next piece of the body, and whether more is to come."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message.get("body", b""), bool(message.get("more_body"))


async def _drain(receive: Receive) -> None:
    """Drop the rest of a body: a sender that is busy writing reads no answer. Up to a limit, none of it is kept."""
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while more and size < DRAINED:
                chunk, more = await _chunk(receive)
                size += len(chunk)
