"""Route tests: whole requests in, decisions and vendor calls out (`tests/routes/*.yaml`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from container.build import Ledger, build
from container.cli.instants import parse_instant
from container.clients.client import Signed
from container.decision import DECISIONS, Decision
from container.dedup.keys import Keys
from container.encoding import encode
from container.event import Request
from container.ledger.memory import MemoryStore
from container.pipeline import Container
from container.problems import Problems, did_you_mean
from container.replay import Told, replay
from container.replay.calls import shown
from container.replay.expecting import differences, sendable
from container.workspace.conform import conform
from container.workspace.documents import Document

_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "title": "A route test",
    "type": "object",
    "required": ["requests", "expect"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "description": "What this case shows."},
        "requests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "at": {"type": "string", "description": "Moves the clock: 2026-11-23T10:00:00Z."},
                    "get": {"type": "string", "description": "The path and query of a GET request."},
                    "post": {"type": "string", "description": "The path and query of a POST request."},
                    "headers": {"type": "object", "additionalProperties": _TEXT},
                    "json": {"description": "The body, as JSON."},
                    "body": {"type": "string", "description": "The body, as text."},
                    "signed_as": {"type": "string", "description": "Signs the request as this client's sender does."},
                    "ip": {"type": "string", "description": "The visitor's address.", "default": "127.0.0.1"},
                    "status": {"type": "integer", "description": "The answer's status; left out: any 2xx."},
                },
            },
        },
        "expect": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "calls": {
                    "type": "array",
                    "description": "Every call that fires, and a part of what it sends.",
                    "items": {
                        "type": "object",
                        "required": ["tag"],
                        "additionalProperties": False,
                        "properties": {
                            "tag": _TEXT,
                            "destination": _TEXT,
                            "request": {"type": "integer"},
                            "sends": {"type": "object", "additionalProperties": True},
                        },
                    },
                },
                "decisions": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["request", "tag", "decision"],
                        "additionalProperties": False,
                        "properties": {
                            "request": {"type": "integer", "description": "Counts from 1."},
                            "tag": _TEXT,
                            "decision": {"enum": list(DECISIONS)},
                            "reason": {"type": "string", "description": "A part of the reason."},
                        },
                    },
                },
            },
        },
    },
}
EPOCH = parse_instant("2026-01-01T00:00:00Z")  # the clock of a case that never sets it


@dataclass(frozen=True, slots=True)
class Result:
    """How one test ended; `problems` is empty where it passed. `answer`: what the vendor said, where one was asked."""

    file: str
    name: str
    problems: Sequence[str] = ()
    answer: str = ""

    def as_json(self) -> dict[str, Any]:
        """A row of `test --format json`."""
        told = {"file": self.file, "name": self.name, "passed": not self.problems, "problems": list(self.problems)}
        return {**told, "answer": self.answer} if self.answer else told


class Clock:
    """The time of a test: moved, never running."""

    def __init__(self, now: float = EPOCH) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def run(folder: Path, document: Document, environ: Mapping[str, str], environment: str | None = None) -> Result:
    """One test of the workspace in `folder`, in a container of its own whose store is in memory."""
    problems = Problems()
    said = conform(document.node, SCHEMA, problems)
    file = document.place.file
    name = str((said or {}).get("name") or document.id)
    if problems.errors:
        return Result(file, name, [f"{found.file}:{found.line}: {found.message}" for found in problems.errors])
    clock = Clock()
    container = build(
        folder,
        problems,
        environ=environ,
        environment=environment,
        ledger=lambda path: Ledger(MemoryStore(clock), Keys.fresh()),
    )
    if container is None:
        return Result(file, name, ["the workspace has errors: see `tagport check`"])
    return Result(file, name, asyncio.run(Case(container, clock).run(said)))


@dataclass
class Fired:
    """A call, and the request (from 1) at whose time it fired."""

    request: int
    call: Mapping[str, Any]


@dataclass
class Case:
    """One test, running."""

    container: Container
    clock: Clock
    told: list[Told] = field(default_factory=list)
    fired: list[Fired] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    async def run(self, said: Mapping[str, Any]) -> list[str]:
        """Everything that is not as expected."""
        for number, step in enumerate(said["requests"], 1):
            try:
                await self._step(number, step)
            except ValueError as error:
                return [f"request {number}: {error}"]
        expected = said["expect"]
        if "calls" in expected:
            self._check_calls(expected["calls"])
        for wanted in expected.get("decisions", ()):
            self._check_decision(wanted)
        return self.problems

    async def _step(self, number: int, step: Mapping[str, Any]) -> None:
        if "at" in step:
            await self._move(number, parse_instant(step["at"]))
        if "get" not in step and "post" not in step:
            self.told.append(Told(0))
            return
        told = await replay(self.container, request_of(step, self.container, self.clock.now))
        self.told.append(told)
        self._note(number, told.decisions)
        wanted = step.get("status")
        if told.status != wanted if wanted is not None else not 200 <= told.status < 300:
            self.problems.append(f"request {number} was answered {told.status} {told.reason}".rstrip())

    async def _move(self, number: int, to: float) -> None:
        """Move the clock on, from one wait that ends to the next."""
        if to < self.clock.now and self.told:
            raise ValueError("`at:` is earlier than the request before it")
        store = self.container.store
        while due := store.waits_due(to, 1):
            self.clock.now = max(self.clock.now, due[0].due or to)
            self._note(number, await self.container.wake(self.clock.now))
        self.clock.now = to

    def _note(self, number: int, decisions: Sequence[Decision]) -> None:
        self.fired += [Fired(number, shown(call)) for decision in decisions for call in decision.calls]

    def _check_calls(self, expected: Sequence[Mapping[str, Any]]) -> None:
        """Every expected call has fired, each by a call of its own, and nothing else has."""
        left = list(self.fired)
        for wanted in expected:
            found = next((fired for fired in left if not _misses(wanted, fired)), None)
            if found is not None:
                left.remove(found)
            else:
                self.problems += self._no_tag(str(wanted["tag"])) or _nearest(wanted, left)
        for fired in left:
            call = fired.call
            self.problems.append(f"request {fired.request}: {call['tag']} sends a call to {call['target']}, unexpected")

    def _no_tag(self, id: str) -> list[str]:
        known = [tag.id for tag in self.container.tags]
        hint = did_you_mean(id, known)
        return [] if id in known else [f"there is no tag `{id}`" + (f": {hint}" if hint else "")]

    def _check_decision(self, wanted: Mapping[str, Any]) -> None:
        number, tag = wanted["request"], str(wanted["tag"])
        if not 1 <= number <= len(self.told):
            self.problems.append(f"there is no request {number}")
            return
        rows = [row for one in self.told[number - 1].decisions for row in one.record()["tags"] if row["tag"] == tag]
        if not rows:
            self.problems += self._no_tag(tag) or [f"request {number}: nothing was decided for {tag}"]
        elif not any(_as_wanted(wanted, row) for row in rows):
            got = "; ".join(f"{row['decision']} ({row.get('reason', '')})" for row in rows)
            reason = f" ({wanted['reason']})" if "reason" in wanted else ""
            self.problems.append(f"request {number}: {tag} should be {wanted['decision']}{reason}, and is {got}")


def request_of(step: Mapping[str, Any], container: Container, now: float) -> Request:
    """The request a step describes. Raises `ValueError` saying what is wrong with it."""
    if ("get" in step) == ("post" in step):
        raise ValueError("write either `get:` or `post:`")
    if "json" in step and "body" in step:
        raise ValueError("write either `json:` or `body:`")
    url = urlsplit(str(step.get("get") or step.get("post")))
    headers = {str(name).lower(): str(value) for name, value in step.get("headers", {}).items()}
    body = encode(step["json"]) if "json" in step else str(step.get("body", "")).encode()
    if "json" in step:
        headers.setdefault("content-type", "application/json")
    if "signed_as" in step:
        headers |= signature(container, str(step["signed_as"]), body, now)
    return Request(
        method="GET" if "get" in step else "POST",
        path=unquote(url.path),
        query_string=url.query,
        headers=headers,
        ip=str(step.get("ip", "127.0.0.1")),
        received=now,
        body=body,
    )


def signature(container: Container, id: str, body: bytes, now: float) -> Mapping[str, str]:
    """The headers by which the client `id` knows its sender. Raises `ValueError`."""
    client = next((one for one in container.clients if one.id == id), None)
    if isinstance(client, Signed):
        return client.signature(body, now)
    raise ValueError(f"`signed_as: {id}` names no client that has a signature or a token")


def _misses(wanted: Mapping[str, Any], fired: Fired) -> list[str]:
    call = fired.call
    for key, found in (("tag", call["tag"]), ("destination", call["destination"]), ("request", fired.request)):
        if key in wanted and wanted[key] != found:
            return [f"{key} is {found}"]
    return differences(wanted.get("sends", {}), sendable(call))


def _nearest(wanted: Mapping[str, Any], left: Sequence[Fired]) -> list[str]:
    """What is wrong with the call that was probably meant."""
    same = [fired for fired in left if fired.call["tag"] == wanted["tag"]]
    if not same:
        return [f"{wanted['tag']} sends no such call"]
    nearest = min((_misses(wanted, fired) for fired in same), key=len)
    return [f"{wanted['tag']}: {miss}" for miss in nearest]


def _as_wanted(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return row["decision"] == wanted["decision"] and str(wanted.get("reason", "")) in row.get("reason", "")
