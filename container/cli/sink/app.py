"""The vendor double as an ASGI app: records every call, answers as the vendor does, has the faults it is told to have.

Control, on the same port: `GET /_calls` (what came in), `DELETE /_calls`, `GET /_faults`, `POST /_faults` with
`{"faults": ["meta:429:20%"]}` (replaces those in force). One request may ask for its own fault: `x-sink-fault: hangup`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import parse_qs

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from container.cli.sink.faults import Fault, Faults, parse
from container.cli.sink.messages import Call, Reply
from container.cli.sink.vendors import by_code, by_status, usual, vendor_of
from container.encoding import encode, load

CALLS_KEPT = 10_000
STALL = 60.0  # seconds
HOST_HEADER = "x-tagport-host"  # the vendor's own host, from `serve --vendors`
FAULT_HEADER = "x-sink-fault"
MASK = "***"
SECRET_NAMES = frozenset(
    {
        *("access-token", "access_token", "api_secret", "appsecret_proof", "assertion", "authorization"),
        *("client_secret", "cookie", "developer-token", "key", "proxy-authorization", "refresh_token"),
        *("token", "x-api-key"),
    }
)


class Protocol(HttpToolsProtocol):
    """uvicorn's, but the app can reach the connection: hanging up is part of its work."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def make_sink(log: IO[str] | None = None, faults: Sequence[str] = (), show_secrets: bool = False) -> Sink:
    """The app. `log`: where every call goes as one flushed JSON line."""
    return Sink(log, Faults.of(faults), show_secrets)


def configure(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How uvicorn runs it; needed for the faults that end a connection."""
    return uvicorn.Config(app, host=host, port=port, http=Protocol, log_level="warning", lifespan="off", ws="none")


class Sink:
    """The vendor double. `calls` holds the latest records."""

    def __init__(self, log: IO[str] | None, faults: Faults, show_secrets: bool) -> None:
        self.faults = faults
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)
        self._log = log
        self._mask = not show_secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if scope["path"] in ("/_calls", "/_faults"):
            await _reply(send, self._control(scope["method"], scope["path"], body))
            return
        await self._vendor(scope, body, send)

    def _control(self, method: str, path: str, body: bytes) -> Reply:
        if path == "/_calls":
            if method == "DELETE":
                self.calls.clear()
            return Reply(200, list(self.calls))
        if method == "POST":
            try:
                told = load(body)
                rules = told["faults"] if isinstance(told, dict) else told
                self.faults.rules = [parse(rule) for rule in rules]
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                return Reply(400, {"error": str(error)})
        return Reply(200, {"faults": [fault.rule for fault in self.faults.rules]})

    async def _vendor(self, scope: Scope, body: bytes, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(HOST_HEADER) or headers.get("host", "")
        vendor = vendor_of(host)
        query = _first(parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        call = Call(scope["method"], scope["path"], query, headers, _read(body))
        try:
            own = headers.get(FAULT_HEADER)
            fault = parse(f"*:{own}") if own else self.faults.pick(vendor, host, body)
        except ValueError as error:
            await _reply(send, Reply(400, {"error": str(error)}))
            return
        self._record(host, call, fault)
        await _answer(scope, send, vendor, call, fault)

    def _record(self, host: str, call: Call, fault: Fault | None) -> None:
        record: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "host": host,
            "method": call.method,
            "path": call.path,
            "query": self._masked(call.query),
            "headers": self._masked(call.headers),
            "body": self._masked(call.body) if isinstance(call.body, Mapping) else call.body,
        }
        if fault is not None:
            record["fault"] = fault.rule
        self.calls.append(record)
        if self._log is not None:
            self._log.write(encode(record).decode() + "\n")
            self._log.flush()

    def _masked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if not self._mask:
            return dict(values)
        return {name: _mask(value) if name.lower() in SECRET_NAMES else value for name, value in values.items()}


def _mask(value: Any) -> str:
    scheme, blank, _ = str(value).partition(" ")
    return f"{scheme} {MASK}" if blank and scheme in ("Bearer", "Basic") else MASK


async def _answer(scope: Scope, send: Send, vendor: str, call: Call, fault: Fault | None) -> None:
    if fault is None:
        await _reply(send, usual(vendor, call))
        return
    extra = {"retry-after": fault.retry_after} if fault.retry_after else {}
    if fault.effect == "status":
        reply = by_status(vendor, int(fault.value))
    elif fault.effect == "code":
        reply = by_code(vendor, fault.value)
    elif fault.effect == "slow":
        await asyncio.sleep(fault.seconds)
        reply = usual(vendor, call)
    elif fault.effect == "html":
        reply = Reply(200, "<html><title>One moment, please</title></html>")
    elif fault.effect == "half":
        whole = usual(vendor, call)
        body = whole.content()[0]
        reply = Reply(whole.status, body[: len(body) // 2].decode("utf-8", "replace") or None, whole.headers)
    else:
        await _hang_up(scope, send, fault.effect)
        return
    await _reply(send, Reply(reply.status, reply.body, {**reply.headers, **extra}))


async def _hang_up(scope: Scope, send: Send, effect: str) -> None:
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError(f"{effect}: the server does not let the sink reach its connection")
    if effect in ("cut", "stall"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": b'{"half":', "more_body": True})
        await asyncio.sleep(STALL if effect == "stall" else 0.01)  # the half is to arrive before the reset
    if effect in ("reset", "cut"):
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


async def _reply(send: Send, reply: Reply) -> None:
    content, kind = reply.content()
    headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
    if reply.status not in (204, 304):
        headers.append((b"content-length", str(len(content)).encode()))
    if kind:
        headers.append((b"content-type", kind.encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    kept = []
    while True:
        message = await receive()
        kept.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(kept)


def _read(body: bytes) -> Any:
    if not body:
        return None
    try:
        return load(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _first(query: Mapping[str, list[str]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in query.items()}
