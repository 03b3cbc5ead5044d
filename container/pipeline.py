"""Read this first: the route of an event, one line a stage.

    request → client → events → transformations → which conversion? → triggers → consent → fired before? → outbox
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from container.clients import Client, Identity
from container.consent import Consent
from container.conversion import Conversion
from container.decision import Decision
from container.dedup import Dedup
from container.event import Event
from container.ledger.interface import Row, Store
from container.signals import Signals
from container.tags import Tags
from container.templates import Templates
from container.transformations import Transformations
from container.triggers import Triggers
from container.variables import Variables
from container.visitors import Visitors

HandOver = Callable[[Sequence[Row]], None]


@dataclass
class Container:
    """A workspace, built: what one configuration decides about every event."""

    id: str
    version: str  # of the configuration: changes with every edit
    clients: Sequence[Client]
    visitors: Visitors
    signals: Signals
    identity: Identity
    transformations: Transformations
    variables: Variables
    triggers: Triggers
    tags: Tags
    templates: Templates
    consent: Consent
    dedup: Dedup
    environment: Mapping[str, str]  # secrets by name
    give_up_after: float  # seconds
    body_limit: int  # bytes
    hand_over: HandOver | None = None  # takes the calls that are now on disk to the vendors

    async def receive(self, events: Sequence[Event]) -> list[Decision]:
        """All events of one request: decided, then on disk together, or none (`NotStored`)."""
        events = [self.transformations.on_arrival(event, self.variables.over) for event in events]
        written = await self.dedup.fire(events, self.decide)  # which conversion is each a copy of? and one write
        if self.hand_over and written.rows:
            self.hand_over(written.rows)
        return written.decisions

    def decide(self, event: Event, conversion: Conversion) -> Decision:
        """Pure: the same event and conversion give the same decision."""
        stated = self.consent.state(event, conversion)
        values = self.variables.over(event, conversion, stated)  # lazy, each at most once
        decision = Decision(event, conversion, self.id, self.version)
        for tag in self.tags.fired_by(self.triggers.over(event, conversion, values), decision):
            if self.consent.allows(tag, event, conversion, decision):
                for call in tag.calls(self.transformations.for_tag(tag, values, self.variables.again), decision):
                    if self.dedup.may_fire(tag, call.destination, call.target, conversion, decision):
                        decision.fire(call)
        return decision

    async def wake(self, now: float) -> list[Decision]:
        """Decide the tags whose wait is over."""
        written = await self.dedup.wake(now, self.decide, self.tags.waits)
        if self.hand_over and written.rows:
            self.hand_over(written.rows)
        return written.decisions

    @property
    def store(self) -> Store:
        """The ledger."""
        return self.dedup.store

    def client_for(self, method: str, path: str) -> Client | None:
        """The first client that claims the request."""
        for client in self.clients:
            if client.claims(method, path):
                return client
        return None
