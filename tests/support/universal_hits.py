"""Hits of Universal Analytics, read by its client."""

from __future__ import annotations

from typing import Any

from container.clients.universal_analytics import UniversalAnalyticsClient
from container.event import Event, Request

CLIENT = UniversalAnalyticsClient(id="ua", name="UA", source="browser", more=("/ua",))
SERVER = UniversalAnalyticsClient(id="ua", name="UA", source="server")
NOW = 1795428000.5
BASE = "v=1&tid=UA-12345-6&cid=555"
PAGE = f"{BASE}&t=pageview"


def sent(
    query: str = "", body: str = "", path: str = "/collect", client: UniversalAnalyticsClient = CLIENT, **headers: str
) -> list[Event]:
    """The events of a request; a POST where there is a body."""
    named = {"user-agent": "Mozilla/5.0", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = Request("POST" if body else "GET", path, query, named, "203.0.113.7", received=NOW, body=body.encode())
    return client.events(request)


def one(query: str, **options: Any) -> Event:
    """The one event of a request."""
    (event,) = sent(query, **options)
    return event


def has(event: Event, **wanted: Any) -> bool:
    """Whether the event says this."""
    return {key: event.data.get(key) for key in wanted} == wanted
