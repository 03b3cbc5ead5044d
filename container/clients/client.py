"""What a client is: it claims requests, reads them as events, and answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from container.clients.bots import is_bot
from container.clients.common import Notes, add_address, add_page
from container.cookie import Cookie
from container.event import Event, Request, new_id
from container.language.expression import Context

DefaultConsent = str | Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told once its events are on disk."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: Sequence[str] = ()  # values of Set-Cookie


class Client(Protocol):
    """A reader of one kind of request, as `clients:` configures it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def cors(self) -> bool:
        """Whether pages of other hosts may send to it."""

    @property
    def default_consent(self) -> DefaultConsent:
        """`consent:` as written."""

    @property
    def upstream(self) -> str:
        """Another container that gets the same requests, and whose answers their senders get; empty: none."""

    def claims(self, method: str, path: str) -> bool:
        """Whether the request is this client's."""

    def events(self, request: Request) -> list[Event]:
        """The events of a complete request. Raises `errors.Refused` subclasses and nothing else."""

    def answer(self, request: Request, events: Sequence[Event]) -> Answer:
        """What to answer after the events of the request have been stored."""


@runtime_checkable
class Signed(Protocol):
    """A client that knows its senders by a signature or a token: route tests sign their requests with it."""

    def signature(self, body: bytes, now: float) -> Mapping[str, str]:
        """The headers of a request with this body, sent at `now` (Unix seconds)."""


@dataclass(frozen=True)
class ClientKind:
    """An entry of `KINDS`: what the YAML may say, how it is compiled, and one line of help."""

    schema: Mapping[str, Any]
    compile: Callable[[str, dict[str, Any], Context], Client]
    help: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the clients have in common."""

    kind: ClassVar[str]

    id: str
    name: str
    source: str
    default_consent: DefaultConsent = None
    upstream: str = ""

    def mine(self, request: Request) -> Request:
        """The request with the names of the client that claimed it."""
        return request.with_client(self.id, self.name, self.source)

    def add_visitor(self, data: dict[str, Any], request: Request) -> None:
        """What a browser's own request tells of who sends it, where the event does not."""
        if self.source == "browser":
            data["ip_override"] = data.get("ip_override") or request.ip
            data["user_agent"] = data.get("user_agent") or request.headers.get("user-agent", "")

    def event(
        self,
        request: Request,
        data: dict[str, Any],
        notes: Notes,
        consent: Mapping[str, bool] | None = None,
        cookies: tuple[Cookie, ...] = (),
    ) -> Event:
        """The event of data that lacks only what follows from the visitor's address and the page."""
        browser = self.source == "browser"
        add_address(data, request.ip if browser else "", notes)
        add_page(data, request.cookies if browser else {})
        return Event(
            id=new_id(request.received),
            data=data,
            request=request,
            consent=consent or {},
            bot=browser and is_bot(str(data["user_agent"])),
            notes=notes(),
            cookies=cookies,
        )
