"""Rules: what a webhook's topic makes of it. Compiled at load; reading a body only calls closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.clients.common import Notes
from container.clients.webhook.data import MOST_ITEMS, event_data, identifier
from container.clients.webhook.ids import ids
from container.errors import TooLarge, Unreadable
from container.event import Name
from container.language.conditions import Condition
from container.language.expression import Scope
from container.language.shape import ABSENT

Render = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a webhook: its data, its names, and which part of the delivery it is ("" the whole)."""

    data: dict[str, Any]
    names: tuple[Name, ...]
    part: str
    notes: Notes


@dataclass(frozen=True, slots=True)
class Each:
    """`each` and `as`: the elements one after the other, under their name."""

    source: Render
    name: str

    def scopes(self, scope: Scope) -> Iterator[tuple[str, Scope]]:
        """The number of each element, and the values with it. Raises `TooLarge`."""
        value = valued(self.source(scope))
        elements = value if isinstance(value, list) else [] if value is None else [value]
        if len(elements) > MOST_ITEMS:
            raise TooLarge(f"more than {MOST_ITEMS} lines")
        for at, element in enumerate(elements):
            yield str(at), scope.with_local(**{self.name: element, "index": at})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule under `events`, the client's common part in it."""

    let: Sequence[tuple[str, Render]]
    when: Condition | None
    each: Each | None
    data: Render
    names: Sequence[tuple[str, str, Render]]  # of, sort, value
    ids_from: Sequence[Render]
    needs: Sequence[str] = ()

    def told(self, scope: Scope, name: str) -> Iterator[Told]:
        """The events it makes; `name` is theirs where the map gives none. Raises `Unreadable`, `TooLarge`."""
        known = self._with_names(scope)
        for part, inner in self.each.scopes(known) if self.each else (("", known),):
            if self.when is None or self.when.holds(inner):
                yield self._told(inner, name, part)

    def _with_names(self, scope: Scope) -> Scope:
        local = dict(scope.local)
        scope = scope.over(local)
        for name, render in self.let:
            local[name] = valued(render(scope))
        return scope

    def _told(self, scope: Scope, name: str, part: str) -> Told:
        notes = Notes()
        mapped = valued(self.data(scope))
        data = {"event_name": name, **event_data(mapped if isinstance(mapped, Mapping) else {}, notes)}
        if not data["event_name"]:
            raise Unreadable("no event name: the map gives none, and no topic is there to make one of")
        for needed in self.needs:
            if needed not in data:
                raise Unreadable(f"{data['event_name']} has no id or value that it needs: `{needed}` is missing")
        found = ids([valued(render(scope)) for render in self.ids_from])
        if self.each:
            found.pop("event_id", None)  # it can name one of them at most
        return Told({**found, **data}, tuple(self._names(scope)), part, notes)

    def _names(self, scope: Scope) -> Iterator[Name]:
        for of, sort, render in self.names:
            if (value := identifier(valued(render(scope)))) is not None:
                yield Name(of, sort, value)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules by topic; no rule at all for a topic that is ignored."""

    exact: Mapping[str, Sequence[Rule]]
    beginnings: Sequence[tuple[str, Sequence[Rule]]]  # `orders/` and what it takes, the longest first
    others: Sequence[Rule]

    def of(self, topic: str) -> Sequence[Rule]:
        """Those that count for this topic."""
        found = self.exact.get(topic)
        if found is not None:
            return found
        return next((rules for beginning, rules in self.beginnings if topic.startswith(beginning)), self.others)


def valued(rendered: Any) -> Any:
    """What a shape rendered, None where that is nothing."""
    return None if rendered is ABSENT else rendered
