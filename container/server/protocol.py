"""uvicorn's HTTP reader, which puts no limit to a request's head: here it has one."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_LIMIT = 64 << 10  # bytes of request line and headers

_REFUSAL = b"the request's headers are over the limit of %d bytes\n" % HEAD_LIMIT


class LimitedProtocol(HttpToolsProtocol):
    """HTTP/1.1 of one connection. A head over the limit is answered 431 and the connection closed."""

    _head_size = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Bytes from the socket."""
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is read."""
        self._in_head = False
        self._head_size = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Its body is read; what follows is the next one's head."""
        self._in_head = True
        super().on_message_complete()

    def _refuse(self) -> None:
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(STATUS_LINE[431] + head % len(_REFUSAL) + _REFUSAL)
        self.transport.close()
