"""One request and its answer, and how the request is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote, urlsplit

from container import __version__
from container.call import READ_TIMEOUT

ANSWER_MOST = 64 << 10  # bytes of an answer that are read
AGENT = f"tagport/{__version__}"

_DEFAULTS = {"user-agent": AGENT, "accept": "*/*", "accept-encoding": "identity"}
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection"))
_AS_WRITTEN = "!$%&'()*+,;=:@/?[\\]^`{|}"  # in a URL; what else is no letter or digit is escaped
_LINE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n\0]*\r\n")
_PORTS = {"http": 80, "https": 443}


class NotSent(Exception):
    """The request never left: it can be sent again without any doubt."""


class NoAnswer(Exception):
    """The request may have arrived; there is no (complete) answer."""


class Unsendable(Exception):
    """The request cannot be put on the wire at all: a broken URL, a line break in a header."""


@dataclass(slots=True)
class Answer:
    """A vendor's answer; header names in lower case, the text cut at `ANSWER_MOST`."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Wire:
    """One request ready to leave. `timeout` in seconds, for all of it; `read` for each time the vendor is silent."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    timeout: float = 5.0
    read: float = READ_TIMEOUT


class Sender(Protocol):
    """What delivery needs of a client."""

    async def send(self, wire: Wire) -> Answer:
        """The vendor's answer, whatever its status. Raises `NotSent`, `NoAnswer` or `Unsendable`."""
        ...

    def cut(self) -> None:
        """End every request that is under way, now; each fails with `NoAnswer`, or `NotSent` while it connects."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go to."""

    scheme: str
    host: str
    port: int

    @property
    def name(self) -> str:
        """As the `Host` header has it: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, taken apart: what the request line asks for as `target`, the headers that come with it as `headers`."""

    origin: Origin
    target: str
    headers: str


@lru_cache(maxsize=256)  # a vendor's URL is mostly the same
def address(url: str, vendors: str | None = None) -> Address:
    """Where a request to `url` goes; with `vendors` there, the vendor's own host in a header. Raises `Unsendable`."""
    try:
        parts = urlsplit(url)
        origin = _origin(url)
    except ValueError as error:
        raise Unsendable(f"{url.partition('?')[0]} is no address of a web server: {error}") from error
    target = quote(parts.path or "/", safe=_AS_WRITTEN)
    if parts.query:
        target += "?" + quote(parts.query, safe=_AS_WRITTEN)
    if vendors is None:
        return Address(origin, target, f"host: {origin.name}\r\n")
    to = _origin(vendors)
    return Address(to, target, f"host: {to.name}\r\nx-tagport-host: {origin.name}\r\n")


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("it needs http:// or https:// and a host")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    if re.search(r"[^a-z0-9._:%-]", host):
        raise ValueError(f"{host} is no host name")
    return Origin(parts.scheme, host, parts.port or _PORTS[parts.scheme])


def written(wire: Wire, to: Address) -> bytes:
    """The request's bytes. Raises `Unsendable`."""
    told = _DEFAULTS | {name.lower(): value for name, value in wire.headers}
    lines = [f"{name}: {value}\r\n" for name, value in told.items() if name not in _OURS]
    if not all(map(_LINE.fullmatch, lines)):
        name = next(line.partition(":")[0] for line in lines if not _LINE.fullmatch(line))
        raise Unsendable(f"there is a line break in the value of the header {name}, or its name is none")
    length = f"content-length: {len(wire.body)}\r\n" if wire.body or wire.method not in ("GET", "DELETE") else ""
    return f"{wire.method} {to.target} HTTP/1.1\r\n{to.headers}{''.join(lines)}{length}\r\n".encode() + wire.body
