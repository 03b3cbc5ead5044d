"""A vendor double in the test's own loop, calls for it, and template rules to judge it by."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn

from container.call import Call, Envelope, Parts, Rate, Secret
from container.cli.sink.app import Sink, configure, make_sink
from container.conversion import Firing
from container.delivery.http import Wire
from container.delivery.outcomes import Rules
from container.ledger.interface import Row, Store

META = "graph.facebook.com"
TIKTOK = "business-api.tiktok.com"
GA4 = "www.google-analytics.com"
META_TOKEN = Secret("META_ACCESS_TOKEN")
PATIENCE = 60.0  # seconds after which something has failed, however busy the machine is


def reveal(name: str) -> str:
    return f"value-of-{name}"


@dataclass
class SomeRules:
    """Meta's, TikTok's and GA4's answers, as their templates read them."""

    most: int = 50
    split_on_refusal: bool = True
    age: float | None = None
    rate: Rate | None = None

    @property
    def shortest(self) -> float:
        return 0.0 if self.age is not None else math.inf

    def limit(self, item: bytes) -> float | None:
        return self.age

    def judge(self, status: int, headers: Mapping[str, str], text: str, count: int) -> tuple[str, str]:
        try:
            body = json.loads(text)
        except ValueError:
            body = {}
        error = body.get("error", {}).get("code")
        if error in (190, 200) or body.get("code") in (40001, 40105) or status in (401, 403):
            return "stop", text
        if status >= 500 or status == 429 or error in (4, 17) or body.get("code") == 40100:
            return "retry", f"{status} {text}"
        if status == 204:
            return "accepted", ""
        if status == 200 and (body.get("events_received") == count or body.get("code") == 0 or not body):
            return "delivered", ""
        return ("later", text) if status == 409 else ("refused", text)


def rules_of(rules: Rules) -> Callable[[str], Rules | None]:
    return lambda template: rules


def call(
    host: str = META,
    *,
    item: Any = None,
    retry_ambiguous: bool = True,
    timestamp: float = 1_800_000_000.0,
    event_id: str = "E1",
    token: Parts = ("Bearer ", META_TOKEN),
    **changes: Any,
) -> Call:
    """One event for Meta (joinable), TikTok (joinable) or GA4 (alone)."""
    event = item if item is not None else event_of(host, event_id)
    before, after = _around(host)
    paths = {META: "/v26.0/1/events", TIKTOK: "/open_api/v1.3/event/track/", GA4: "/mp/collect?measurement_id=G-1"}
    headers: tuple[tuple[str, Parts], ...] = (("content-type", ("application/json",)),)
    headers += (("access-token" if host == TIKTOK else "authorization", token),)
    url = f"https://{host}{paths.get(host, '/x')}"
    times = {name: changes.pop(name, PATIENCE) for name in ("timeout", "read_timeout")}
    envelope = Envelope("POST", (url,), headers, (before,), (after,), **times)
    values: dict[str, Any] = {
        "tag": "a_tag",
        "destination": "",
        "template": "a_template",
        "target": f"{host} 1 Purchase",
        "envelope": envelope.stored(),
        "item": json.dumps(event).encode(),
        "joinable": host != GA4,
        "event_name": "purchase",
        "event_id": event_id,
        "transaction_id": event_id,
        "timestamp": timestamp,
        "retry_ambiguous": retry_ambiguous,
        "consent": ("ad_storage",),
    }
    return Call(**{**values, **changes})


def event_of(host: str, event_id: str = "E1", **changes: Any) -> dict[str, Any]:
    if host == TIKTOK:
        return {"event": "Purchase", "event_time": 1_800_000_000, "event_id": event_id, **changes}
    return {
        "event_name": "PageView",
        "event_time": 4_000_000_000,
        "event_id": event_id,
        "user_data": {"client_ip_address": "203.0.113.7"},
        **changes,
    }


def _around(host: str) -> tuple[str, str]:
    if host == TIKTOK:
        return '{"event_source":"web","event_source_id":"C1","data":[', "]}"
    return ('{"data":[', "]}") if host == META else ("", "")


async def queue(store: Store, *calls: Call, conversion: int | None = None, now: float = 1_800_000_000.0) -> list[Row]:
    """The calls, in the outbox, as the container puts them there."""
    return await store.write(lambda writing: [writing.queue(conversion, f"R{c.event_id}", c, now) for c in calls])


async def conversions(store: Store, calls: Sequence[Call], now: float = 1_800_000_000.0) -> list[Row]:
    """The calls, each of a conversion of its own that it has fired for."""

    def work(writing: Any) -> list[Row]:
        rows = []
        for one in calls:
            number = writing.open(one.event_id, "purchase", now, now + 1e9, {})
            writing.fire(number, Firing(one.target, one.tag, "", f"R{one.event_id}", "live", now))
            rows.append(writing.queue(number, f"R{one.event_id}", one, now))
        return rows

    return await store.write(work)


@contextlib.asynccontextmanager
async def served(*faults: str) -> AsyncIterator[tuple[Sink, str]]:
    """A vendor double and its URL."""
    app = make_sink(None, faults, show_secrets=True)
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configure(app))
    task = asyncio.get_running_loop().create_task(server.serve([sock]))
    await until(lambda: server.started)
    try:
        yield app, f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.force_exit = server.should_exit = True
        await task
        sock.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def socket_server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that does with each connection what `talk` does, and its URL."""

    running: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head and the body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


async def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until something holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


def wire(url: str, method: str = "POST", timeout: float = 2.0) -> Wire:
    """A small request."""
    return Wire(method, url, [("content-type", "application/json")], b"{}" if method == "POST" else b"", timeout)


def answering(answer: bytes, seen: list[bytes] | None = None) -> Talk:
    """Every request gets the answer, and is added to `seen`."""
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if seen is not None:
                seen.append(request)
            writer.write(answer)
            await writer.drain()

    return talk
