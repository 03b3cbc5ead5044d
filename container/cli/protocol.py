"""uvicorn's HTTP reader, which puts no limit to a request's head: here it has one, in size and in time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_LIMIT = 64 << 10  # bytes of request line and headers
HEAD_SECONDS = 20.0  # for it to arrive: who sends half of one would hold a connection for ever

_TOO_LARGE = b"the request's headers are over the limit of %d bytes\n" % HEAD_LIMIT
_TOO_SLOW = b"the request's headers did not arrive within %d seconds\n" % HEAD_SECONDS


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 of one connection. A head over the limit is answered 431, one that does not come 408; then it closes."""

    _head_size = 0
    _in_head = True
    _began: float | None = None  # when the head began that is not complete
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody has connected; what they send has to come soon."""
        super().connection_made(transport)
        self._began = self.loop.time()
        self._watch = self.loop.call_later(HEAD_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the socket."""
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse(431, _TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        self._began = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is read. One that came in one piece may be over the limit and complete."""
        if self._head_size > HEAD_LIMIT and self._measured() > HEAD_LIMIT:
            raise ValueError("the head is over the limit")  # the parser stops, and what follows answers
        self._in_head = False
        self._head_size = 0
        self._began = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Its body is read; what follows is the next one's head."""
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """The parser has stopped: what came is no HTTP, or too much of it."""
        if self._in_head and self._head_size > HEAD_LIMIT:
            self._refuse(431, _TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _measured(self) -> int:
        """The bytes of the head alone, without those of a body that came with it."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _look(self) -> None:
        """Once in a while, for a timer each request would cost every event."""
        late = self._began is not None and self.loop.time() - self._began >= HEAD_SECONDS
        if late and not self.transport.is_closing():
            self._refuse(408, _TOO_SLOW)
        else:
            self._watch = self.loop.call_later(HEAD_SECONDS, self._look)

    def _refuse(self, status: int, reason: bytes) -> None:
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(reason) + reason)
        self.transport.close()
