"""A day of two shops whose truth is known: how many copies are recognised, and how often each order is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import pytest
from copies import CONVERSIONS, Shop
from shop_history import Copy, History, Order

SCOPED = CONVERSIONS.replace("  data_from:", '  scope: "{{ event.market }}"\n  data_from:', 1)


@dataclass
class Day:
    """Which conversion every copy was taken for, and how often each order was sent (by its truth)."""

    history: History
    conversions: dict[int, list[Copy]]
    sent: Counter[int]

    def connected(self) -> list[Order]:
        """Orders whose every copy shares a name or a link with what was known of it: nothing is left to chance."""
        return [order for order in self.history.orders if shared(self.of(order), "marks") and not self.alike(order)]

    def hinted(self) -> list[Order]:
        """The rest, as far as there is anything to go by: whose order it is, and what it cost."""
        orders = [order for order in self.history.orders if not shared(self.of(order), "marks")]
        return [order for order in orders if shared(self.of(order), "marks", "hints")]

    def alike(self, order: Order) -> bool:
        """Whether a nameless copy of another order could as well be of this one."""
        nameless = [copy.order for copy in self.history.copies if copy.runs and not copy.named]
        return any(
            other is not order and (other.value, other.visitor.device) == (order.value, order.visitor.device)
            for other in nameless
        )

    def of(self, order: Order) -> list[Copy]:
        return [copy for copy in self.history.copies if copy.order is order]

    def once(self, orders: list[Order]) -> float:
        """The share that was sent exactly once."""
        return sum(self.sent[order.truth] == 1 for order in orders) / len(orders)

    def joined_wrongly(self) -> list[tuple[Copy, Copy]]:
        pairs = (pair for copies in self.conversions.values() for pair in combinations(copies, 2))
        return [(one, other) for one, other in pairs if one.order is not other.order]

    def precision_and_recall(self) -> tuple[float, float]:
        """Of all pairs of copies: how many joined ones belong together, how many that belong together are joined."""
        copies = Counter(copy.order.truth for copies in self.conversions.values() for copy in copies)
        true = sum(count * (count - 1) // 2 for count in copies.values())
        joined = sum(len(copies) * (len(copies) - 1) // 2 for copies in self.conversions.values())
        right = joined - len(self.joined_wrongly())
        return right / joined, right / true


def shared(copies: list[Copy], *by: str) -> bool:
    """Whether every copy shares something with those before it."""
    told = [{mark for kind in by for mark in getattr(copy, kind)} for copy in copies]
    return all(told[i] & set().union(*told[:i]) for i in range(1, len(told)))


async def lived(seed: int, **habits: float) -> Day:
    history, shop = History(seed, **habits), Shop(SCOPED)
    start = shop.now
    told: dict[str, Copy] = {}
    sent: Counter[int] = Counter()
    for copy in history.copies:
        shop.now = start + copy.arrival
        data = {**copy.data, "at": start + copy.data["at"]}
        event = shop.event(copy.name, copy.client, copy.source, 0.0, data)
        [decision] = await shop.tell(event)
        sent[copy.order.truth] += len(decision.calls)
        told[event.id] = copy
    known = shop.ledger.conversions(range(1, len(told) + 1))
    conversions = {stored.number: [told[copy[3]] for copy in stored.state["copies"]] for stored in known.values()}
    return Day(history, conversions, sent)


def check_what_was_joined(day: Day) -> None:
    for one, other in day.joined_wrongly():
        assert not (one.named and other.named), "two names are never one order"
        assert one.order.market == other.order.market, "nor are two shops' orders"
        assert one.order.value == other.order.value, "and where the amount can tell, it does"


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_day_of_two_shops(seed: int) -> None:
    day = await lived(seed)
    numbers = Counter(order.number for order in day.history.orders)
    assert len(day.history.orders) > 700 and max(numbers.values()) == 2, "both shops have an order of one number"
    connected, hinted = day.connected(), day.hinted()
    assert len(connected) > 600 and len(hinted) > 30
    assert day.once(connected) >= 0.999
    assert day.once(hinted) >= 0.98
    precision, recall = day.precision_and_recall()
    assert precision >= 0.995 and recall >= 0.99
    check_what_was_joined(day)


async def test_a_day_on_which_much_is_alike() -> None:
    """Every third page names no order, every third device is shared, and who buys again mostly buys the same."""
    day = await lived(1, nameless=0.3, again=0.4, alike=0.6, shared=0.3)
    connected, hinted = day.connected(), day.hinted()
    assert len(connected) > 600 and len(hinted) > 250
    assert day.once(connected) >= 0.999
    assert day.once(hinted) >= 0.95
    precision, recall = day.precision_and_recall()
    assert precision >= 0.95 and recall >= 0.97
    check_what_was_joined(day)
