"""What arrives together is taken together, and what goes wrong with one request is that request's alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from copies import Shop

from container.conversion import Conversion
from container.decision import Decision
from container.dedup import recent, rounds
from container.errors import NotStored
from container.event import Event
from container.ledger.interface import Store, Writing
from container.ledger.memory import MemoryStore
from container.ledger.sqlite import SqliteStore

T = TypeVar("T")


class Counting(MemoryStore):
    """Counts pieces of work, and questions for names."""

    def __init__(self) -> None:
        super().__init__()
        self.works = self.questions = 0

    async def write(self, work: Callable[[Writing], T]) -> T:
        self.works += 1
        return await super().write(work)

    def find(self, *asked: Any) -> list[tuple[bytes, int]]:
        self.questions += 1
        return super().find(*asked)


@pytest.fixture(params=["memory", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    store: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "tagport.db")
    yield Shop(store=store)
    store.close()


async def together(shop: Shop, *events: Event, decide: rounds.Decide | None = None) -> list[Any]:
    """Each event a request of its own, all in one turn of the loop."""
    fires = (shop.dedup.fire([event], decide or shop.decide) for event in events)
    return await asyncio.gather(*fires, return_exceptions=True)


def verdicts(written: list[Any]) -> list[str]:
    return [one.decisions[0].tags[0].decision for one in written]


async def test_requests_that_arrive_together_are_one_piece_of_work_and_one_question() -> None:
    store = Counting()
    shop = Shop(store=store)
    written = await together(shop, *(shop.browser(transaction_id=str(order)) for order in range(9)))
    assert verdicts(written) == ["fired"] * 9
    assert (store.works, store.questions) == (1, 1)


async def test_one_round_is_no_longer_than_the_loop_can_spare() -> None:
    store = Counting()
    shop = Shop(store=store)
    written = await together(shop, *(shop.browser(transaction_id=str(order)) for order in range(2 * rounds.MOST + 1)))
    assert verdicts(written) == ["fired"] * (2 * rounds.MOST + 1)
    assert store.works == 3


async def test_copies_of_one_order_in_a_round_fire_once_and_others_between_them_too(shop: Shop) -> None:
    order = [shop.browser(transaction_id="1") for _ in range(3)]
    written = await together(shop, order[0], shop.browser(transaction_id="2"), *order[1:])
    assert verdicts(written) == ["fired", "fired", "suppressed", "suppressed"]
    assert [len(one.rows) for one in written] == [1, 1, 0, 0]


async def test_conversions_are_numbered_in_order_of_arrival(shop: Shop) -> None:
    await together(shop, shop.browser(transaction_id="1", client_id="1.1"))
    known, new = shop.browser(transaction_id="2", client_id="1.1"), shop.browser(transaction_id="3")
    written = await together(shop, known, new)
    assert [row.conversion for one in written for row in one.rows] == [2, 3]


async def test_copies_of_one_order_fire_once_though_so_much_came_between_them_that_the_first_is_forgotten(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "REMEMBERED", 1)
    orders = [shop.browser(transaction_id=order) for order in ("1", "2", "3", "1")]
    assert verdicts(await together(shop, *orders)) == ["fired", "fired", "fired", "suppressed"]


async def test_a_decision_that_fails_is_its_callers_alone(shop: Shop) -> None:
    def decide(event: Event, conversion: Conversion) -> Decision:
        if event.data["transaction_id"] == "2":
            raise ValueError("this one")
        return shop.decide(event, conversion)

    orders = [shop.browser(transaction_id=str(order)) for order in (1, 2, 3)]
    first, second, third = await together(shop, *orders, decide=decide)
    assert isinstance(second, ValueError)
    assert verdicts([first, third]) == ["fired", "fired"]
    assert {row.record for row in shop.ledger.due(9e18, 9)} == {first.rows[0].record, third.rows[0].record}


async def test_a_write_that_fails_is_its_callers_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    write = shop.dedup._rounds._write

    def failing(ledger: Writing, copies: Any) -> None:
        write(ledger, copies)
        if any(copy.event.data["transaction_id"] == "2" for copy in copies):
            raise ValueError("this one")

    monkeypatch.setattr(shop.dedup._rounds, "_write", failing)
    first, second, third = await together(shop, *(shop.browser(transaction_id=str(order)) for order in (1, 2, 3)))
    assert isinstance(second, ValueError)
    assert verdicts([first, third]) == ["fired", "fired"]
    assert {row.record for row in shop.ledger.due(9e18, 9)} == {first.rows[0].record, third.rows[0].record}


async def test_a_caller_who_goes_away_is_written_all_the_same(shop: Shop) -> None:
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(shop.dedup.fire([shop.browser(transaction_id="1")], shop.decide))
        group.create_task(shop.dedup.fire([shop.browser(transaction_id="2")], shop.decide))
        await asyncio.sleep(0)
        gone.cancel()
    assert len(shop.ledger.due(9e18, 9)) == 2
    assert verdicts(await together(shop, shop.browser(transaction_id="1"))) == ["suppressed"]


async def test_more_than_can_wait_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "WAITING", 2)
    written = await together(shop, *(shop.browser(transaction_id=str(order)) for order in (1, 2, 3)))
    assert verdicts(written[:2]) == ["fired", "fired"]
    assert isinstance(written[2], NotStored)
    assert verdicts(await together(shop, shop.browser(transaction_id="3"))) == ["fired"]


async def test_what_writes_nothing_comes_to_no_store() -> None:
    store = Counting()
    shop = Shop(store=store, tags=())
    assert [len(one.rows) for one in await together(shop, shop.browser("scroll"), shop.browser("page_view"))] == [0, 0]
    assert (store.works, store.questions) == (0, 0)


async def test_events_of_no_conversion_are_decided_once_and_written_with_the_others() -> None:
    store = Counting()
    shop = Shop(store=store)
    decided: list[str] = []

    def decide(event: Event, conversion: Conversion) -> Decision:
        decided.append(event.name)
        return shop.decide(event, conversion)

    written = await together(shop, shop.browser("page_view"), shop.browser(transaction_id="1"), decide=decide)
    assert verdicts(written) == ["fired", "fired"]
    assert (decided, store.works) == (["page_view", "purchase"], 1)
