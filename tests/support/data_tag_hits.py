"""Requests of Stape's Data tag, read by its client."""

from __future__ import annotations

import json
from typing import Any

from container.clients.data_tag import DataTagClient
from container.event import Event, Request

CLIENT = DataTagClient(id="data", name="Data Client", source="browser")
SERVER = DataTagClient(id="data", name="Data Client", source="server")
NOW = 1795428000.123


def asked(method: str, query: str, body: Any = None, **headers: str) -> Request:
    """A request of the Data tag; a body that is no bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, default=float).encode()
    named = {"user-agent": "Mozilla/5.0", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(method, "/data", query, named, "203.0.113.7", received=NOW, body=raw)


def posted(body: Any, query: str = "v=2", client: DataTagClient = CLIENT, **headers: str) -> list[Event]:
    """The events of a POST."""
    return client.events(asked("POST", query, body, **headers))


def one(body: Any, query: str = "v=2", client: DataTagClient = CLIENT, **headers: str) -> Event:
    """The one event of a POST."""
    (event,) = posted(body, query, client, **headers)
    return event


def got(query: str, **headers: str) -> Event:
    """The event of a GET."""
    (event,) = CLIENT.events(asked("GET", query, **headers))
    return event
