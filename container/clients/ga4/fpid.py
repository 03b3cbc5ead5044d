"""The server's own client id: cookie `FPID`, which no script can read and Safari does not cut to seven days.

`FPID2.<depth>.<32 bytes in base64, percent-encoded>.<seconds>`: the client id is `<base64>.<seconds>`.
`FPID1.<depth>.<random>.<seconds>`: the client id that the page's `_ga` had when it was taken over.

Google's own hash is not published. Ours is one of the page's client id: the hits of a first visit, which come at the
same time and all without the cookie, are one client's, and so are those of a browser that keeps no cookies.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from container.clients.clicks import ga_client_id
from container.cookie import Cookie, depth, site_of
from container.event import Request

NAME = "FPID"
LIFE = 63_072_000  # seconds: two years
NEEDS = ("analytics_storage",)

_VALUE = re.compile(r"FPID(?:2\.\d+\.([\w%+/=-]{40,70})|1\.\d+\.(\d{1,20}))\.(\d{1,12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServerClientId:
    """How the server keeps client ids. `takes_over`: a visitor who has `_ga` keeps that id."""

    name: str = NAME
    lifetime: int = LIFE
    takes_over: bool = False

    def put(self, data: dict[str, Any], request: Request, consent: Mapping[str, bool]) -> tuple[Cookie, ...]:
        """The client id into the event data, the page's own into `x-ga-js_client_id`, and the cookie to be set.

        Nothing of it where the visitor refused analytics.
        """
        if consent.get("analytics_storage") is False:
            return ()
        own = data.get("client_id")
        value = request.cookies.get(self.name, "")
        if not _VALUE.fullmatch(value):
            value = self._made(own if isinstance(own, str) else "", request)
        if own:
            data["x-ga-js_client_id"] = own
        data["client_id"] = client_id(value)
        return (Cookie(self.name, value, self.lifetime, NEEDS, http_only=True),)

    def _made(self, own: str, request: Request) -> str:
        parts = depth(site_of(request.host)) + 1
        known = ga_client_id(request.cookies.get("_ga", "")) if self.takes_over else ""
        if known and _VALUE.fullmatch(taken := f"FPID1.{parts}.{known}"):
            return taken
        at = own.rpartition(".")[2]
        seconds = at if at.isascii() and at.isdigit() and len(at) == 10 else str(int(request.received))
        digest = hashlib.sha256(b"FPID\0" + own.encode("utf-8", "replace")).digest() if own else secrets.token_bytes(32)
        return f"FPID2.{parts}.{quote(base64.b64encode(digest).decode(), safe='')}.{seconds}"


def client_id(value: str) -> str:
    """The client id in a cookie that is one."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return ""
    hashed, taken, seconds = found.groups()
    return f"{unquote(hashed) if hashed else taken}.{seconds}"
