"""A shop's day over its real store, without a socket: what comes in, and how the vendors answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from processes import ENVIRONMENT, hit

from container.build import build, on_disk
from container.cli.raw import read_request
from container.ledger.interface import Row, Settlement, Writing
from container.pipeline import Container
from container.problems import Problems
from container.replay import replay

NOW = 1_795_428_000.0  # 2026-11-23T10:00:00Z
HEADERS = "User-Agent: Mozilla/5.0 Chrome/142.0\n"


class Day:
    """A shop's container over its real store, at times of the test's choosing."""

    def __init__(self, shop: Path) -> None:
        self.shop = shop

    async def __aenter__(self) -> Day:
        container = build(self.shop, Problems(), environ=ENVIRONMENT, ledger=on_disk)
        assert container is not None
        self.container: Container = container
        return self

    async def __aexit__(self, *args: object) -> None:
        self.container.store.close()

    async def page(
        self, after: float, order: str, event: str = "purchase", client: str = "1111111111.1795400000", **query: str
    ) -> None:
        """A gtag hit."""
        extra = "".join(f"&{name}={value}" for name, value in query.items())
        await self._send(after, f"GET {hit(order, event, client=client)}{extra}\n{HEADERS}")

    async def api(self, after: float, **event: Any) -> None:
        """An event of the shop's own systems."""
        body = json.dumps({"event_name": "purchase", "currency": "EUR", **event})
        await self._send(after, f"POST /events\nAuthorization: Bearer {ENVIRONMENT['EVENTS_TOKEN']}\n\n{body}\n")

    async def _send(self, after: float, text: str) -> None:
        request = replace(read_request(text.encode(), received=NOW + after), ip="203.0.113.7")
        assert (await replay(self.container, request)).status in (200, 204)

    async def settle(self, after: float, outcome: str, reason: str, status: int, tag: str) -> None:
        """The vendor's answer to everything of the tag that is due."""
        def work(writing: Writing) -> None:
            rows: list[Row] = [row for row in writing.due(NOW + after, 99) if row.call.tag == tag]
            writing.attempt("me", [row.id for row in rows], NOW + after)
            due = NOW + after + 60
            writing.settle([Settlement(row, outcome, reason, NOW + after, due, status, 0.118) for row in rows])

        await self.container.store.write(work)


def let_meta_wait(shop: Path) -> None:
    """Meta's purchase waits for both copies."""
    tag = shop / "tags" / "meta_purchase.yaml"
    lines = [line for line in tag.read_text().splitlines() if not line.startswith("wait:")]
    tag.write_text("\n".join((*lines, "wait: {for: [browser, server], most: 2m}")) + "\n")
