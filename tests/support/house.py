"""A container that decides nothing, for tests of what stands in front of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from container.clients.client import Answer, DefaultConsent
from container.clients.identity import Identity
from container.conversion import Conversion
from container.decision import Decision
from container.event import Event, Request, new_id
from container.server import Public
from container.server.app import Counts
from container.server.body import Bodies
from container.signals import Signals
from container.visitors import Visitors


@dataclass
class Reader:
    """A client that reads every request as one event; `fails` is raised where it is set."""

    id: str = "test"
    name: str = "Test"
    kind: str = "test"
    source: str = "browser"
    cors: bool = True
    default_consent: DefaultConsent = None
    methods: Sequence[str] = ("GET", "POST")
    path: str = "/collect"
    upstream: str = ""
    fails: Exception | None = None
    requests: list[Request] = field(default_factory=list)

    def claims(self, method: str, path: str) -> bool:
        return method in self.methods and path == self.path

    def events(self, request: Request) -> list[Event]:
        if self.fails:
            raise self.fails
        self.requests.append(request)
        mine = request.with_client(self.id, self.name, self.source)
        return [Event(new_id(), {"event_name": "page_view"}, mine)]

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        return Answer(204, {"cache-control": "no-store"})


@dataclass
class House:
    """A container that decides nothing and keeps what it is given."""

    client: Reader = field(default_factory=Reader)
    fails: Exception | None = None
    stored: list[Event] = field(default_factory=list)
    visitors: Visitors = field(default_factory=Visitors)
    signals: Signals = field(default_factory=Signals)
    identity: Identity = field(default_factory=lambda: Identity({}, lambda event, needs: True))

    @property
    def clients(self) -> list[Reader]:
        return [self.client]

    def client_for(self, method: str, path: str) -> Reader | None:
        return self.client if self.client.claims(method, path) else None

    async def receive(self, events: Sequence[Event]) -> list[Decision]:
        if self.fails:
            raise self.fails
        self.stored += events
        return [Decision(event, Conversion(event.id, "event", event.data)) for event in events]


def public(house: House, counts: Counts) -> Public:
    """The public app in front of it: bodies of at most 1000 bytes within 0.2 seconds, and a clock that stands still."""

    async def ready() -> bool:
        return True

    container: Any = house
    return Public(
        container,
        counts,
        ready,
        bodies=Bodies(limit=1000, seconds=0.2),
        upstream_seconds=1.0,
        clock=lambda: 1_795_428_000.0,
    )
