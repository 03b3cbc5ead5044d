"""What senders are told, and the headers that let a browser's page send here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.types import Send

from container.clients.client import Answer

LONGEST_ORIGIN = 300  # characters: a scheme, the longest host there can be, and a port
REMEMBERED = 1024  # origins, and answers' headers
RETRY_AFTER = "5"  # seconds, told to the sender of what could not be stored

# What the pages' tags send: the Data tag with GTM's preview, Snowplow's tracker for visitors who stay anonymous.
HEADERS = "content-type, x-gtm-server-preview, x-stape-preview, x-stape-app-version, sp-anonymous"

_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": HEADERS,
    "access-control-max-age": "600",
}


def told(status: int, reason: str, **headers: str) -> Answer:
    """A plain text answer. Header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"content-type": "text/plain; charset=utf-8", **named}, f"{reason}\n".encode())


def not_taken(method: str, claimed: Sequence[str]) -> Answer:
    """405, with the methods that are taken on this path."""
    return told(405, f"{method} is not taken here", allow=", ".join(claimed))


def cors(headers: Mapping[str, str]) -> Mapping[str, str]:
    """What lets the page of the request's `Origin` read the answer, cookies included; nothing where there is none."""
    origin = headers.get("origin", "")
    return _cors(origin) if 0 < len(origin) <= LONGEST_ORIGIN else {}


@lru_cache(REMEMBERED)
def _cors(origin: str) -> Mapping[str, str]:
    if not origin.isascii() or not origin.isprintable():
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "vary": "Origin",
    }


def preflight(headers: Mapping[str, str]) -> Answer:
    """What a browser asks before a page may send JSON or cookies."""
    return Answer(204, {**cors(headers), **_PREFLIGHT})


@lru_cache(REMEMBERED)
def _encoded(*headers: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]


async def respond(send: Send, answer: Answer, extra: Mapping[str, str] | None = None) -> None:
    """The answer on its way."""
    headers = _encoded(*answer.headers.items(), *(extra or {}).items())
    if answer.cookies:
        headers = [*headers, *((b"set-cookie", cookie.encode("latin-1", "replace")) for cookie in answer.cookies)]
    if answer.status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
