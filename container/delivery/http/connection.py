"""One connection to one host: a request, its answer, then perhaps the next request."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from typing import cast

import httptools

from container.delivery.http.wire import ANSWER_MOST, Answer, NoAnswer, Wire

UNPACK = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is
PACKED = ("gzip", "x-gzip", "deflate")  # nobody was asked for it


class Connection(asyncio.Protocol):
    """Carries one request at a time. `reusable`: whether another one may follow, `idle_since`: the loop's time.

    `exchange` ends with an answer or with `NoAnswer`: once it is called, bytes may have left.
    """

    def __init__(self) -> None:
        self.reusable = True
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._ended: asyncio.Future[Answer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = 0.0  # the loop's time of the vendor's last byte, or of the request
        self._begin_answer()

    def _begin_answer(self) -> None:
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._begun = False  # its headers are there
        self._clean = False  # it has come to its end with nothing after it, and another may follow

    async def exchange(self, request: bytes, wire: Wire, until: float) -> Answer:
        """Send the bytes of `wire`, and wait for the answer: at most to `until` (the loop's time)."""
        self._begin_answer()
        self._heard = self._loop.time()
        self._ended = self._loop.create_future()
        self._watch(wire, until)
        self.reusable = False  # until all has been well
        try:
            self._transport.write(request)
            answer = await self._ended
            self.reusable = self._clean and not self._transport.get_write_buffer_size()
            return answer
        finally:
            self._ended = None
            if self._timer is not None:
                self._timer.cancel()
            if not self.reusable:
                self._transport.abort()
            self.idle_since = self._loop.time()

    def abort(self) -> None:
        """Hang up at once; what is under way has no answer."""
        self.reusable = False
        self._transport.abort()
        self._fail("it was broken off")

    def _watch(self, wire: Wire, until: float) -> None:
        """Time limits. The vendor's silence is looked at when it may be too long, not at every byte."""
        now = self._loop.time()
        silent = self._heard + wire.read
        if now >= until:
            self._fail(f"no answer within {wire.timeout:g} s")
        elif now >= silent:
            self._fail(f"the vendor was silent for {wire.read:g} s")
        else:
            self._timer = self._loop.call_at(min(until, silent), self._watch, wire, until)

    @property
    def _waiting(self) -> bool:
        return self._ended is not None and not self._ended.done()

    def _fail(self, why: str) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(NoAnswer(why))

    def _end(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(Answer(self._parser.get_status_code(), self._headers, self._text()))

    def _text(self) -> str:
        body = b"".join(self._body)[:ANSWER_MOST]
        if self._headers.get("content-encoding") in PACKED:
            with contextlib.suppress(zlib.error):  # the template's rules see that it is nothing they know
                body = zlib.decompressobj(UNPACK).decompress(body, ANSWER_MOST)
        return body.decode("utf-8", "replace")

    # --- what asyncio tells ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._waiting:  # nobody asked
            self.reusable = self._clean = False
            self._transport.abort()
            return
        self._heard = self._loop.time()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("the answer is no HTTP")

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = self._clean = False
        if error is None and self._begun and not {"content-length", "transfer-encoding"} & self._headers.keys():
            self._end()  # an answer may end like this
        self._fail(f"the vendor hung up{f': {error}' if error else ''}")

    # --- what the parser tells ---------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin_answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        key, told = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        self._headers[key] = f"{self._headers[key]}, {told}" if key in self._headers else told
        self._count(len(value) + 1)

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._count(len(body))

    def _count(self, size: int) -> None:
        self._size += size
        if self._size < ANSWER_MOST:
            return
        if self._begun:
            self._end()  # the beginning is enough
        self._fail("the answer's headers have no end")

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:  # before that, as 103 Early Hints, it is still to come
            self._clean = self._waiting and self._parser.should_keep_alive()
            self._end()
