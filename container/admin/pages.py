"""The pages for people: what came in, why each tag fired or did not, what failed, how things are.

They only show: records are masked already, and what is to be done stands there as the command that does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from container.admin import story
from container.admin.failures import INVALID, Advise, grouped, not_made
from container.admin.history import history
from container.admin.metrics import Metrics, Situation
from container.admin.record import outcome, with_deliveries
from container.admin.search import PAGE, Record, Search, fitting, newest, title
from container.errors import Unreadable
from container.ledger.interface import Failure, Store

if TYPE_CHECKING:
    from jinja2 import Environment

MOST = 100  # rows of the list
IDS = 20  # of a group of failures, told one by one
HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "HX-Request",
    "X-Content-Type-Options": "nosniff",
}
STATIC = {"htmx.js": ("htmx.min.js", "text/javascript"), "pages.css": ("pages.css", "text/css")}


class Pages:
    """The pages of one container. `situation` tells how things stand now, `failures` what was not delivered."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        info: Mapping[str, str],
        situation: Callable[[], Awaitable[Situation]],
        failures: Callable[[], Sequence[Failure]],
        advise: Advise,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._info = info
        self._situation = situation
        self._failures = failures
        self._advise = advise

    def routes(self) -> list[Route]:
        """Everything there is, in one list."""
        return [
            Route("/", self.home),
            Route("/requests", self.requests),
            Route("/requests/{id}", self.request),
            Route("/failures", self.failed),
            Route("/status", self.status),
            Route("/static/{name}", self.static),
        ]

    async def home(self, request: Request) -> Response:
        """The newest requests."""
        return RedirectResponse("/requests")

    async def requests(self, request: Request) -> Response:
        """The list, and the newest of it in full; to htmx the list alone, and 204 where nothing came since `after`."""
        search, problem = _search(request)
        after = request.query_params.get("after")
        if after is not None and (problem or not self._has_come(search, after)):
            return Response(status_code=204, headers=HEADERS)
        found = [] if problem else await newest(self._store, search, MOST)
        if request.headers.get("hx-request"):
            return await self._page("rows.html", self._list(request, found, problem))
        return await self._requests(request, found, problem, found[0] if found else None)

    def _has_come(self, search: Search, after: str) -> bool:
        """Whether anything that fits has, or so much that nobody looks through it twice."""
        come = self._store.every_record(after, PAGE)
        return len(come) == PAGE or bool(fitting(self._store, search, come))

    async def request(self, request: Request) -> Response:
        """One request in full: beside the list, or to htmx by itself."""
        record = self._store.record(request.path_params["id"])
        if record is None:
            return await self._page("missing.html", {"id": request.path_params["id"]}, 404)
        if request.headers.get("hx-request"):
            return await self._page("detail.html", self._detail(record))
        search, problem = _search(request)
        found = [] if problem else await newest(self._store, search, MOST)
        return await self._requests(request, found, problem, record)

    async def failed(self, request: Request) -> Response:
        """What was not delivered, by tag and reason, and what to do about it."""
        failures, frame = self._failures(), await self._frame("failures")
        calls = {failure.row.id: failure.row for failure in failures}
        groups = grouped(failures, self._advise)
        missed = not_made(await self._newest_invalid())
        context = {**frame, "groups": groups, "calls": calls, "most": IDS, "not_made": missed}
        return await self._page("failures.html", context)

    async def _newest_invalid(self) -> list[Record]:
        """The records of calls that could not be made; others get their turn in between."""
        found: list[Record] = []
        while len(found) < INVALID and (page := self._store.newest_kept("failure", PAGE, _last(found))):
            found += page
            await asyncio.sleep(0)
        return found

    async def status(self, request: Request) -> Response:
        """How things are, in numbers; nothing of any visitor."""
        metrics, frame = self._metrics, await self._frame("status")
        copies = {(kind, "first" if first else "further"): count for (kind, first), count in metrics.copies.items()}
        tables = {
            "copies": _table(copies),
            "doubts": _table(metrics.doubts),
            "decisions": _table(metrics.decisions),
            "deliveries": _table(metrics.deliveries),
            "failures": _table(frame["situation"].failures),
            "requests": _table(metrics.requests),
        }
        aloud = {"silent": metrics.silent, "unmet": list(metrics.unmet), "events": metrics.events["none"]}
        return await self._page("status.html", {**frame, **tables, **aloud})

    async def static(self, request: Request) -> Response:
        """What the pages are made with."""
        file, kind = STATIC.get(request.path_params["name"], ("", ""))
        if not file:
            return Response("not found\n", 404, media_type="text/plain")
        return FileResponse(HERE / "static" / file, media_type=kind, headers={"Cache-Control": "max-age=3600"})

    def _list(self, request: Request, found: Sequence[Record], problem: str) -> dict[str, Any]:
        """The rows, the search as it was written, and the newest record of all."""
        top = self._store.recent(1)
        return {
            "rows": [_row(with_deliveries(self._store, record)) for record in found],
            "problem": problem,
            "find": request.query_params.get("find", ""),
            "after": top[0]["id"] if top else "",
            "shown": _shown(request),
        }

    async def _requests(self, request: Request, found: list[Record], problem: str, shown: Record | None) -> Response:
        detail = self._detail(shown) if shown is not None else {"record": None}
        context = {**self._list(request, found, problem), **detail, **await self._frame("requests")}
        context["shown"] = shown["id"] if shown is not None else ""
        return await self._page("requests.html", context)

    def _detail(self, record: Record) -> dict[str, Any]:
        """Everything about one record, and the history of the conversion it is about."""
        number = self._store.number_of(record["id"]) if _declared(record) else None
        found = history(self._store, number) if number is not None else None
        return {
            "record": with_deliveries(self._store, record),
            "title": title(record),
            "order": _order(record),
            "history": found,
            "named": story.with_times(found["timeline"] if found else ()),
        }

    async def _frame(self, active: str) -> dict[str, Any]:
        frame = {"info": self._info, "stale": self._metrics.stale, "situation": await self._situation()}
        return {**frame, "active": active}

    async def _page(self, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """Written in a thread, from what was read before: events come in on the same loop."""
        html = await asyncio.to_thread(lambda: self._templates.get_template(template).render(context))
        return HTMLResponse(html, status, headers=HEADERS)

    @cached_property
    def _templates(self) -> Environment:
        """Read with the first page that somebody looks at: a server that nobody watches needs none."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        found = Environment(
            loader=FileSystemLoader(HERE / "html"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        found.filters["tone"] = lambda said: story.TONES.get(said, "quiet")
        found.globals["story"] = story
        return found


def _last(records: Sequence[Record]) -> str:
    return str(records[-1]["id"]) if records else ""


def _table(counts: Mapping[Any, int]) -> list[tuple[Any, ...]]:
    return [(*names, count) for names, count in sorted(counts.items())]


def _search(request: Request) -> tuple[Search, str]:
    """What is looked for, and what is wrong with how it is said."""
    try:
        return Search.read(request.query_params.get("find", "")), ""
    except Unreadable as error:
        return Search(), str(error)


def _shown(request: Request) -> str:
    """The record that stands beside the list, where htmx asks for that anew."""
    return urlsplit(request.headers.get("hx-current-url", "")).path.rpartition("/")[2]


def _declared(record: Record) -> bool:
    return bool((record.get("conversion") or {}).get("kind", "event") != "event")


def _order(record: Record) -> str:
    conversion = record.get("conversion") or {}
    return str(conversion.get("transaction_id") or (record["event"].get("data") or {}).get("transaction_id") or "")


def _apart(record: Record) -> tuple[str, str]:
    """Why no tag was asked: in two words, and in full."""
    if not record["event"]["name"]:
        return "no client", "no client claims this request"
    repeat = (record.get("conversion") or {}).get("repeat", "")
    return ("no copy", repeat) if repeat else ("", "")


def _state(row: Record) -> tuple[str, str]:
    """A tag's decision and the vendor's last answer: in words, and the tone of the later."""
    decision, answer = row["decision"], outcome(row)
    return f"{decision}, {answer}" if answer else decision, story.TONES.get(answer or decision, "quiet")


def _row(record: Record) -> dict[str, Any]:
    """One line of the list."""
    request = record.get("request") or {}
    return {
        "id": record["id"],
        "received": record.get("received", ""),
        "client": request.get("client") or request.get("source", ""),
        "event": title(record),
        "order": _order(record),
        "apart": _apart(record),
        "tags": [(story.name(row), *_state(row)) for row in record["tags"] if row["decision"] != "not_triggered"],
    }
