"""One tag, compiled: what it sends, when it is active, and its calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from container.call import Call
from container.decision import Decision, TagDecision
from container.encoding import whole
from container.errors import Invalid
from container.language.conditions import Condition
from container.language.expression import Scope, as_text
from container.problems import Place
from container.templates import Aimed, Binding


@dataclass(frozen=True, slots=True)
class Wait:
    """Until a copy of each source is there, or `most` seconds are over; then `otherwise`: send | drop."""

    sources: frozenset[str]
    most: float
    otherwise: str = "send"


@dataclass(frozen=True, slots=True)
class Destination:
    """One of the calls of a tag; the single call has the id ""."""

    id: str
    binding: Binding
    when: Condition | None = None


@dataclass(frozen=True)
class Tag:
    """One tag, compiled. `start` and `end` are Unix seconds: when it is active."""

    id: str
    name: str
    template_id: str
    triggers: tuple[str, ...]
    exceptions: tuple[str, ...]
    fires_once: bool
    targets_many: bool
    wait: Wait | None
    consent: tuple[str, ...]
    mode: str
    destinations: tuple[Destination, ...]
    place: Place
    start: float | None = None
    end: float | None = None
    vendors: tuple[str, ...] = ()  # by the consent types under which a TCF string may refuse them

    @cached_property
    def at(self) -> str:
        """Its file and line, as records tell them."""
        return str(self.place)

    def active(self, now: float) -> bool:
        """Whether `now` (Unix seconds) is within `active:`."""
        return (self.start is None or now >= self.start) and (self.end is None or now < self.end)

    def calls(self, scope: Scope, decision: Decision | None = None) -> Iterator[PreparedCall]:
        """One call a destination, its target known and nothing else worked out.

        A call whose target cannot be made is `invalid` in `decision`; without one, `Invalid` is raised.
        """
        for destination in self.destinations:
            if destination.when is not None and not destination.when.holds(scope):
                continue
            try:
                aimed = destination.binding.aim(scope)
            except Invalid as error:
                if decision is None:
                    raise
                decision.add(TagDecision(self.id, "invalid", str(error), destination.id, at=self.at))
            else:
                yield PreparedCall(self, destination.id, aimed)


class PreparedCall:
    """A call whose target is known. `render` works out the rest, once it may fire."""

    __slots__ = ("_aimed", "_tag", "destination", "tag", "target")

    def __init__(self, tag: Tag, destination: str, aimed: Aimed) -> None:
        self._tag = tag
        self._aimed = aimed
        self.tag = tag.id
        self.destination = destination
        self.target = aimed.target

    def render(self) -> Call:
        """The call for the outbox. Raises `Invalid` where the vendor would refuse it or it may not leave."""
        rendered, retry_ambiguous = self._aimed.render()
        tag, scope = self._tag, self._aimed.scope
        event, conversion = scope.event, scope.conversion
        told = conversion.timestamp if conversion is not None else 0.0
        return Call(
            tag=tag.id,
            destination=self.destination,
            template=tag.template_id,
            target=self.target,
            envelope=rendered.stored,
            item=rendered.item,
            joinable=bool(rendered.item),
            event_name=whole(as_text(event.get("event_name")) or ""),
            event_id=_fixed(conversion.event_id if conversion is not None else "", event.get("event_id")),
            transaction_id=_fixed(conversion.transaction_id if conversion else "", event.get("transaction_id")),
            timestamp=told or scope.now,
            retry_ambiguous=retry_ambiguous,
            consent=(*tag.consent, *tag.vendors) if tag.consent else (),
            shadow=tag.mode == "shadow",
        )


def _fixed(known: str, told: Any) -> str:
    """What the conversion has fixed, else what the event says."""
    return whole(known or as_text(told) or "")
