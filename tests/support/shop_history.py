"""A day of two shops, told by pages, webhooks and calls as such things happen, with the truth beside every copy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

MINUTE = 60.0
VALUES = tuple(round(19.9 + 7.25 * step, 2) for step in range(20))


@dataclass(frozen=True)
class Visitor:
    """`device` is the client id of the browser: a family's members share one."""

    email: str
    device: str
    gclid: str


@dataclass(frozen=True)
class Order:
    """What happened. `number` counts in each shop, so both shops have an order 1001."""

    truth: int
    market: str
    number: int
    visitor: Visitor
    at: float
    value: float

    @property
    def id(self) -> str:
        """The shop's own id of it."""
        return f"57{self.market}{self.number}"

    @property
    def names(self) -> dict[str, str]:
        """All that a webhook calls it."""
        return {"shopify_id": self.id, "shopify_number": str(self.number), "shopify_confirmation": f"C{self.id}"}


@dataclass(frozen=True)
class Copy:
    """One telling of an order. `runs`: it may fire tags; `named`: it carries the order's name."""

    order: Order
    name: str
    client: str
    source: str
    arrival: float
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        return self.name == "purchase"

    @property
    def named(self) -> bool:
        return bool(self.data.get("transaction_id"))

    @property
    def marks(self) -> set[str]:
        """The names and links it carries."""
        names = self.data.get("names", {}).values()
        told = {self.data.get("event_id", ""), self.data.get("transaction_id", ""), *names}
        return {mark.removeprefix("#").removeprefix("gid://shopify/Order/") for mark in told} - {""}

    @property
    def hints(self) -> set[str]:
        """What it shows of whose order it is."""
        email = self.data.get("user_data", {}).get("email_address", "").lower()
        return {self.data.get("client_id", ""), self.data.get("gclid", ""), email} - {""}


class History:
    """Orders and copies, the same for the same `seed`.

    `nameless`: the share of pages that do not name their order · `again`: of visitors who buy again within a minute ·
    `alike`: of those second orders that cost the same · `shared`: of visitors on the device of the one before.
    """

    def __init__(
        self, seed: int, visitors: int = 700, *, nameless: float = 0.08, again: float = 0.15, alike: float = 0.05,
        shared: float = 0.1,
    ) -> None:  # fmt: skip
        self.luck = random.Random(seed)
        self._nameless, self._again, self._alike, self._shared = nameless, again, alike, shared
        self._numbers = {"de": 1000, "no": 1000}
        self.orders = [order for visitor in self._visitors(visitors) for order in self._orders_of(visitor)]
        copies = [copy for order in self.orders for copy in self._copies(order)]
        self.copies = sorted(copies, key=lambda copy: copy.arrival)

    def _chance(self, share: float) -> bool:
        return self.luck.random() < share

    def _visitors(self, count: int) -> Iterator[Visitor]:
        device = ""
        for i in range(count):
            device = device if device and self._chance(self._shared) else f"{i}.{self.luck.randrange(10**9)}"
            yield Visitor(f"visitor{i}@example.com", device, f"click{i}" if self._chance(0.5) else "")

    def _orders_of(self, visitor: Visitor) -> Iterator[Order]:
        """Mostly one; some buy again within a minute, some later in the day. A family shops in the same half hour."""
        at = 8 * 3600 + (hash_of(visitor.device) % 720) * MINUTE + self.luck.random() * 10 * MINUTE
        market = "de" if self._chance(0.6) else "no"
        first = self._order(visitor, market, at)
        yield first
        if self._chance(self._again):
            second = self._order(visitor, market, at + 20 + self.luck.random() * 40)
            yield replace(second, value=first.value) if self._chance(self._alike) else second
        if self._chance(0.1):
            yield self._order(visitor, market, at + 3 * 3600)

    def _order(self, visitor: Visitor, market: str, at: float) -> Order:
        self._numbers[market] += 1
        number = self._numbers[market]
        return Order(hash_of(f"{market}{number}"), market, number, visitor, at, self.luck.choice(VALUES))

    def _copies(self, order: Order) -> Iterator[Copy]:
        page = list(self._page(order))
        yield from page
        if page and self._chance(0.2):  # the thank-you page is loaded again
            yield replace(page[0], arrival=page[0].arrival + 5 + self.luck.random() * 300)
        yield from self._webhooks(order)
        if self._chance(0.25):
            yield self._call(order, "event_id" in page[0].data if page else False)

    def _call(self, order: Order, linked: bool) -> Copy:
        """The CRM's, which knows the order's id, or else the page's event id and whose order it is."""
        by_link = linked and self._chance(0.4)
        said: dict[str, Any] = {"event_id": f"E{order.id}"} if by_link else {"transaction_id": order.id}
        said |= {"user_data": {"email_address": order.visitor.email}, "value": order.value}
        return self._copy(order, "purchase", "api", "server", 120 + self.luck.random() * 600, **said)

    def _page(self, order: Order) -> Iterator[Copy]:
        if self._chance(0.07):  # an ad blocker
            return
        said: dict[str, Any] = {"client_id": order.visitor.device, "value": order.value, "currency": "EUR"}
        if not self._chance(self._nameless):
            form = self.luck.choice(("{0.number}", "#{0.number}", "{0.id}", "gid://shopify/Order/{0.id}", "C{0.id}"))
            said["transaction_id"] = form.format(order)
        if self._chance(0.5):
            said["event_id"] = f"E{order.id}"
        if order.visitor.gclid:
            said["gclid"] = order.visitor.gclid
        if self._chance(0.6):
            said["user_data"] = {"email_address": order.visitor.email.upper()}
        delay = 20 * MINUTE if self._chance(0.05) else 1 + self.luck.random() * 10
        yield self._copy(order, "purchase", "ga4", "browser", delay, **said)

    def _webhooks(self, order: Order) -> Iterator[Copy]:
        """Placed, paid, edited; each delivery may come twice."""
        said: dict[str, Any] = {
            "names": order.names, "transaction_id": order.id, "value": f"{order.value:.2f}", "currency": "EUR",
            "user_data": {"email_address": order.visitor.email},
        }  # fmt: skip
        if self._chance(0.85):
            said["client_id"] = order.visitor.device
        if order.visitor.gclid and self._chance(0.8):
            said["gclid"] = order.visitor.gclid
        topics = [("order_created", 1.0, said)] if self._chance(0.5) else []
        topics.append(("purchase", 2.0 + self.luck.random() * 60, said))
        if self._chance(0.1):
            topics.append(("order_updated", 90.0, {**said, "value": f"{order.value - 5:.2f}"}))
        for name, delay, data in topics:
            data = {**data, "delivery_id": f"{name} {order.id}"}
            yield self._copy(order, name, "shopify", "server", delay, **data)
            if self._chance(0.1):
                yield self._copy(order, name, "shopify", "server", delay + 10, **data)

    def _copy(self, order: Order, name: str, client: str, source: str, delay: float, **data: Any) -> Copy:
        told = {**data, "market": order.market, "at": order.at}
        return Copy(order, name, client, source, order.at + delay, told)


def hash_of(text: str) -> int:
    """The same in every process."""
    return random.Random(text).randrange(10**9)
