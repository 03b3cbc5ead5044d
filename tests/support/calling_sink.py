"""The vendor double, called in this process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from container.cli.sink.app import Sink

META, TIKTOK, GA4 = "graph.facebook.com", "business-api.tiktok.com", "www.google-analytics.com"
TOKENS = {META: ("authorization", "Bearer T"), TIKTOK: ("access-token", "T")}


class Caller:
    """Calls a vendor double in this process, under any vendor's name."""

    def __init__(self, app: Sink) -> None:
        self.app = app
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:9000")

    async def __call__(
        self, host: str, path: str, body: Any = None, *, token: bool = True, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        sent = {"x-tagport-host": host, **(headers or {})}
        if token and host in TOKENS:
            sent.setdefault(*TOKENS[host])
        return await self.client.post(path, json=body, headers=sent)

    async def meta(self, *events: Any, **options: Any) -> httpx.Response:
        return await self(META, "/v26.0/1/events", {"data": list(events)}, **options)

    async def tiktok(self, *events: Any, **changes: Any) -> httpx.Response:
        body = {"event_source": "web", "event_source_id": "C1", "data": list(events), **changes}
        return await self(TIKTOK, "/open_api/v1.3/event/track/", body)


def purchase(**changes: Any) -> dict[str, Any]:
    """An event that Meta takes."""
    event = {
        "event_name": "Purchase",
        "event_time": int(time.time()),
        "user_data": {"em": ["0" * 64]},
        "custom_data": {"value": 149.9, "currency": "EUR"},
    }
    return {key: value for key, value in {**event, **changes}.items() if value is not None}


def bought(**changes: Any) -> dict[str, Any]:
    """An event that TikTok takes."""
    return {"event": "Purchase", "event_time": 1795428000, **changes}
