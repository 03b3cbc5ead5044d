"""A dedup stage over a memory ledger, and short ways to tell it of copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from container.call import Call, Envelope
from container.conversion import Conversion
from container.decision import Decision, TagDecision
from container.dedup import Dedup, compile_kinds
from container.dedup.keys import Keys
from container.event import Event, Name, Request, new_id
from container.language.expression import Context
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.problems import Problems
from container.variables import BUILT_IN, Variables, compile_variables
from container.workspace.documents import Document
from container.workspace.reader import read_text

KEYS = Keys(b"k" * 32)
ENVELOPE = Envelope("POST", ("https://vendor.example/",), ()).stored()
CONVERSIONS = """
purchase:
  events: [purchase]
  data_from: [order_created, order_updated]
  key: transaction_id
  links: [event_id, checkout_token]
  hints:
    any: [click_id, client_id, user_id, fbp, ttp, email, phone]
    within: 30m
    across: any
    agree: [value, currency]
add_to_cart: {events: [add_to_cart], links: [event_id, {all: [cart_id, item_id]}]}
lead:
  events: [generate_lead, form_submit]
  links: [event_id]
  hints: {any: [click_id, client_id, user_id, fbp, ttp, email, phone], within: 24h, across: any}
refund: {events: [refund], key: refund_id, links: [event_id], of: purchase}
"""


@dataclass(frozen=True)
class Wait:
    sources: frozenset[str] = frozenset(("browser", "server"))
    most: float = 120.0
    otherwise: str = "send"


@dataclass(frozen=True)
class Tag:
    """What dedup asks of a tag."""

    id: str = "meta"
    target: str = "vendor.example 1 Purchase"
    destination: str = ""
    fires_once: bool = True
    targets_many: bool = False
    wait: Wait | None = None
    consent: tuple[str, ...] = ()
    shadow: bool = False


@dataclass
class Shop:
    """One container's dedup stage. Every event fires `tags`."""

    conversions: str = CONVERSIONS
    store: Store | None = None
    tags: tuple[Tag, ...] = (Tag(),)
    id: str = "shop"
    now: float = 1_795_428_000.0
    keep_as: Callable[[Decision], str | None] = lambda decision: None

    def __post_init__(self) -> None:
        self.ledger: Store = self.store or MemoryStore(lambda: self.now)
        self.problems = Problems()
        self.context = Context(problems=self.problems, variables=frozenset(BUILT_IN))
        variables = Variables(compile_variables({}, self.context), {"id": self.id})
        kinds = compile_kinds(documents("conversions", self.conversions), self.context)
        assert not self.problems.errors, list(self.problems)
        self.dedup = Dedup(self.ledger, kinds, KEYS, variables.over, self.keep_as)
        self.conversion: Conversion | None = None

    def decide(self, event: Event, conversion: Conversion) -> Decision:
        decision = Decision(event, conversion)
        if conversion.repeat or conversion.lends_only:
            return decision
        for tag in self.tags:
            if conversion.waking and tag.id not in conversion.held:
                continue
            refused = [name for name in tag.consent if not conversion.consent.get(name)]
            if refused:
                decision.add(TagDecision(tag.id, "consent", ", ".join(refused)))
            elif self.dedup.may_fire(tag, tag.destination, tag.target, conversion, decision):
                verdict = "shadow" if tag.shadow else "fired"
                told = TagDecision(tag.id, verdict, "", tag.destination, tag.target, call(tag, event, conversion))
                decision.add(told)
        return decision

    async def tell(self, *events: Event) -> list[Decision]:
        written = await self.dedup.fire(events, self.decide)
        self.conversion = written.decisions[-1].conversion
        return written.decisions

    async def verdict(self, event: Event) -> str:
        """What the first tag's decision was."""
        [decision] = await self.tell(event)
        return decision.tags[0].decision if decision.tags else "none"

    def browser(self, name: str = "purchase", after: float = 0.0, **data: Any) -> Event:
        return self.event(name, "ga4", "browser", after, data)

    def webhook(self, name: str = "purchase", after: float = 0.0, **data: Any) -> Event:
        return self.event(name, "shopify", "server", after, data)

    def api(self, name: str = "purchase", after: float = 0.0, **data: Any) -> Event:
        return self.event(name, "api", "server", after, data)

    def event(self, name: str, client: str, source: str, after: float, data: dict[str, Any]) -> Event:
        self.now += after
        names = tuple(Name("transaction_id", sort, value) for sort, value in data.pop("names", {}).items())
        names += tuple(Name("refund_id", sort, value) for sort, value in data.pop("refund_names", {}).items())
        extra = {key: data.pop(key) for key in ("consent", "delivery_id", "bot") if key in data}
        told = {"event_name": name, "timestamp": Decimal(str(data.pop("at", self.now))), **data}
        request = Request(client=client, source=source, received=self.now)
        return Event(new_id(self.now), told, request, names, **extra)


def call(tag: Tag, event: Event, conversion: Conversion) -> Call:
    return Call(
        tag=tag.id,
        destination=tag.destination,
        template="vendor",
        target=tag.target,
        envelope=ENVELOPE,
        item=b"{}",
        joinable=True,
        event_name=event.name,
        event_id=conversion.event_id,
        transaction_id=conversion.transaction_id,
        timestamp=conversion.timestamp,
        retry_ambiguous=False,
        consent=tag.consent,
        shadow=tag.shadow,
    )


def documents(kind: str, text: str) -> dict[str, Document]:
    """The documents of one section of container.yaml."""
    problems = Problems()
    node = read_text(text, "container.yaml", problems)
    assert node is not None and not problems.errors, list(problems)
    return {id: Document(kind, id, member, member.place) for id, member in node}


def later(event: Event, seconds: float) -> Event:
    """The same copy, arriving later."""
    return replace(event, id=new_id(), request=replace(event.request, received=event.request.received + seconds))



