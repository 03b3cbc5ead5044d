from __future__ import annotations

from starlette.types import Message

from container.clients.client import Answer
from container.server.answers import respond


async def test_each_cookie_is_a_header_of_its_own() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await respond(send, Answer(200, {"x-a": "1"}, b"ok", ["a=1; Path=/", "b=2; Path=/"]), {"vary": "Origin"})
    assert sent[0]["headers"] == [
        (b"x-a", b"1"),
        (b"vary", b"Origin"),
        (b"set-cookie", b"a=1; Path=/"),
        (b"set-cookie", b"b=2; Path=/"),
        (b"content-length", b"2"),
    ]
