"""The client `webhook`: any service's signed webhooks, mapped to events by expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from container.clients.checks import consent_stated
from container.clients.client import Answer, Settings
from container.clients.common import add_address, add_page, add_time
from container.clients.webhook.body import read_body
from container.clients.webhook.data import LONGEST_ID, MOST_ITEMS, identifier, text
from container.clients.webhook.rules import Each, Render, Rules, Told, valued
from container.clients.webhook.schemes import Scheme
from container.errors import TooLarge, Unreadable
from container.event import Event, Request, new_id
from container.language.conditions import Condition
from container.language.expression import Scope

LONGEST_TOPIC = 100  # characters that make an event's name
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Topic:
    """`topic:`; `written` is the expression, for messages."""

    render: Render
    written: str


@dataclass(frozen=True, kw_only=True)
class WebhookClient(Settings):
    """Reads webhooks; one that is not rightly signed is refused before it is read."""

    kind: ClassVar[str] = "webhook"
    cors: ClassVar[bool] = False

    path: str
    scheme: Scheme
    rules: Rules
    topic: Topic | None = None
    each: Each | None = None
    delivery_id: Render | None = None
    unsigned: Condition | None = None

    def claims(self, method: str, path: str) -> bool:
        """POST to the path."""
        return method == "POST" and path == self.path

    def events(self, request: Request) -> list[Event]:
        """What the webhook tells, nothing for what is ignored. Raises `BadSignature`, `Unreadable`, `TooLarge`."""
        if self.unsigned is not None and not self.scheme.carried(request) and self._is_ping(request):
            return []
        self.scheme.check(request)
        mine = self.mine(request)
        scope = self._scope(mine, self._body(request))
        delivery = self._delivery(scope)
        told = list(self._told(scope))
        if len(told) > MOST_ITEMS:
            raise TooLarge(f"more than {MOST_ITEMS} events in one request")
        return [_event(mine, one, delivery) for one in told]

    def signature(self, body: bytes, now: float) -> Mapping[str, str]:
        """The headers by which its sender's requests are known."""
        return {name.lower(): value for name, value in self.scheme.sign(body, now).items()}

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """200: the sender may forget it."""
        return Answer(200)

    def _body(self, request: Request) -> Any:
        """An object, or a list where the client goes through one. Raises `Unreadable`, `TooLarge`."""
        body = read_body(request)
        if isinstance(body, Mapping) or (isinstance(body, list) and self.each):
            return body
        raise Unreadable("the body is not a JSON object")

    def _is_ping(self, request: Request) -> bool:
        return self.unsigned is not None and self.unsigned.holds(self._scope(request, read_body(request)))

    def _scope(self, request: Request, body: Any) -> Scope:
        return Scope(request=request, now=request.received, local={"body": body, "topic": None})

    def _delivery(self, scope: Scope) -> str:
        return "" if self.delivery_id is None else identifier(valued(self.delivery_id(scope))) or ""

    def _told(self, scope: Scope) -> Iterator[Told]:
        """The events of all elements, each with its part of the delivery: element, rule, line."""
        for element, inner in self.each.scopes(scope) if self.each else (("", scope),):
            topic = self._topic(inner)
            known = inner.with_local(topic=topic)
            rules = self.rules.of(topic or "")
            for at, rule in enumerate(rules):
                number = str(at) if len(rules) > 1 else ""
                for one in rule.told(known, self._name(topic)):
                    part = ":".join(each for each in (element, number, one.part) if each)
                    yield Told(one.data, one.names, part, one.notes)

    def _topic(self, scope: Scope) -> str | None:
        """The topic's text. Raises `Unreadable` where a topic is asked for and there is none."""
        if self.topic is None:
            return None
        found = text(valued(self.topic.render(scope)))
        found = found.strip() if found else found
        if not found:
            raise Unreadable(f"there is no topic: `{self.topic.written}` gives nothing")
        return found

    def _name(self, topic: str | None) -> str:
        """The name of an event that the map gives none: the client's id and the topic."""
        plain = _NO_NAME.sub("_", (topic or "")[:LONGEST_TOPIC].lower()).strip("_")
        return f"{self.id}_{plain}" if plain else ""


def _event(request: Request, told: Told, delivery: str) -> Event:
    notes, data = told.notes, told.data
    consent = consent_stated(data.get("consent_state"), "consent_state", "", notes)
    add_time(data, data.get("timestamp"), request.received, notes)
    add_address(data, "", notes)
    add_page(data, {})
    return Event(
        id=new_id(request.received),
        data=data,
        request=request,
        names=told.names,
        consent=consent,
        delivery_id=f"{delivery}:{told.part}"[: 2 * LONGEST_ID] if delivery and told.part else delivery,
        notes=notes(),
    )
