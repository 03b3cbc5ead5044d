"""Events to prove a proposal by: every name that anything asks for, with and without the data that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from container.clients import Client
from container.event import CONSENT_TYPES, Event, Request, new_id
from container.migrate.simplify.draft import listed, texts
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Sequence
from container.workspace.model import Document

UNNAMED = "an_event_that_nothing_names"
_READ = re.compile(r"\bevent\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_ALONE = re.compile(r"\{\{ *event\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) *\}\}")
_NUMBERS = frozenset(("value", "tax", "shipping", "price", "quantity"))
_OPERATORS = ("equals", "contains", "starts_with", "ends_with", "less_than", "at_most", "greater_than", "at_least")
_WORKSPACE = ("tags", "triggers", "variables", "transformations", "conversions")
_SAMPLE: Mapping[str, Any] = {
    "value": 12.5,
    "currency": "EUR",
    "page_location": "https://shop.example.com/a?gclid=Cj0example",
    "page_hostname": "shop.example.com",
    "page_path": "/a",
    "client_id": "1.2",
    "ip_override": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "fbp": "fb.1.1795341600000.1098115397",
    "user_data": {"email_address": "someone@example.com", "phone_number": "+4915112345678"},
    "items": [{"item_id": "SKU-1", "item_name": "A thing", "price": 12.5, "quantity": 1}],
}
_NEEDED = ("ip_override", "user_agent", "client_id")  # of every request: without them nothing is sent anywhere


def generated(found: Mapping[str, Mapping[str, Document]], clients: list[Client], now: float) -> list[Event]:
    """The events, each with ids of its own and each twice: a copy must not be sent again."""
    documents = [document for kind in _WORKSPACE for document in found[kind].values()]
    asked = {name: set(values) for name, values in _asked(documents).items()}
    names = sorted({*_names(documents), *asked.pop("event_name", ()), UNNAMED})
    full = _full(documents)
    variants: list[tuple[dict[str, Any], bool | None]] = [(full, True), (_bare(), True), (full, None), (full, False)]
    for path, values in sorted(asked.items()):
        variants += [(_with(full, path, value), True) for value in sorted(values)]
    events: list[Event] = []
    for client in clients:
        for name in names:
            for data, consent in variants:
                event = _event(name, data, consent, client, len(events), now)
                events += [event, replace(event, id=new_id(now))]
    return events


def _event(
    name: str, data: Mapping[str, Any], consent: bool | None, client: Client, number: int, now: float
) -> Event:
    own = {"event_name": name, "timestamp": now + number}
    if len(data) > len(_NEEDED):
        own |= {"event_id": f"event-{number}", "transaction_id": f"order-{number}"}
    request = Request(method="POST", path="/", received=now + number, ip="203.0.113.7")
    said = {} if consent is None else dict.fromkeys(CONSENT_TYPES, consent)
    request = request.with_client(client.id, client.name, client.source)
    return Event(new_id(now + number), {**data, **own}, request, consent=said)


def _names(documents: list[Document]) -> Iterator[str]:
    for document in documents:
        for node in _mappings(document.node):
            for key in ("event", "events"):
                yield from listed(node.get(key)) or ()


def _asked(documents: list[Document]) -> dict[str, set[str]]:
    """What event data are compared with, in conditions and tables: path → values."""
    found: dict[str, set[str]] = {}
    for document in documents:
        for node in _mappings(document.node):
            for key in ("value", "lookup"):
                said = node.get(key)
                read = _ALONE.fullmatch(said.text.strip()) if isinstance(said, Scalar) else None
                if read:
                    found.setdefault(read[1], set()).update(_compared(node))
    return found


def _compared(node: MappingNode) -> Iterator[str]:
    for operator in _OPERATORS:
        yield from listed(node.get(operator)) or ()
    table = node.get("table")
    if isinstance(table, MappingNode):
        yield from (key for key, _ in table)


def _mappings(node: Node) -> Iterator[MappingNode]:
    if isinstance(node, MappingNode):
        yield node
        for _, member in node:
            yield from _mappings(member)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _mappings(item)


def _bare() -> dict[str, Any]:
    return {key: _SAMPLE[key] for key in _NEEDED}


def _full(documents: list[Document]) -> dict[str, Any]:
    """The usual data, and a text for whatever else the workspace reads."""
    data = dict(_SAMPLE)
    read = {path for document in documents for text in texts(document.node) for path in _READ.findall(text)}
    for path in sorted(read):
        if path.partition(".")[0] not in _SAMPLE and path not in ("event_name", "timestamp"):
            data = _with(data, path, 7 if path.rpartition(".")[2] in _NUMBERS else f"some {path}")
    return data


def _with(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    key, _, rest = path.partition(".")
    inner = data.get(key)
    if not rest:
        return {**data, key: value}
    return {**data, key: _with(inner if isinstance(inner, Mapping) else {}, rest, value)}
