"""The view of all copies of a conversion: what each field is taken from, and how a copy is kept until it is merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from container.encoding import encode, load
from container.event import CLICK_IDS, Event, Request
from container.language.expression import present

# Money, items and customer: the shop knows better.
FROM_SERVER = frozenset(
    ("value", "currency", "tax", "shipping", "coupon", "discount", "items", "user_data", "user_id", "new_customer")
)
# Page, cookies, click ids, address and browser: only the browser was there.
FROM_BROWSER = frozenset(
    (
        *CLICK_IDS,
        "fbc",
        "fbp",
        "ttp",
        "client_id",
        "ip_override",
        "user_agent",
        "client_hints",
        "language",
        "screen_resolution",
        "viewport_size",
        "event_location",
        "engagement_time_msec",
        "transaction_id",
    )
)
BROWSER_PREFIXES = ("page_", "ga_session_", "x-ga-", "x-sst-")


def _better(key: str) -> str:
    """The source whose word counts for this field; empty: the newest copy's."""
    if key in FROM_SERVER:
        return "server"
    if key in FROM_BROWSER or key.startswith(BROWSER_PREFIXES):
        return "browser"
    return ""


def merge(copies: Sequence[Event]) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The merged event data of copies in order of arrival, and which source each field came from.

    `event_name` is the newest copy's, `timestamp` the earliest that any states.
    """
    if len(copies) == 1:
        return copies[0].data, {}
    data: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for copy in copies:
        source = copy.request.source
        for key, value in copy.data.items():
            if key not in data or (present(value) and _wins(key, source, origins[key])):
                data[key] = _joined(data.get(key), value)
                origins[key] = source
            elif isinstance(value, dict) and isinstance(data[key], dict):
                data[key] = {**value, **data[key]}
    data["event_name"] = copies[-1].data.get("event_name")
    data["timestamp"] = min(copies, key=lambda copy: copy.timestamp).data.get("timestamp")
    return data, origins


def _wins(key: str, source: str, before: str) -> bool:
    better = _better(key)
    return source == before or better in ("", source)


def _joined(old: Any, new: Any) -> Any:
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def lay_down(event: Event) -> bytes:
    """A copy as it is kept (encrypted) until its conversion can no longer be merged."""
    request = event.request
    return encode(
        {
            "id": event.id,
            "data": event.data,
            "consent": event.consent,
            "request": {
                "method": request.method,
                "path": request.path,
                "query_string": request.query_string,
                "headers": request.headers,
                "ip": request.ip,
                "client": request.client,
                "client_name": request.client_name,
                "source": request.source,
                "received": request.received,
                "debug": request.debug,
                "trusted": request.trusted,
            },
            "geo": request.geo,
        }
    )


def pick_up(data: bytes) -> Event:
    """The copy that `lay_down` kept."""
    found = load(data)
    request = Request(**found["request"]).at(found.get("geo", {}))
    return Event(id=found["id"], data=found["data"], request=request, consent=found["consent"])
