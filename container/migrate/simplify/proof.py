"""Whether a workspace sends and decides the same as before: all events through both, side by side."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from container.decision import Decision
from container.event import Event, Request
from container.pipeline import Container
from container.replay import WAITS_OVER, replay, waited
from container.replay.calls import shown
from container.replay.sameness import fields

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")  # a new one each time


@dataclass(frozen=True)
class Row:
    """What was decided for a tag. `sent`: its call, field by field."""

    tag: str
    decision: str
    destination: str
    target: str
    sent: Mapping[str, str]

    def told(self, renamed: Mapping[str, str], changing: set[str]) -> tuple[object, ...]:
        """To compare, without what changes by itself."""
        sent = tuple(sorted((key, value) for key, value in self.sent.items() if key not in changing))
        return (renamed.get(self.tag, self.tag), self.decision, self.destination, self.target, sent)


Outcome = list[list[Row]]  # of each event, request, and of what waited


def run(container: Container, events: Sequence[Event], requests: Sequence[Request]) -> Outcome:
    """What becomes of them, one after the other."""
    return asyncio.run(_run(container, events, requests))


async def _run(container: Container, events: Sequence[Event], requests: Sequence[Request]) -> Outcome:
    found: Outcome = []
    for event in events:
        found.append(_rows(await container.receive([event])))
    for request in requests:
        found.append(_rows((await replay(container, request)).decisions))
    last = max([one.received for one in requests] + [event.request.received for event in events], default=0.0)
    return [*found, _rows(await waited(container, last + WAITS_OVER))]


def _rows(decisions: Sequence[Decision]) -> list[Row]:
    return [
        Row(
            tag.tag,
            tag.decision,
            tag.destination,
            _ID.sub("", tag.target),
            {key: _ID.sub("", value) for key, value in fields(shown(tag.call)).items()} if tag.call else {},
        )
        for decision in decisions
        for tag in decision.tags
        if tag.decision != "not_triggered"
    ]


class Baseline:
    """What a workspace does now. `again`: the same once more, to know what changes by itself."""

    def __init__(self, outcome: Outcome, again: Outcome) -> None:
        self.outcome = outcome
        self._changing = [_changing(one, other) for one, other in zip(outcome, again, strict=True)]

    @property
    def sending(self) -> set[str]:
        """The tags of which a request has been seen."""
        return {row.tag for rows in self.outcome for row in rows if row.sent}

    def same(self, other: Outcome, renamed: Mapping[str, str]) -> bool:
        """Equal requests and decisions, each tag under the name it has then."""
        sides = zip(self.outcome, other, self._changing, strict=True)
        return all(_told(before, renamed, but) == _told(after, {}, but) for before, after, but in sides)


def _told(rows: Sequence[Row], renamed: Mapping[str, str], changing: set[str]) -> list[tuple[object, ...]]:
    return sorted((row.told(renamed, changing) for row in rows), key=repr)


def _changing(rows: Sequence[Row], again: Sequence[Row]) -> set[str]:
    found: set[str] = set()
    for one, other in zip(rows, again, strict=False):
        found |= {key for key in {*one.sent, *other.sent} if one.sent.get(key) != other.sent.get(key)}
    return found
