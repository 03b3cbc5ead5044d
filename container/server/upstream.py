"""Pass-through: a client's `upstream:` gets the very request, and the sender gets the upstream's answer.

The safety rope of a move from another container. Our own handling goes on beside it; where the upstream does not
answer in time the sender gets our answer, and while it is down nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence

import aiohttp
from starlette.types import Scope, Send
from yarl import URL

from container.clients.client import Answer

log = logging.getLogger("tagport.upstream")

CONNECT = 1.0  # seconds to reach it
BETWEEN = 30.0  # seconds between two pieces of the answer's body
DOWN = 10.0  # seconds in which nobody waits for an upstream that has just failed
MOST = 200  # requests on their way to it; what is more is not forwarded
VIA = "1.1 tagport"

_HOPS = frozenset((b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect"))
_NOT_SENT = _HOPS | {b"host", b"content-length", b"proxy-connection", b"via"}
_NOT_RETURNED = _HOPS | {b"proxy-authenticate", b"server", b"date"}
_NO_OWN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")

Headers = list[tuple[bytes, bytes]]
Count = Callable[[str], None]  # outcome: answered | failed | dropped


class Upstream:
    """One upstream, in one running loop. `count` takes the outcome of every request; `first`: seconds to the answer's
    headers."""

    def __init__(self, url: str, count: Count, first: float, *, clock: Callable[[], float] = time.monotonic):
        self._url = url.rstrip("/")
        self._count = count
        self._first = first
        self._clock = clock
        self._down_until = 0.0
        self._tasks: set[asyncio.Task[aiohttp.ClientResponse | None]] = set()
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_NO_OWN,
            connector=aiohttp.TCPConnector(limit=MOST, ttl_dns_cache=300, keepalive_timeout=5),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=BETWEEN),
        )

    def forward(self, scope: Scope, body: bytes) -> Forwarded | None:
        """Send it on, at once. None where that is not to be: it came from us already, or too many are under way."""
        headers = scope["headers"]
        if len(self._tasks) >= MOST or any(name == b"via" and b"tagport" in value for name, value in headers):
            self._count("dropped")
            return None
        task = asyncio.get_running_loop().create_task(self._ask(scope, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Forwarded(task, self._clock() < self._down_until)

    async def _ask(self, scope: Scope, body: bytes) -> aiohttp.ClientResponse | None:
        query = scope["query_string"]
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        url = URL(f"{self._url}{path}{'?' + query.decode('latin-1') if query else ''}", encoded=True)
        try:
            async with asyncio.timeout(self._first):
                answer = await self._session.request(
                    scope["method"], url, data=body or None, headers=_sent(scope), allow_redirects=False
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._failed(error)
            return None
        self._down_until = 0.0
        self._count("answered")
        return answer

    def _failed(self, error: Exception) -> None:
        if self._clock() >= self._down_until:
            why = type(error).__name__
            log.warning("the upstream %s does not answer (%s): senders get our own answers", self._url, why)
        self._down_until = self._clock() + DOWN
        self._count("failed")

    async def close(self) -> None:
        """Wait for what is under way, then let go of the connections."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()


class Forwarded:
    """A request on its way to the upstream."""

    def __init__(self, task: asyncio.Task[aiohttp.ClientResponse | None], is_down: bool) -> None:
        self._task = task
        self._is_down = is_down

    async def answer(self) -> aiohttp.ClientResponse | None:
        """The upstream's answer, its body still to come; None where nobody waits for it or there is none."""
        if self._is_down:
            self._task.add_done_callback(_let_go)
            return None
        return await self._task

    async def relay(
        self, answer: aiohttp.ClientResponse, own: Answer, cors: Iterable[tuple[str, str]], send: Send
    ) -> None:
        """The upstream's answer as it comes: status, headers, cookies, body. Our own cookies are added, its own win."""
        try:
            headers = [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in _NOT_RETURNED]
            known = {name for name, _ in headers}
            headers += [(name.encode(), value.encode()) for name, value in cors if name.encode() not in known]
            headers += _cookies(headers, own.cookies)
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):  # it broke off: so does what we pass on
                async for chunk in answer.content.iter_any():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        finally:
            answer.close()


def _let_go(task: asyncio.Task[aiohttp.ClientResponse | None]) -> None:
    if not task.cancelled() and task.exception() is None and (answer := task.result()) is not None:
        answer.close()


def _cookies(theirs: Headers, ours: Sequence[str]) -> Headers:
    set_by_them = {value.partition(b"=")[0].strip() for name, value in theirs if name == b"set-cookie"}
    encoded = [cookie.encode("latin-1", "replace") for cookie in ours]
    return [(b"set-cookie", cookie) for cookie in encoded if cookie.partition(b"=")[0] not in set_by_them]


def _sent(scope: Scope) -> list[tuple[str, str]]:
    """The request's headers as they came, with the word of a proxy added."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    named = dict(headers)
    peer = scope["client"][0] if scope.get("client") else ""
    hops = ", ".join(filter(None, (named.get(b"x-forwarded-for", b"").decode("latin-1"), peer)))
    added = {
        "x-forwarded-for": hops,
        "x-forwarded-host": (named.get(b"x-forwarded-host") or named.get(b"host", b"")).decode("latin-1"),
        "x-forwarded-proto": (named.get(b"x-forwarded-proto") or str(scope.get("scheme", "http")).encode()).decode(),
        "via": ", ".join(filter(None, (named.get(b"via", b"").decode("latin-1"), VIA))),
    }
    kept = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name not in _NOT_SENT]
    return [(name, value) for name, value in kept if name not in added] + [pair for pair in added.items() if pair[1]]
