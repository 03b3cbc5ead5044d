"""A network in a test's hands: what leaves goes to a function, and what it returns is the vendor's answer."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import httpx

from container.delivery.http import Answer, Wire
from container.delivery.http.wire import address, written

Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Network:
    """A `Sender`. `handle` may raise what a client raises."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    async def send(self, wire: Wire) -> Answer:
        written(wire, address(wire.url))  # refuses what cannot be sent
        headers = [(name.encode(), value.encode()) for name, value in wire.headers]
        found = self._handle(httpx.Request(wire.method, wire.url, headers=headers, content=wire.body))
        answer = await found if inspect.isawaitable(found) else found
        return Answer(answer.status_code, dict(answer.headers), answer.text)

    def cut(self) -> None:
        """Nothing is ever under way for long."""

    async def close(self) -> None:
        """There is nothing to let go of."""
