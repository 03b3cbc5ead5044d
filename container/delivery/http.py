"""HTTP to vendors: one small client a host, total time limits, and the honest answer to "may it have arrived?".

The transport's own exception names do not tell: a server that took the request and hung up arrives as
`ConnectTimeout`. What tells is the aiohttp exception behind it. And aiohttp sends idempotent requests a second time by
itself when their connection drops; a middleware takes that away from it, and they get connections of their own.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

import aiohttp
from aiohttp.connector import Connection

from container import __version__
from container.delivery.library import AiohttpTransport, httpx

ANSWER_MOST = 64 << 10  # bytes of an answer that are read
CONNECT = 3.0  # seconds in which a connection has to come about, however long the answer may take
KEEP_ALIVE = 4.0  # seconds: below every common server's, so that no request meets a connection that is being closed
AGENT = f"tagport/{__version__}"
REPEATED = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # by aiohttp on its own


class NotSent(Exception):
    """The request never left: it can be sent again without any doubt."""


class NoAnswer(Exception):
    """The request may have arrived; there is no (complete) answer."""


class Unsendable(Exception):
    """The request cannot be put on the wire at all: a broken URL, a line break in a header."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer; header names in lower case, the text cut at `ANSWER_MOST`."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Wire:
    """One request ready to leave. `timeout` in seconds, for all of it."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    timeout: float = 5.0


@dataclass
class Http:
    """Clients for every host that is talked to. `vendors`: a URL whose scheme, host and port replace the vendor's own,
    which goes along as `x-tagport-host`. `transport` replaces the network (tests). `connect`: seconds for a connection,
    name look-up and TLS included."""

    vendors: str | None = None
    transport: httpx.AsyncBaseTransport | None = None
    connect: float = CONNECT
    _clients: dict[tuple[object, ...], httpx.AsyncBaseTransport] = field(default_factory=dict)
    _scopes: set[asyncio.Timeout] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.transport is None:
            _trust()  # takes some ten milliseconds: now, not within the first request's time limit
        to = None if self.vendors is None else httpx.URL(self.vendors)
        self._address = lru_cache(maxsize=256)(partial(_address, to))  # a vendor's URL is mostly the same

    async def send(self, wire: Wire) -> Answer:
        """The vendor's answer, whatever its status. Raises `NotSent`, `NoAnswer` or `Unsendable`."""
        request = self._request(wire)
        client = self._client(request)
        connected: list[bool] = []  # filled by our connector
        _CONNECTED.set(connected)
        try:
            async with asyncio.timeout(wire.timeout) as scope:
                self._scopes.add(scope)
                try:
                    return await _exchange(client, request)
                finally:
                    self._scopes.discard(scope)
        except TimeoutError:
            if self.transport is None and not connected:
                raise NotSent(f"no connection within {wire.timeout:g} s") from None
            raise NoAnswer(f"no answer within {wire.timeout:g} s") from None

    def cut(self) -> None:
        """End every request that is under way, now; each fails with `NoAnswer`, or `NotSent` while it connects."""
        now = asyncio.get_running_loop().time()
        for scope in list(self._scopes):
            scope.reschedule(now)

    async def close(self) -> None:
        """Let go of all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _request(self, wire: Wire) -> httpx.Request:
        headers = {**_DEFAULTS, **{name.lower(): value for name, value in wire.headers}}
        try:
            url, host = self._address(wire.url)
            if self.vendors is not None:
                headers["x-tagport-host"] = host
            _check(headers)
            given = httpx.Headers(headers, encoding="utf-8")
            limits = {"timeout": {"pool": self.connect}}  # aiohttp's `connect`: from the name to the handshake's end
            request = httpx.Request(wire.method, url, headers=given, content=wire.body or None, extensions=limits)
            request.headers.encoding = "utf-8"  # found out again for every header otherwise
            return request
        except (ValueError, httpx.InvalidURL) as error:
            raise Unsendable(str(error)) from error

    def _client(self, request: httpx.Request) -> httpx.AsyncBaseTransport:
        if self.transport is not None:
            return self.transport
        url, single = request.url, request.method in REPEATED
        key = (url.scheme, url.host, url.port, single)
        if key not in self._clients:
            self._clients[key] = _client(single)
        return self._clients[key]


_DEFAULTS = {"user-agent": AGENT, "accept": "*/*", "accept-encoding": "identity"}


_CONNECTED: ContextVar[list[bool] | None] = ContextVar("connected", default=None)


class Connector(aiohttp.TCPConnector):
    """Notes that there is a connection: from then on, and not before, bytes may leave."""

    async def connect(self, req: aiohttp.ClientRequest, *args: Any, **kwargs: Any) -> Connection:
        connection = await super().connect(req, *args, **kwargs)
        noted = _CONNECTED.get()
        if noted is not None:
            noted.append(True)
        return connection


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _client(single: bool) -> AiohttpTransport:
    """A client without cookies (they would tie one visitor's call to another's). `single`: a connection a request."""

    def session() -> aiohttp.ClientSession:
        connector = (
            Connector(limit=0, ssl=_trust(), force_close=True)
            if single
            else Connector(limit=0, ssl=_trust(), keepalive_timeout=KEEP_ALIVE)
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,) if single else (),
        )

    return AiohttpTransport(verify=_trust(), client=session)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Turn the errors after which aiohttp would repeat a request by itself into one after which it does not."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error) or "the server hung up") from error


async def _exchange(client: httpx.AsyncBaseTransport, request: httpx.Request) -> Answer:
    try:
        response = await client.handle_async_request(request)
        try:
            return await _read(response)
        finally:
            await response.aclose()
    except httpx.UnsupportedProtocol as error:
        raise Unsendable(str(error)) from error
    except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
        if isinstance(error, TimeoutError):
            raise NoAnswer("no answer in time") from error
        raise (NotSent if never_sent(error) else NoAnswer)(_told(error)) from error


async def _read(response: httpx.Response) -> Answer:
    kept, size = [], 0
    async for chunk in response.aiter_bytes():
        kept.append(chunk)
        size += len(chunk)
        if size >= ANSWER_MOST:
            break
    text = b"".join(kept)[:ANSWER_MOST].decode("utf-8", "replace")
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, text)


def _address(to: httpx.URL | None, text: str) -> tuple[httpx.URL, str]:
    """Where a request to this URL goes, and the host it names."""
    url = httpx.URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{url.scheme}://{url.host} is no address of a web server")
    host = url.netloc.decode()
    return (url if to is None else url.copy_with(scheme=to.scheme, host=to.host, port=to.port)), host


def _check(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if "\n" in value or "\r" in value or "\0" in value:
            raise ValueError(f"there is a line break in the value of the header {name}")


def never_sent(error: BaseException) -> bool:
    """Whether this failure proves that not one byte of the request has left."""
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientError):
        return isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    if isinstance(error, aiohttp.ClientError):
        return isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return cause is None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _told(error: BaseException) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, aiohttp.ConnectionTimeoutError | httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(cause, aiohttp.ClientConnectorError):
        return f"no connection: {cause.os_error.strerror or cause}"
    return str(cause) or type(cause).__name__
