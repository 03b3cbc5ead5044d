"""The admin app: pages for people, `/metrics`, `/api/…`.

It has no password: it listens on 127.0.0.1 unless told otherwise. So that no web page can use the operator's browser
to get at it, changes must be sent as JSON (which another origin may not) and, on a loopback address, under a loopback
name.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from container.admin.failures import Advise, counted, no_advice, shown, since, stopped
from container.admin.metrics import CONTENT_TYPE, Gauges, Metrics, Situation, text
from container.admin.pages import Pages
from container.admin.record import told
from container.encoding import decode, encode
from container.errors import NotStored, Unreadable
from container.ledger.interface import LARGEST_ID, Failure, Store

MOST_RECORDS = 1000
KEEP_FAILURES = 5.0  # seconds for which a reading of the failures serves every caller


class Json(Response):
    """A JSON answer; decimals leave as they were written."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """`content` as JSON."""
        return encode(content)


class Admin:
    """What the operator may see and do. `resume`: an account's calls go on; returns how many waited."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        info: Mapping[str, str],
        ready: Callable[[], Awaitable[bool]],
        resume: Callable[[str], Awaitable[int]],
        advise: Advise = no_advice,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._info = info
        self._ready = ready
        self._resume = resume
        self._advise = advise
        self._pages = Pages(store, metrics, info, self._situation, self._read_failures, advise)
        self._failures: tuple[float, Sequence[Failure]] = (0.0, ())

    def routes(self) -> list[Route]:
        """Everything there is, in one list."""
        return [
            *self._pages.routes(),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/api/records", self.records),
            Route("/api/records/{id}", self.record),
            Route("/api/failures", self.failures),
            Route("/api/failures/resend", self.resend, methods=["POST"]),
            Route("/api/failures/drop", self.drop, methods=["POST"]),
            Route("/api/stopped", self.stopped),
            Route("/api/stopped/resume", self.resume, methods=["POST"]),
        ]

    async def healthz(self, request: Request) -> Response:
        """The process is alive."""
        return Response("ok\n", media_type="text/plain")

    async def readyz(self, request: Request) -> Response:
        """The store takes writes."""
        ready = await self._ready()
        return Response("ok\n" if ready else "the store takes no writes\n", 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        situation = await self._situation()
        gauges = Gauges(self._info, lambda: situation)
        return Response(text(self._metrics, gauges), headers={"content-type": CONTENT_TYPE})

    async def records(self, request: Request) -> Response:
        """The newest records, newest first: `?most=100`."""
        most = request.query_params.get("most", "100")
        if not most.isdecimal() or not 1 <= int(most[:9]) <= MOST_RECORDS:
            return Json({"error": f"`most` must be a number from 1 to {MOST_RECORDS}"}, 400)
        return Json({"records": list(self._store.recent(int(most)))})

    async def record(self, request: Request) -> Response:
        """One record, with what became of its calls."""
        found = told(self._store, request.path_params["id"])
        return Json(found) if found else Json({"error": "no record has this id"}, 404)

    async def failures(self, request: Request) -> Response:
        """What was not delivered, one by one and by tag and reason: `?since=1795428000` (Unix seconds)."""
        begin = request.query_params.get("since", "0")
        if not begin.isdecimal() or len(begin) > 12:
            return Json({"error": "`since` must be a time in Unix seconds"}, 400)
        return Json(shown(since(self._read_failures(), float(begin)), self._advise))

    async def stopped(self, request: Request) -> Response:
        """Accounts whose credentials the vendor refused."""
        found = stopped(self._read_failures())
        return Json({"stopped": [{"account": account, "calls": calls} for account, calls in found.items()]})

    async def resend(self, request: Request) -> Response:
        """`{"ids": [1, 2]}`: send these failures again."""
        ids = _ids(await _said(request))
        now = time.time()
        done = await self._store.write(lambda writing: writing.requeue(ids, now))
        return self._changed({"resent": done, "refused": sorted(set(ids) - set(done))})

    async def drop(self, request: Request) -> Response:
        """`{"ids": [1, 2]}`: forget these failures."""
        ids = _ids(await _said(request))
        done = await self._store.write(lambda writing: writing.drop(ids))
        return self._changed({"dropped": done, "refused": sorted(set(ids) - set(done))})

    async def resume(self, request: Request) -> Response:
        """`{"account": "graph.facebook.com 123"}`: its credentials are right again."""
        account = (await _said(request)).get("account")
        if not isinstance(account, str):
            raise Unreadable('write {"account": "host account"}, as /api/stopped tells it')
        return self._changed({"resumed": await self._resume(account)})

    def _changed(self, answer: Mapping[str, Any]) -> Response:
        self._failures = (0.0, ())
        return Json(answer)

    async def _situation(self) -> Situation:
        waiting, oldest = self._store.depth()
        failures = self._read_failures()
        age = time.time() - oldest if oldest is not None else 0.0
        return Situation(await self._ready(), waiting, max(age, 0.0), counted(failures), sorted(stopped(failures)))

    def _read_failures(self) -> Sequence[Failure]:
        at, found = self._failures
        if time.monotonic() - at > KEEP_FAILURES:
            found = self._store.failures()
            self._failures = (time.monotonic(), found)
        return found


async def _said(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Unreadable("send JSON, with `Content-Type: application/json`")
    said = decode(await request.body())
    if not isinstance(said, dict):
        raise Unreadable("send a JSON object")
    return said


def _ids(said: Mapping[str, Any]) -> list[int]:
    ids = said.get("ids")
    if not isinstance(ids, list) or not all(id.__class__ is int and 0 <= id <= LARGEST_ID for id in ids):
        raise Unreadable('write {"ids": [1, 2]}, as /api/failures tells them')
    return ids


def create(admin: Admin, host: str) -> ASGIApp:
    """The ASGI app of the admin port. `host`: the address it listens on."""
    app = Starlette(routes=admin.routes(), exception_handlers={Unreadable: _refused, NotStored: _refused})
    return LoopbackNames(app) if _is_loopback(host) else app


async def _refused(request: Request, error: Exception) -> Response:
    return Json({"error": str(error)}, getattr(error, "status", 400))


class LoopbackNames:
    """Refuses requests made under a foreign name: a page that points its own name at 127.0.0.1 gets nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            if not _is_loopback(_without_port(host)):
                refused = Response("ask for this port as 127.0.0.1 or localhost\n", 421, media_type="text/plain")
                return await refused(scope, receive, send)
        return await self._app(scope, receive, send)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
