"""Events that a file tells of, recognised as the container would; a column called like a variable is its value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from container.cli.audit import Audit, Telling, Told, number
from container.cli.common import CannotRun, report
from container.cli.tables import Line, Unread, time_of
from container.conversion import Conversion
from container.decision import Decision
from container.dedup import Dedup, compile_kinds
from container.dedup.identity import PERSONAL
from container.dedup.keys import Keys
from container.dedup.kinds import Kinds
from container.dedup.view import ScopeOf, Seen
from container.errors import TagportError, Unreadable
from container.event import Event, Name, Request, new_id
from container.language.expression import Context, Scope, as_text, present
from container.language.normalisers import hashed
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.problems import Problems
from container.transformations import Transformations, compile_transformations
from container.variables import BUILT_IN, Variables, compile_variables
from container.workspace import documents, secrets, starter

BROWSER = frozenset(("browser", "web", "page", "pixel", "gtag", "gtm", "site", "ga4", "thank_you_page"))
CUSTOMER = ("email", "phone", "user_id")
EXPIRE_EVERY = 20_000  # events


@dataclass(frozen=True, slots=True)
class Recognition:
    """What of a workspace tells copies apart. Tags and secrets are no part of it."""

    kinds: Kinds
    variables: Variables
    transformations: Transformations

    def scope_of(self, event: Event, conversion: Conversion | None) -> Scope:
        """What is evaluated about an event of a file."""
        return with_columns(self.variables.over)(event, conversion)


def recognition(folder: Path, environment: str | None) -> Recognition:
    """How the workspace in `folder` recognises copies; the starter's way where there is none. Raises `CannotRun`."""
    problems = Problems()
    if not (folder / documents.CONTAINER).is_file():
        folder = starter.source()
    try:
        workspace = documents.load(folder, problems, None, environment, tests=False)
    except (OSError, TagportError) as error:
        raise CannotRun(str(error)) from error
    found = workspace.documents
    names = frozenset({*BUILT_IN, *found["variables"]})
    context = Context(problems=problems, environment=secrets.environment(folder, os.environ), variables=names)
    variables = compile_variables(found["variables"], context)
    kinds = compile_kinds(found["conversions"], context, found["variables"], workspace.may_exist)
    changes = compile_transformations(
        found["transformations"], context, found["tags"], found["templates"], lambda kind, id: True
    )
    if problems.errors:
        report(folder, problems)
        raise CannotRun("the workspace has errors: `tagport check` tells all of them")
    id = getattr(workspace.container.get("container"), "text", "")
    return Recognition(kinds, Variables(variables, {"id": id, "version": ""}), changes)


def with_columns(scope_of: Any) -> ScopeOf:
    """`scope_of`, in which a variable is what the event tells under its name, where it does."""

    def scoped(event: Event, conversion: Conversion | None) -> Scope:
        scope: Scope = scope_of(event, conversion)
        told = {name: value for name, value in event.data.items() if present(value)}
        return Scope(
            scope.event, scope.request, scope.conversion, scope.consent, scope.container, scope.now, scope.record,
            scope.variables, told,
        )  # fmt: skip

    return scoped


def dedup_of(kinds: Kinds, scope_of: ScopeOf, store: Store, keys: Keys) -> Dedup:
    """The container's own recognition over this store; keeps no records."""
    return Dedup(store, kinds, keys, scope_of, lambda decision: None)


class Replay:
    """Tells the events of a file to a ledger in memory, in the order in which they came, as `serve` would have it."""

    def __init__(self, found: Recognition, event_name: str) -> None:
        self._found = found
        self._event_name = event_name
        self._now = 0.0
        self._store = MemoryStore(lambda: self._now)
        self._dedup = dedup_of(found.kinds, found.scope_of, self._store, Keys.fresh())
        self._told: dict[str, Told] = {}
        self._one: dict[str, str] = {}  # a conversion's id → the one it was united with

    def event(self, line: Line, before: float) -> Event:
        """The event a line tells of; without a time it came with the one before. Raises `Unreadable`."""
        values = dict(line.values)
        stated = time_of(values)
        arrived = time_of({"received": values["received"]}) if values.get("received") else stated
        at = before if arrived is None else arrived
        values["event_name"] = str(values.get("event_name") or values.get("event") or self._event_name)
        values["timestamp"] = at if stated is None else stated
        source = str(values.get("source") or values.get("client") or "server").lower()
        client = str(values.get("client") or source)
        request = Request(client=client, source="browser" if source in BROWSER else "server", received=at)
        delivery = values.get("delivery_id") or values.get("webhook_id") or ""
        event = Event(new_id(at), values, request, self._names(values), delivery_id=str(delivery))
        return self._found.transformations.on_arrival(event, self._found.variables.over)

    def _names(self, values: Mapping[str, Any]) -> tuple[Name, ...]:
        """Names by sort, as a webhook's client knows them: `{"shopify_id": "577", "shopify_number": "1042"}`."""
        said, kind = values.get("names"), self._found.kinds.by_event.get(values["event_name"])
        if said is None or kind is None or kind.key is None:
            return ()
        if not isinstance(said, dict):
            raise Unreadable('`names` must be an object: {"shopify_id": "577", "shopify_number": "1042"}')
        return tuple(Name(kind.key.name, str(sort), str(value)) for sort, value in said.items())

    async def tell(self, events: list[tuple[str, Event]]) -> Audit:
        """Everything in order of arrival, each with where it stands."""
        others = 0
        for count, (where, event) in enumerate(sorted(events, key=lambda one: one[1].request.received), 1):
            self._now = event.request.received
            others += not await self._tell(where, event)
            if count % EXPIRE_EVERY == 0:
                await self._store.expire(self._now)
        return Audit(list(self._told.values()), len(events), others)

    async def _tell(self, where: str, event: Event) -> bool:
        """Whether it was a copy of a declared conversion."""
        if (kind := self._found.kinds.of(event)) is None:
            return False
        seen = self._dedup.recognise(event)
        await self._dedup.fire([event], Decision)
        told = self._conversion(seen.conversion, kind.id)
        if not seen.conversion.lends_only:
            told.tellings.append(_telling(where, event, seen, self._found.scope_of(event, None)))
        return True

    def _conversion(self, conversion: Conversion, kind: str) -> Told:
        told = self._told.setdefault(conversion.id, Told(conversion.id, kind))
        for younger in conversion.united:
            if (other := self._told.pop(younger, None)) is not None:
                told.tellings = sorted([*told.tellings, *other.tellings], key=lambda one: one.at)
        return told


def _telling(where: str, event: Event, seen: Seen, scope: Scope) -> Telling:
    identity, conversion, data = seen.identity, seen.conversion, event.data
    return Telling(
        where=where,
        at=event.request.received,
        source=event.request.source,
        client=event.request.client,
        name=identity.key,
        named=bool(identity.names or identity.links),
        value=number(data.get("value")),
        currency=str(data.get("currency") or "").upper(),
        matched_by=conversion.matched_by,
        ambiguous=conversion.ambiguous,
        customer=_customer(scope),
    )


def _customer(scope: Scope) -> dict[str, frozenset[str]]:
    """Who bought, in all forms under which one address or number may be told elsewhere."""
    found = {}
    for what in CUSTOMER:
        value = scope.var(what)
        forms = (hashed(rule, value) for rule in PERSONAL[what]) if what in PERSONAL else (as_text(value),)
        found[what] = frozenset(str(form) for form in forms if form)
    return {what: forms for what, forms in found.items() if forms}


def events_of(lines: Any, replay: Replay) -> tuple[list[tuple[str, Event]], list[Unread]]:
    """The events that a file's lines tell, each with its line, and the lines that tell none."""
    events: list[tuple[str, Event]] = []
    unread: list[Unread] = []
    before = 0.0
    for line in lines:
        if isinstance(line, Unread):
            unread.append(line)
            continue
        try:
            event = replay.event(line, before)
        except Unreadable as error:
            unread.append(Unread(line.number, str(error)))
            continue
        before = event.request.received
        events.append((f"line {line.number}", event))
    return events, unread
