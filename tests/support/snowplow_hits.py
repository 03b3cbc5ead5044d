"""Payloads of Snowplow's trackers, read by its client."""

from __future__ import annotations

import base64
import json
from typing import Any

from container.clients.snowplow import SnowplowClient
from container.event import Event, Request

CLIENT = SnowplowClient(id="sp", name="Snowplow", source="browser", more=("/com.example/track",))
SERVER = SnowplowClient(id="sp", name="Snowplow", source="server")
TP2 = "/com.snowplowanalytics.snowplow/tp2"
PAYLOAD = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
ECOMMERCE = "iglu:com.snowplowanalytics.snowplow.ecommerce"
NOW = 1795428000.5


def sent(data: Any, client: SnowplowClient = CLIENT, **headers: str) -> list[Event]:
    """The events of a POST; data that is no bytes goes into a payload."""
    body = data if isinstance(data, bytes) else json.dumps({"schema": PAYLOAD, "data": data}).encode()
    named = {"user-agent": "Mozilla/5.0", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.events(Request("POST", TP2, "", named, "203.0.113.7", received=NOW, body=body))


def one(client: SnowplowClient = CLIENT, headers: dict[str, str] | None = None, **fields: Any) -> Event:
    """The one event with these fields, a page view unless told."""
    (event,) = sent([{"e": "pv", **fields}], client, **(headers or {}))
    return event


def described(schema: str, data: Any) -> dict[str, Any]:
    """A self-describing JSON."""
    return {"schema": f"{schema}/jsonschema/1-0-2", "data": data}


def self_describing(schema: str, data: Any) -> str:
    """The envelope of an event."""
    return json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
                       "data": described(schema, data)})  # fmt: skip


def contexts(*entities: dict[str, Any]) -> str:
    """The envelope of entities."""
    return json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", "data": entities})


def packed(text: str) -> str:
    """As trackers pack it: base64url without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
