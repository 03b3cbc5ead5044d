"""The route of a request, in plain ASGI: every layer between the socket and the container is paid for by every event.

Find the client, read the body, let the client read the events, let the container decide and store them, answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import Receive, Scope, Send

from container.clients.client import Answer, Client
from container.decision import Decision
from container.errors import NotStored, Refused
from container.event import Event, Request, new_id
from container.server.answers import RETRY_AFTER, cors, not_taken, preflight, respond, told
from container.server.body import Bodies, Gone, has_body
from container.visitors.peers import Peers

if TYPE_CHECKING:
    from container.pipeline import Container
    from container.server.upstream import Forwarded, Upstream

log = logging.getLogger("tagport.server")

UPSTREAM_SECONDS = 3.0  # to the headers of an upstream's answer
ALOUD_SECONDS = 60.0  # between two lines of the log that say the same
READY_SECONDS = 1.0  # how long one probe of the store serves every caller
METHODS = ("GET", "POST")
HEALTH = ("/healthz", "/healthy", "/readyz")


class Counts(Protocol):
    """What the door counts (`container.admin.metrics.Metrics`)."""

    def request(self, client: str, status: int, seconds: float) -> None: ...
    def decided(self, decisions: Iterable[Decision]) -> None: ...
    def unclaimed(self) -> None: ...
    def forwarded(self, client: str, outcome: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, what the container decided about its events, and what its sender is told."""

    answer: Answer
    events: Sequence[Event] = ()
    decisions: Sequence[Decision] = ()


async def exchange(container: Container, client: Client, request: Request) -> Exchange:
    """The request's events read, decided and stored, and the client's answer. Raises `Refused` subclasses."""
    events = container.visitors.told(client.events(container.visitors.seen(request)))
    events = container.identity.meet(container.signals.joined(events))
    decisions = await container.receive(events)
    answer = client.answer(request, events)
    if cookies := container.identity.headers(events):
        answer = replace(answer, cookies=(*answer.cookies, *cookies))
    return Exchange(answer, events, decisions)


class Public:
    """The ASGI app of the public port. `ready` says whether the store takes writes."""

    def __init__(
        self,
        container: Container,
        counts: Counts,
        ready: Callable[[], Awaitable[bool]],
        *,
        keep_unclaimed: Callable[[str, str], None] = lambda method, path: None,
        bodies: Bodies | None = None,
        peers: Peers | None = None,
        upstream_seconds: float = UPSTREAM_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._counts = counts
        self._ready = ready
        self._own_peers = peers
        self.turn_to(container, keep_unclaimed, bodies or Bodies())
        self._clock = clock
        self._upstream_seconds = upstream_seconds
        self._told = 0.0  # when the log said that events are not stored
        self._upstreams: dict[tuple[str, str], Upstream] = {}  # by client and URL, made with the first request

    def turn_to(self, container: Container, keep_unclaimed: Callable[[str, str], None], bodies: Bodies) -> None:
        """Serve this configuration from the next request on. Requests under way need nothing of the one before."""
        self.container = container
        self._keep_unclaimed = keep_unclaimed
        self._bodies = bodies
        self._peers = self._own_peers or container.visitors.peers
        if any(client.upstream for client in container.clients):
            _upstream()

    async def close(self) -> None:
        """Wind up what is under way to upstreams."""
        for upstream in self._upstreams.values():
            await upstream.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        client = self.container.client_for(scope["method"], scope["path"])
        if client is None:
            await respond(send, await self._unclaimed(scope))
            return
        headers = headers_of(scope)
        extra = cors(headers) if client.cors else {}
        try:
            body = await self._bodies.read(headers, receive) if has_body(scope, headers) else b""
        except Gone:
            return
        except Refused as refusal:
            answer = told(refusal.status, str(refusal), connection="close")
            await respond(send, answer, extra)
        else:
            forwarded = self._forward(client, scope, body) if client.upstream else None
            answer = await self._taken(client, scope, headers, body)
            theirs = await forwarded.answer() if forwarded else None
            if forwarded is None or theirs is None:
                await respond(send, answer, extra)
            else:
                await forwarded.relay(theirs, answer, extra.items(), send)
                if answer.status == NotStored.status:
                    self._counts.forwarded(client.id, "not_stored")
                answer = replace(answer, status=theirs.status)
        self._counts.request(client.id, answer.status, time.perf_counter() - started)

    def _forward(self, client: Client, scope: Scope, body: bytes) -> Forwarded | None:
        """The request on its way to the client's upstream, if it goes there."""
        key = (client.id, client.upstream)
        upstream = self._upstreams.get(key)
        if upstream is None:
            count = partial(self._counts.forwarded, client.id)
            upstream = _upstream()(client.upstream, count, self._upstream_seconds)
            self._upstreams[key] = upstream
        return upstream.forward(scope, body)

    async def _taken(self, client: Client, scope: Scope, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            plain = self._bodies.plain(body, headers)
            found = await exchange(self.container, client, self._request(scope, headers, plain))
        except NotStored as refusal:
            self._say_aloud(refusal)
            return told(refusal.status, str(refusal), retry_after=RETRY_AFTER)
        except Refused as refusal:
            return told(refusal.status, str(refusal))
        except Exception as error:
            return _failed(error, client)
        self._counts.decided(found.decisions)
        return found.answer

    def _say_aloud(self, refusal: NotStored) -> None:
        now = self._clock()
        if now - self._told >= ALOUD_SECONDS:
            self._told = now
            log.error("events are answered 503, and their senders have to send them again: %s", refusal)

    def _request(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Request:
        peer = self._peers.peer(scope.get("client"))
        return Request(
            method=scope["method"],
            path=scope["path"],
            query_string=scope["query_string"].decode("utf-8", "replace"),
            headers=headers,
            ip=self._peers.address(peer, headers),
            trusted=self._peers.trusts(peer),
            received=self._clock(),
            body=body,
        )

    async def _unclaimed(self, scope: Scope) -> Answer:
        """The answer to what no client takes: health checks, preflights, wrong methods, and 404."""
        method, path = scope["method"], scope["path"]
        if path in HEALTH and method in ("GET", "HEAD"):
            return await self._health(path)
        claimed = [known for known in METHODS if self.container.client_for(known, path)]
        if claimed:
            return self._preflight(scope, claimed) if method == "OPTIONS" else not_taken(method, claimed)
        self._counts.unclaimed()
        self._keep_unclaimed(method, path)
        return told(404, "no client claims this path")

    def _preflight(self, scope: Scope, claimed: Sequence[str]) -> Answer:
        headers = headers_of(scope)
        wanted = headers.get("access-control-request-method", claimed[0])
        client = self.container.client_for(wanted, scope["path"])
        if "origin" in headers and client is not None and client.cors:
            return preflight(headers)
        return not_taken("OPTIONS", claimed)

    async def _health(self, path: str) -> Answer:
        if path == "/readyz" and not await self._ready():
            return told(503, "the store takes no writes", retry_after=RETRY_AFTER)
        return told(200, "ok")


class Readiness:
    """Whether the store takes writes; one probe a second, however many ask."""

    def __init__(self, probe: Callable[[], Awaitable[Any]]) -> None:
        self._probe = probe
        self._until = 0.0
        self._known = False

    async def __call__(self) -> bool:
        """The answer, at most a second old."""
        if time.monotonic() >= self._until:
            self._known = await self._ask()
            self._until = time.monotonic() + READY_SECONDS
        return self._known

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._probe()
        except (NotStored, TimeoutError):
            return False
        return True


_JOINED = {"cookie": "; ", "x-forwarded-for": ", "}


def headers_of(scope: Scope) -> dict[str, str]:
    """Header names in lower case with their first value; lists that may be split over lines are joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1")
        if name not in found:
            found[name] = value
        elif name in _JOINED:
            found[name] += _JOINED[name] + value
    return found


def _upstream() -> type[Upstream]:
    """The class, imported where a client has an upstream: the HTTP client behind it doubles what is to be imported."""
    from container.server.upstream import Upstream

    return Upstream


def _failed(error: Exception, client: Client) -> Answer:
    """Answer 500 and log where it happened: never the exception's text, which may quote the visitor's data."""
    record = new_id()
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("request %s through client %s failed: %s at %s", record, client.id, type(error).__name__, where)
    return told(500, f"this request could not be handled; the log has it as {record}")
