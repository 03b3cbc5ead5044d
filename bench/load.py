"""A lean HTTP/1.1 load generator: N kept-alive connections, one request in flight on each.

`saturate` sends the next request as soon as the last one is answered (how much can be taken); `steady` sends at a given
rate whatever the answers do, and counts a request's time from the moment it was due (what a sender feels).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import uvloop

Make = Callable[[int], bytes]  # a number → the bytes of a whole request


@dataclass
class Outcome:
    """What a run gave. Times in seconds."""

    requests: int = 0
    failed: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    def add(self, other: Outcome) -> None:
        """Count another run to this one."""
        self.requests += other.requests
        self.failed += other.failed
        self.seconds += other.seconds
        self.latencies += other.latencies
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count

    def percentile(self, share: float) -> float:
        """The latency below which this share of all requests lies."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Connection(asyncio.Protocol):
    """One connection; calls `done(connection, status)` for every complete answer."""

    def __init__(self, done: Callable[[Connection, str], None]) -> None:
        self._done = done
        self._buffer = b""
        self.due = 0.0
        self.lost = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) >= end + 4 + length:
            self._buffer = self._buffer[end + 4 + length :]
            self._done(self, head[9:12].decode())

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True


class Load:
    """A run against one port."""

    def __init__(self, port: int, make: Make, first: int) -> None:
        self._port = port
        self._make = make
        self._next = first
        self._outcome = Outcome()
        self._all: list[Connection] = []
        self._idle: deque[Connection] = deque()
        self._waiting: deque[float] = deque()  # when the requests that found no idle connection were due
        self._sending: Callable[[float], bool] = lambda now: False  # whether an answered connection sends again at once

    async def saturate(self, connections: int, seconds: float) -> Outcome:
        """Every connection busy, all the time."""
        await self._connect(connections)
        started = time.perf_counter()
        self._sending = lambda now: now < started + seconds
        self._stay_awake()
        while self._idle:
            self._send(self._idle.popleft(), time.perf_counter())
        return await self._end(started)

    def _stay_awake(self) -> None:
        """Keep this loop from sleeping: to wake its processor would cost the server some 10 µs an answer.

        A fast server never lets it sleep and pays nothing; the same then holds for all that is compared with it.
        """
        if self._sending(time.perf_counter()):
            asyncio.get_running_loop().call_soon(self._stay_awake)

    async def steady(self, connections: int, seconds: float, rate: float) -> Outcome:
        """`rate` requests a second; one that finds no idle connection waits for one, and its time counts."""
        await self._connect(connections)
        started = time.perf_counter()
        for number in range(int(seconds * rate)):
            due = started + number / rate
            delay = due - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(max(delay, 0.0005))
            self._take(due)
        return await self._end(started)

    async def _connect(self, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, connection = await loop.create_connection(lambda: Connection(self._done), "127.0.0.1", self._port)
            self._all.append(connection)
        self._idle.extend(self._all)

    def _take(self, due: float) -> None:
        if self._idle:
            self._send(self._idle.popleft(), due)
        else:
            self._waiting.append(due)

    def _send(self, connection: Connection, due: float) -> None:
        connection.send(self._make(self._next), due)
        self._next += 1

    def _done(self, connection: Connection, status: str) -> None:
        now = time.perf_counter()
        outcome = self._outcome
        outcome.requests += 1
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        outcome.failed += not status.startswith("2")
        outcome.latencies.append(now - connection.due)
        if self._waiting:
            self._send(connection, self._waiting.popleft())
        elif self._sending(now):
            self._send(connection, now)
        else:
            self._idle.append(connection)

    async def _end(self, started: float) -> Outcome:
        """Wait for the last answers."""
        while len(self._idle) < len(self._all):
            if any(connection.lost for connection in self._all):
                raise ConnectionError("the server closed a connection")
            await asyncio.sleep(0.002)
        self._outcome.seconds = time.perf_counter() - started
        for connection in self._all:
            connection.transport.close()
        return self._outcome


def saturate(port: int, make: Make, *, first: int = 0, connections: int = 64, seconds: float = 10.0) -> Outcome:
    """As many requests as the server takes."""

    async def run() -> Outcome:
        return await Load(port, make, first).saturate(connections, seconds)

    return uvloop.run(run())


def steady(
    port: int, make: Make, *, rate: float, first: int = 0, connections: int = 64, seconds: float = 10.0
) -> Outcome:
    """`rate` requests a second."""

    async def run() -> Outcome:
        return await Load(port, make, first).steady(connections, seconds, rate)

    return uvloop.run(run())
