"""Triggers: when. A trigger holds for an event by its name, its client, and all of its conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from container.conversion import Conversion
from container.event import Event
from container.language.conditions import SCHEMA as CONDITIONS
from container.language.conditions import Check, Condition, compile_conditions
from container.language.expression import Context, Scope
from container.node import Node
from container.problems import Place, did_you_mean
from container.workspace.conform import conform
from container.workspace.documents import Document

_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
SCHEMA: dict[str, Any] = {
    "title": "A trigger",
    "type": "object",
    "description": "When tags fire.",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "notes": {"type": "string"},
        "event": {**_NAMES, "description": "The event's name, one or a list; left out: every event."},
        "client": {**_NAMES, "description": "The client it came through, one or a list."},
        "when": {**CONDITIONS, "x-node": True, "description": "Conditions, all of which must hold."},
    },
}
ALL_EVENTS = "all_events"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger, compiled."""

    id: str
    events: frozenset[str] | None  # None: every event
    clients: frozenset[str] | None
    when: Condition | None
    place: Place

    def holds(self, name: str, clients: Collection[str], scope: Scope) -> bool:
        """Whether it fires for an event of this name that came through one of `clients`."""
        if self.events is not None and name not in self.events:
            return False
        if self.clients is not None and self.clients.isdisjoint(clients):
            return False
        return self.when is None or self.when.holds(scope)

    def explain(self, name: str, clients: Collection[str], scope: Scope) -> Iterator[Check]:
        """Every part of it with what was seen, up to the first that rules it out."""
        at = str(self.place)
        if self.events is not None:
            passed = name in self.events
            yield Check(f"trigger {self.id}: event is {_any_of(self.events)}", passed, {"event.event_name": name}, at)
            if not passed:
                return
        if self.clients is not None:
            passed = not self.clients.isdisjoint(clients)
            seen = {"request.client": ", ".join(sorted(clients))}
            yield Check(f"trigger {self.id}: client is {_any_of(self.clients)}", passed, seen, at)
            if not passed:
                return
        if self.when is not None:
            yield from self.when.explain(scope)
        elif self.events is None and self.clients is None:
            yield Check(f"trigger {self.id}", True, {}, at)


def _any_of(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))


def compile_triggers(
    documents: Mapping[str, Document], context: Context, clients: Collection[str] | None
) -> dict[str, Trigger]:
    """Everything under `triggers:`, and the built-in `all_events`. `clients`: the ids there are; None: not checked."""
    found = {ALL_EVENTS: Trigger(ALL_EVENTS, None, None, None, Place("built in"))}
    for id, document in documents.items():
        if id == ALL_EVENTS:
            hint = "give the trigger another name"
            context.problems.error("reserved-name", f"`{ALL_EVENTS}` is built in", document.place, hint)
            continue
        trigger = compile_trigger(id, document.node, context, clients)
        if trigger is not None:
            found[id] = trigger
    return found


def compile_trigger(id: str, node: Node, context: Context, clients: Collection[str] | None) -> Trigger | None:
    """One trigger, from its file or written in a tag."""
    said = conform(node, SCHEMA, context.problems)
    if said is None:
        return None
    names = _list(said.get("client"))
    for name in names or ():
        if clients is not None and name not in clients:
            hint = did_you_mean(name, clients) or f"there are: {', '.join(sorted(clients))}"
            context.problems.error("unknown-client", f"no client is called `{name}`", name.place, hint)
    events = _list(said.get("event"))
    return Trigger(
        id,
        frozenset(str(name) for name in events) if events is not None else None,
        frozenset(str(name) for name in names) if names is not None else None,
        compile_conditions(said["when"], context) if "when" in said else None,
        node.place,
    )


def _list(said: Any) -> list[Any] | None:
    if said is None:
        return None
    return said if isinstance(said, list) else [said]


class Triggers:
    """All triggers of a container."""

    def __init__(self, triggers: Mapping[str, Trigger]) -> None:
        self.compiled = triggers

    def over(self, event: Event, conversion: Conversion, scope: Scope) -> Fired:
        """What fires for this event; each trigger is looked at once, when first asked for."""
        return Fired(self.compiled, event, conversion, scope)


class Fired:
    """The triggers over one event."""

    __slots__ = ("_conversion", "_event", "_explained", "_known", "_scope", "_triggers")

    def __init__(
        self, triggers: Mapping[str, Trigger], event: Event, conversion: Conversion, scope: Scope
    ) -> None:
        self._triggers = triggers
        self._event = event
        self._conversion = conversion
        self._scope = scope
        self._known: dict[tuple[str, bool], bool] = {}
        self._explained: dict[tuple[str, bool], list[dict[str, Any]]] = {}

    def first(self, ids: Collection[str], any_copy: bool = False) -> str | None:
        """The first of these triggers that fires. `any_copy`: `client:` holds if any copy came through it."""
        for id in ids:
            known = self._known.get((id, any_copy))
            if known is None:
                clients = self._clients(any_copy)
                known = self._triggers[id].holds(self._event.name, clients, self._scope)
                self._known[id, any_copy] = known
            if known:
                return id
        return None

    def explain(self, ids: Collection[str], any_copy: bool = False) -> list[dict[str, Any]]:
        """The checks of these triggers, as they stand in a record."""
        return [check for id in ids for check in self._checks(id, any_copy)]

    def _checks(self, id: str, any_copy: bool) -> list[dict[str, Any]]:
        """Those of one trigger; several tags share it."""
        found = self._explained.get((id, any_copy))
        if found is None:
            told = self._triggers[id].explain(self._event.name, self._clients(any_copy), self._scope)
            found = [{"check": one.check, "passed": one.passed, "saw": one.saw, "at": one.at} for one in told]
            self._explained[id, any_copy] = found
        return found

    def _clients(self, any_copy: bool) -> Collection[str]:
        return self._conversion.clients if any_copy else (self._event.request.client,)
