"""The connections to every host that is talked to: opened when needed, kept for a short while, used again."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque
from functools import cache

import certifi
from aiohappyeyeballs import start_connection

from container.delivery.http.connection import Connection
from container.delivery.http.wire import Answer, NotSent, Origin, Wire, address, written

CONNECT = 3.0  # seconds in which a connection has to come about, name look-up and TLS included
KEEP_ALIVE = 4.0  # seconds: below every common server's, so that no request meets a connection that is being closed
NEXT_ADDRESS = 0.25  # seconds until a host's next address is tried beside the one that has not answered


class Http:
    """A client for all hosts, without cookies, redirects or repetitions (`Sender`).

    `vendors`: a URL whose scheme, host and port replace the vendor's own, which goes along as `x-tagport-host`.
    """

    def __init__(self, vendors: str | None = None, connect: float = CONNECT) -> None:
        self.vendors = vendors
        self.connect = connect
        self._resting: dict[Origin, deque[Connection]] = {}  # longest resting first
        self._flying: set[Connection] = set()
        self._connecting: set[asyncio.Timeout] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        _trust()  # takes some ten milliseconds: now, not within the first request's time limit

    async def send(self, wire: Wire) -> Answer:
        to = address(wire.url, self.vendors)
        request = written(wire, to)
        until = asyncio.get_running_loop().time() + wire.timeout
        connection = self._take(to.origin) or await self._connect(to.origin, min(self.connect, wire.timeout))
        self._flying.add(connection)
        try:
            return await connection.exchange(request, wire, until)
        finally:
            self._flying.discard(connection)
            if connection.reusable:
                self._rest(to.origin, connection)

    def cut(self) -> None:
        now = asyncio.get_running_loop().time()
        for scope in self._connecting:
            scope.reschedule(now)
        for connection in list(self._flying):
            connection.abort()

    async def close(self) -> None:
        self.cut()
        if self._sweeper is not None:
            self._sweeper.cancel()
        resting, self._resting, self._sweeper = self._resting, {}, None
        for connection in (one for some in resting.values() for one in some):
            connection.abort()

    async def _connect(self, origin: Origin, limit: float) -> Connection:
        try:
            async with asyncio.timeout(limit) as scope:
                self._connecting.add(scope)
                try:
                    return await _open(origin)
                finally:
                    self._connecting.discard(scope)
        except TimeoutError:
            raise NotSent(f"no connection within {limit:g} s") from None
        except (OSError, UnicodeError) as error:  # of names that are none, too
            raise NotSent(f"no connection: {getattr(error, 'strerror', None) or error}") from error

    def _take(self, origin: Origin) -> Connection | None:
        """One that rests; of those the last used, so that the others come to their end."""
        resting = self._resting.get(origin)
        oldest = asyncio.get_running_loop().time() - KEEP_ALIVE
        while resting:
            connection = resting.pop()
            if connection.reusable and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    def _rest(self, origin: Origin, connection: Connection) -> None:
        self._resting.setdefault(origin, deque()).append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(KEEP_ALIVE, self._sweep)

    def _sweep(self) -> None:
        """Hang up what has rested long enough."""
        loop = asyncio.get_running_loop()
        for origin, resting in list(self._resting.items()):
            while resting and resting[0].idle_since <= loop.time() - KEEP_ALIVE:
                resting.popleft().abort()
            if not resting:
                del self._resting[origin]
        self._sweeper = loop.call_later(KEEP_ALIVE, self._sweep) if self._resting else None


async def _open(origin: Origin) -> Connection:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    sock = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS, interleave=1)
    if origin.scheme == "http":
        return (await loop.create_connection(Connection, sock=sock))[1]
    return (await loop.create_connection(Connection, sock=sock, ssl=_trust(), server_hostname=origin.host))[1]


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed: Mozilla's list, or what SSL_CERT_FILE or SSL_CERT_DIR names."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    context = ssl.create_default_context(
        cafile=file or (None if folder else certifi.where()), capath=None if file else folder
    )
    context.set_alpn_protocols(["http/1.1"])
    return context
