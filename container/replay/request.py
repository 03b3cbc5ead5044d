"""A request through the container without a socket, and what waited: for `preview`, `compare` and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from container.decision import Decision
from container.errors import Refused
from container.event import Request
from container.pipeline import Container
from container.replay.calls import shown
from container.server.app import exchange

WAITS_OVER = 10 * 86400.0  # seconds, by which every wait is over


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a request. `reason`: why it was refused, where it was."""

    status: int
    reason: str = ""
    decisions: Sequence[Decision] = ()

    def as_json(self) -> dict[str, Any]:
        """The output of `preview --format json`."""
        return {
            "status": self.status,
            "reason": self.reason,
            "records": [decision.record() for decision in self.decisions],
            "calls": self.calls(),
        }

    def calls(self) -> list[dict[str, Any]]:
        """The rendered calls of all its events, in the order in which they fired."""
        return [shown(call) for decision in self.decisions for call in decision.calls]


async def replay(container: Container, request: Request) -> Told:
    """Put the request through: its client, the events, the decisions. Refusals are told, not raised."""
    client = container.client_for(request.method, request.path)
    if client is None:
        return Told(404, f"no client claims {request.method} {request.path}")
    try:
        found = await exchange(container, client, request)
    except Refused as refusal:
        return Told(refusal.status, str(refusal))
    return Told(found.answer.status, "", found.decisions)


async def waited(container: Container, now: float) -> list[Decision]:
    """The decisions of all tags whose wait is over by then."""
    found: list[Decision] = []
    while decisions := await container.wake(now):
        found += decisions
    return found
