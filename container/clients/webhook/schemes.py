"""How a webhook proves who sent it: over the raw bytes, compared in constant time, never older than the tolerance."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from container.clients.numbers import seconds
from container.clients.signatures import bearer, same
from container.errors import BadSignature
from container.event import Request

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
ENCODINGS = ("hex", "base64")
MOST_SIGNATURES = 10  # in one header, which lists those of old and new secrets

Headers = tuple[str, ...]  # names of one header, any of which may come


class Scheme(Protocol):
    """One way of signing, with its secrets."""

    def check(self, request: Request) -> None:
        """Raises `BadSignature`, which says what is missing, wrong or too old, and never what would be right."""

    def carried(self, request: Request) -> bool:
        """Whether the request comes with a signature at all, right or wrong."""

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """The headers a sender would put on this body, for tests. Time in Unix seconds."""


def found(request: Request, names: Headers) -> str:
    """The first of these headers that came with something in it; "" where none did."""
    return next((value for name in names if (value := request.headers.get(name.lower(), "").strip())), "")


def digest(secret: bytes, message: bytes, algorithm: str, encoding: str) -> str:
    """The HMAC of a message as text."""
    made = hmac.digest(secret, message, ALGORITHMS[algorithm])
    return made.hex() if encoding == "hex" else base64.b64encode(made).decode()


def matches(made: Iterable[str], given: Iterable[str]) -> bool:
    """Whether one of those made is one of those given; every pair is compared, so time tells nothing."""
    told = list(given)
    compared = [same(one, other) for one in made for other in told]
    return any(compared)


def refuse_old(stated: str, received: float, tolerance: float, header: str) -> None:
    """Refuse a time that is no time, or further from now than the tolerance. A repeated old request is a replay."""
    at = seconds(stated)
    if at is None:
        raise BadSignature(f"the header {header} holds no time: only webhooks signed with their time are taken")
    away = round(abs(float(at) - received))
    if away > tolerance:
        raise BadSignature(f"signed {away} seconds away from this server's time; {tolerance:g} are allowed")


_MISSING = "the header {} is missing: only signed webhooks are taken"
_WRONG = "the signature was not made with this client's secret"


@dataclass(frozen=True, kw_only=True)
class Hmac:
    """An HMAC in a header, over the body or over text around it (`over`), with the time where that is signed too."""

    secrets: Sequence[bytes]
    header: Headers
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    over: tuple[str, ...] = ("{body}",)  # literal text, `{body}` and `{timestamp}` in their order
    timestamp: Headers = ()
    tolerance: float = 300.0  # seconds

    def check(self, request: Request) -> None:
        """The signature, then its age."""
        given = found(request, self.header)
        if not given:
            raise BadSignature(_MISSING.format(self.header[0]))
        stated = found(request, self.timestamp)
        if self.timestamp and not stated:
            raise BadSignature(_MISSING.format(self.timestamp[0]))
        given = given.removeprefix(self.prefix)
        given = given.lower() if self.encoding == "hex" else given
        if not matches(self._made(request.body, stated), [given]):
            raise BadSignature(_WRONG)
        if self.timestamp:
            refuse_old(stated, request.received, self.tolerance, self.timestamp[0])

    def carried(self, request: Request) -> bool:
        """By its header."""
        return bool(found(request, self.header))

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """With the first secret."""
        stated = str(int(at)) if self.timestamp else ""
        headers = {self.header[0]: self.prefix + next(iter(self._made(body, stated)))}
        return {**headers, self.timestamp[0]: stated} if self.timestamp else headers

    def _made(self, body: bytes, stated: str) -> list[str]:
        values = {"{body}": body, "{timestamp}": stated.encode("utf-8", "replace")}
        message = b"".join([values.get(part, part.encode()) for part in self.over])
        return [digest(secret, message, self.algorithm, self.encoding) for secret in self.secrets]


@dataclass(frozen=True, kw_only=True)
class Stripe:
    """`t=…,v1=…` in one header: HMAC-SHA256 in hex over `{t}.{body}`; one right `v1` is enough, `v0` is ignored."""

    secrets: Sequence[bytes]
    header: Headers = ("Stripe-Signature",)
    tolerance: float = 300.0

    def check(self, request: Request) -> None:
        """A signature, then its age."""
        given = found(request, self.header)
        if not given:
            raise BadSignature(_MISSING.format(self.header[0]))
        pairs = [part.strip().partition("=") for part in given.split(",")]
        stated = next((value for name, _, value in pairs if name == "t"), "")
        signatures = [value for name, _, value in pairs if name == "v1"][:MOST_SIGNATURES]
        if not stated or not signatures:
            raise BadSignature(f"the header {self.header[0]} is not `t=…,v1=…`")
        if not matches(self._made(request.body, stated), signatures):
            raise BadSignature(_WRONG)
        refuse_old(stated, request.received, self.tolerance, self.header[0])

    def carried(self, request: Request) -> bool:
        """By its header."""
        return bool(found(request, self.header))

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """With the first secret."""
        stated = str(int(at))
        return {self.header[0]: f"t={stated},v1={self._made(body, stated)[0]}"}

    def _made(self, body: bytes, stated: str) -> list[str]:
        message = stated.encode("utf-8", "replace") + b"." + body
        return [digest(secret, message, "sha256", "hex") for secret in self.secrets]


STANDARD = {name: (f"webhook-{name}", f"svix-{name}") for name in ("id", "timestamp", "signature")}


@dataclass(frozen=True, kw_only=True)
class StandardWebhooks:
    """standardwebhooks.com: HMAC-SHA256 in Base64 over `{id}.{timestamp}.{body}`, in `webhook-signature: v1,…`."""

    secrets: Sequence[bytes]
    tolerance: float = 300.0

    def check(self, request: Request) -> None:
        """A signature, then its age."""
        id, stated, listed = (found(request, STANDARD[name]) for name in ("id", "timestamp", "signature"))
        for name, value in (("id", id), ("timestamp", stated), ("signature", listed)):
            if not value:
                raise BadSignature(_MISSING.format(STANDARD[name][0]))
        signatures = [part[len("v1,") :] for part in listed.split() if part.startswith("v1,")][:MOST_SIGNATURES]
        if not matches(self._made(request.body, id, stated), signatures):
            raise BadSignature(_WRONG)
        refuse_old(stated, request.received, self.tolerance, STANDARD["timestamp"][0])

    def carried(self, request: Request) -> bool:
        """By its header."""
        return bool(found(request, STANDARD["signature"]))

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """With the first secret; the message's id is made of the body."""
        id, stated = f"msg_{hashlib.sha256(body).hexdigest()[:24]}", str(int(at))
        signature = f"v1,{self._made(body, id, stated)[0]}"
        return {"webhook-id": id, "webhook-timestamp": stated, "webhook-signature": signature}

    def _made(self, body: bytes, id: str, stated: str) -> list[str]:
        message = f"{id}.{stated}.".encode("utf-8", "replace") + body
        return [digest(secret, message, "sha256", "base64") for secret in self.secrets]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The secret itself in a header: `Authorization: Bearer …`, `Authorization: Basic …`, or a header of its own.

    It says who sent the request, and nothing of what is in it: only TLS keeps others from reading it.
    """

    secrets: Sequence[bytes]
    scheme: str  # bearer | basic | header
    header: Headers = ("Authorization",)
    prefix: str = ""

    def check(self, request: Request) -> None:
        """The header's value."""
        given = found(request, self.header)
        if not given:
            raise BadSignature(f"the header {self._shown()} is missing")
        if not matches(self._texts(), [self._given(given)]):
            raise BadSignature("the secret is not the one of this client")

    def carried(self, request: Request) -> bool:
        """By its header."""
        return bool(found(request, self.header))

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """The first secret as it is sent."""
        text = self._texts()[0]
        if self.scheme == "basic":
            text = base64.b64encode(text.encode()).decode()
        before = {"bearer": "Bearer ", "basic": "Basic ", "header": self.prefix}[self.scheme]
        return {self.header[0]: before + text}

    def _shown(self) -> str:
        shown = {"bearer": "`Authorization: Bearer …`", "basic": "`Authorization: Basic …`"}
        return shown.get(self.scheme, self.header[0])

    def _texts(self) -> list[str]:
        return [secret.decode() for secret in self.secrets]

    def _given(self, value: str) -> str:
        if self.scheme == "bearer":
            return bearer(value)
        if self.scheme == "header":
            return value.removeprefix(self.prefix)
        name, _, code = value.partition(" ")
        try:
            return base64.b64decode(code.strip(), validate=True).decode() if name.lower() == "basic" else ""
        except ValueError:
            return ""


@dataclass(frozen=True, kw_only=True)
class Unsigned:
    """Whoever knows the path may send."""

    def check(self, request: Request) -> None:
        """Nothing is asked."""

    def carried(self, request: Request) -> bool:
        """Never."""
        return False

    def sign(self, body: bytes, at: float) -> Mapping[str, str]:
        """Nothing is needed."""
        return {}
