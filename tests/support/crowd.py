"""Shoppers at a running shop: each order told three times, by the page, the shop's webhook and the CRM, in any order.

Whoever gets no answer tries again, as browsers' retries and webhooks do, or gives up; both happen in the field.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from live import BROWSER, VENDORS, order_of, paid_order, purchase_hit
from processes import ENVIRONMENT, ask

from container.delivery.outcomes import MAYBE
from container.ledger.interface import Store

TAKEN = frozenset((200, 204))
NOT_NOW = frozenset((0, 503))  # nobody there, or a store that takes nothing at the moment
THREADS = 8
REFUSED = ":500"  # the vendor double's fault in which nothing was taken
AGAIN = 0.05  # seconds until a copy without an answer is told again
TAGS = {
    "meta_purchase": "{template: meta_conversions_api, wait: {for: [browser, server], most: 2s}, params: "
    '{pixel_id: "{{ env.META_PIXEL_ID }}", access_token: "{{ secret.META_ACCESS_TOKEN }}"}}',
    "tiktok_purchase": "{template: tiktok_events_api, wait: {for: [browser, server], most: 2s}, params: "
    '{pixel_code: "{{ env.TIKTOK_PIXEL_CODE }}", access_token: "{{ secret.TIKTOK_ACCESS_TOKEN }}"}}',
    "ga4_purchase": "{template: ga4_measurement_protocol, params: "
    '{measurement_id: "{{ env.GA4_MEASUREMENT_ID }}", api_secret: "{{ secret.GA4_API_SECRET }}"}}',
}


def only_purchases(shop: Path) -> None:
    """The workspace with a purchase tag for each vendor, two of which wait for the other copy, and no other tags."""
    for path in (shop / "tags").iterdir():
        path.unlink()
    for id, tag in TAGS.items():
        (shop / "tags" / f"{id}.yaml").write_text(tag[:-1] + ", triggers: [purchase]}\n")


@dataclass(frozen=True)
class Copy:
    """One telling of an order. `insists`: told again until somebody answers."""

    order: str
    kind: str
    insists: bool = True

    def send(self, port: int) -> int:
        """The answer's status; 0 where there was none."""
        path, body, headers = getattr(self, f"_{self.kind}")()
        try:
            return ask(port, path, body, headers)[0]
        except (OSError, HTTPException):
            return 0

    def _page(self) -> tuple[str, bytes | None, dict[str, str]]:
        return purchase_hit(self.order), None, BROWSER

    def _webhook(self) -> tuple[str, bytes | None, dict[str, str]]:
        body, headers = paid_order(self.order, f"paid {self.order}")
        return "/webhooks/shopify", body, headers

    def _crm(self) -> tuple[str, bytes | None, dict[str, str]]:
        said = {"event_name": "purchase", "transaction_id": f"#{self.order}", "value": 149.9, "currency": "EUR"}
        token = {"Authorization": f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}", "Content-Type": "application/json"}
        return "/events", json.dumps(said).encode(), token


@dataclass
class Crowd:
    """Many threads that tell copies to `port()` until all of them are told or given up.

    `rate`: new orders a second. `spread`: seconds within which an order's copies come. `fickle`: the share of copies
    that are not told again.
    """

    port: Callable[[], int]
    orders: Iterator[int]
    luck: random.Random
    rate: float = 1e9
    spread: float = 0.3
    fickle: float = 0.0
    answered: set[tuple[str, str]] = field(default_factory=set)  # order, kind
    strange: Counter[int] = field(default_factory=Counter)  # statuses that are neither "taken" nor "not now"

    def __post_init__(self) -> None:
        self._waiting: list[tuple[float, int, Copy]] = []
        self._lock = threading.Lock()
        self._orders = 0
        self._copies = itertools.count()
        self._busy = 0
        self._started = time.monotonic()
        self._open = True
        self._threads = [threading.Thread(target=self._shop) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def enough(self) -> None:
        """No new orders."""
        self._open = False

    def wait(self) -> None:
        """Until every copy has been told or given up."""
        for thread in self._threads:
            thread.join()

    def _shop(self) -> None:
        while True:
            with self._lock:
                copy = self._next()
                if copy is None and not (self._waiting or self._busy or self._open):
                    return
                self._busy += copy is not None
            if copy is None:
                time.sleep(0.005)
            else:
                self._tell(copy)

    def _next(self) -> Copy | None:
        now = time.monotonic()
        if self._open and self._orders < self.rate * (now - self._started) and len(self._waiting) < 1000:
            number = next(self.orders, None)
            if number is None:
                self._open = False
            else:
                self._expect(str(number), now)
        if self._waiting and self._waiting[0][0] <= now:
            return heapq.heappop(self._waiting)[2]
        return None

    def _expect(self, order: str, now: float) -> None:
        self._orders += 1
        for kind in ("page", "webhook", "crm"):
            copy = Copy(order, kind, self.luck.random() >= self.fickle)
            self._wait(copy, now + self.luck.choice((0.0, 0.01, self.spread)) * self.luck.random())

    def _wait(self, copy: Copy, until: float) -> None:
        heapq.heappush(self._waiting, (until, next(self._copies), copy))

    def _tell(self, copy: Copy) -> None:
        status = copy.send(self.port())
        with self._lock:
            self._busy -= 1
            if status in TAKEN:
                self.answered.add((copy.order, copy.kind))
            elif status not in NOT_NOW:
                self.strange[status] += 1
            elif copy.insists:
                self._wait(copy, time.monotonic() + AGAIN)

    @property
    def answered_orders(self) -> set[str]:
        """Orders whose page, which brought the consent, got a 2xx: these have to be sent."""
        return {order for order, kind in self.answered if kind == "page"}


@dataclass
class Reckoning:
    """Every order of every vendor, held against what the vendors got. An entry is a vendor and an order."""

    lost: set[tuple[str, str]] = field(default_factory=set)
    doubled: set[tuple[str, str]] = field(default_factory=set)
    renamed: set[tuple[str, str]] = field(default_factory=set)  # told twice, under two event ids
    repeated: int = 0  # told again after a doubt that is recorded, where the vendor drops a second copy
    unknown: int = 0
    told: int = 0  # vendors and orders
    failed: list[str] = field(default_factory=list)  # other outcomes that stayed in the outbox

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing told twice but where it is recorded that the first may not have arrived."""
        return not (self.lost or self.doubled or self.renamed or self.failed)


def reckon(answered: set[str], calls: list[dict[str, Any]], store: Store) -> Reckoning:
    """Hold `answered` orders against the vendors' `calls`."""
    found = Reckoning()
    got = _told(calls)
    rows = [failure.row for failure in store.failures()]
    found.failed = [f"{row.call.tag} {row.state}: {row.reason}" for row in rows if row.state != "unknown"]
    unknown = {(row.call.tag.removesuffix("_purchase"), row.call.transaction_id) for row in rows}
    found.unknown, found.told = len(rows), len(got)
    doubted = _doubted(store)
    for vendor in VENDORS.values():
        found.lost |= {(vendor, order) for order in answered if (vendor, order) not in got} - unknown
    for one, ids in got.items():
        again = len(ids) - 1
        if again and len(set(ids)) > 1:
            found.renamed.add(one)
        if again > doubted[one] or (again and one[0] == "meta"):
            found.doubled.add(one)
        found.repeated += again
    return found


def _told(calls: list[dict[str, Any]]) -> dict[tuple[str, str], list[str]]:
    got: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        if REFUSED in call.get("fault", ""):
            continue
        for event in call["body"].get("data") or call["body"].get("events") or []:
            id = event.get("event_id") or event["params"]["transaction_id"]
            got.setdefault((VENDORS[call["host"]], order_of(event)), []).append(id)
    return got


def _doubted(store: Store) -> Counter[tuple[str, str]]:
    """How often an attempt at the call ended without anybody knowing whether it had arrived."""
    doubts: Counter[tuple[str, str]] = Counter()
    for record in store.recent(1_000_000):
        for delivery in store.deliveries(record["id"]):
            if delivery.reason.startswith(MAYBE):
                order = record["conversion"]["transaction_id"]
                doubts[delivery.tag.removesuffix("_purchase"), order] += 1
    return doubts
