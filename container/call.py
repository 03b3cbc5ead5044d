"""A vendor request on its way: rendered, with secrets as references, in the two pieces that batches are joined from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from container.encoding import encode, load

READ_TIMEOUT = 10.0  # seconds for which a vendor may be silent


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret, put in at the moment of sending. `form` says how: text | url | json."""

    name: str
    form: str = "text"

    def __str__(self) -> str:
        return f"secret:{self.name}"


@dataclass(frozen=True, slots=True)
class Rate:
    """What a vendor takes: `requests` within any `seconds`, from one account or (`shared`) from all together."""

    requests: int
    seconds: float
    shared: bool = False


Parts = tuple[str | Secret, ...]
Reveal = Callable[[str], str]  # a secret's name → its value; raises MissingSecret

_FORMS: dict[str, Callable[[str], str]] = {
    "text": str,
    "url": lru_cache(64)(partial(quote, safe="")),
    "json": lambda value: encode(value).decode(),
}


def fill(parts: Parts, reveal: Reveal) -> str:
    """The text with every secret in its place."""
    if len(parts) == 1 and isinstance(parts[0], str):  # as nearly all are
        return parts[0]
    return "".join(
        part if isinstance(part, str) else _FORMS[part.form](reveal(part.name)) for part in parts
    )


@dataclass(slots=True)  # a frozen one takes three times as long to make, and one is made for each call
class Envelope:
    """What joined calls share: everything of a request but the elements of `batch.join`. Never changed.

    The body of n joined calls is `before`, their items with commas between, `after`.
    """

    method: str
    url: Parts
    headers: tuple[tuple[str, Parts], ...]
    before: Parts = ()
    after: Parts = ()
    auth: tuple[tuple[str, Parts], ...] = ()  # the template's auth scheme and its values, "scheme" first
    timeout: float = 5.0  # seconds, for all of it
    read_timeout: float = READ_TIMEOUT

    def stored(self) -> bytes:
        """As it lies in the outbox: literal text as JSON strings, secrets as objects, never mixed up."""
        return encode(
            {
                "method": self.method,
                "url": self.url,
                "headers": self.headers,
                "before": self.before,
                "after": self.after,
                "auth": self.auth,
                "timeout": self.timeout,
                "read_timeout": self.read_timeout,
            },
            _stored,
        )

    @classmethod
    def from_stored(cls, data: bytes) -> Envelope:
        """What `stored` wrote."""
        found = load(data)
        return cls(
            method=found["method"],
            url=_loaded(found["url"]),
            headers=tuple((name, _loaded(parts)) for name, parts in found["headers"]),
            before=_loaded(found["before"]),
            after=_loaded(found["after"]),
            auth=tuple((name, _loaded(parts)) for name, parts in found["auth"]),
            timeout=found["timeout"],
            read_timeout=found.get("read_timeout", READ_TIMEOUT),  # older ones have none
        )

    def body(self, items: Sequence[bytes], reveal: Reveal) -> bytes:
        """The bytes to send for these calls; the items go out as they were stored."""
        return fill(self.before, reveal).encode() + b",".join(items) + fill(self.after, reveal).encode()


def _stored(secret: Secret) -> dict[str, str]:
    return {"secret": secret.name, "form": secret.form}


def _loaded(parts: list[Any]) -> Parts:
    if len(parts) == 1 and isinstance(parts[0], str):
        return (parts[0],)
    return tuple(
        part if isinstance(part, str) else Secret(part["secret"], part["form"]) for part in parts
    )


@dataclass(slots=True)  # as the envelope
class Call:
    """One rendered vendor request of one tag, ready for the outbox. Never changed.

    `target` is what a firing is unique by: host, account, event name as sent. `account` is its first two words:
    what is stopped together when the vendor refuses the credentials.
    """

    tag: str
    destination: str
    template: str
    target: str
    envelope: bytes
    item: bytes  # this call's element of `batch.join`; empty where the template has no batch
    joinable: bool
    event_name: str  # as the tag saw it
    event_id: str
    transaction_id: str
    timestamp: float  # what the vendor's age limit counts from, Unix seconds
    retry_ambiguous: bool  # the vendor drops a second copy: an unanswered call may be sent again
    consent: tuple[str, ...]  # what the tag needs: a later refusal of one of these stops the call
    shadow: bool = False

    @property
    def account(self) -> str:
        """Host and account."""
        return " ".join(self.target.split(" ", 2)[:2])
