"""A vendor's bad day: down for an hour, random errors, one event that spoils its batch. Real store, real HTTP."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from delivering import META, TIKTOK, SomeRules, call, event_of, queue, reveal, rules_of, served, until

from container.cli.sink.app import Sink
from container.cli.sink.faults import Faults
from container.delivery import Delivery
from container.delivery.queue import MOST
from container.ledger.interface import Row
from container.ledger.sqlite import SqliteStore

NOW = 1_800_000_000.0
HOUR = 3600.0
WAITING = 2500  # more than memory holds at once
BATCH = 50
IN_FLIGHT = 4 * BATCH  # calls that may overtake each other on the way


class Bench:
    """A delivery over a store on disk, with a clock that is set by hand."""

    def __init__(self, store: SqliteStore, sink: Sink, url: str) -> None:
        self.store, self.sink, self.url = store, sink, url
        self.now = NOW

    async def start(self, most: int = BATCH, poll: float = 0.01) -> Delivery:
        rules = rules_of(SomeRules(most=most))
        self.delivery = Delivery(
            self.store, rules, reveal, database=self.store.path, vendors=self.url, clock=lambda: self.now, poll=poll
        )
        await self.delivery.start()
        await asyncio.sleep(0)  # the first look at the table, which is over without waiting
        return self.delivery

    def taken(self) -> list[str]:
        """The event ids the vendor took, in the order in which they came."""
        good = (one["body"]["data"] for one in self.sink.calls if "fault" not in one)
        return [event["event_id"] for events in good for event in events]

    async def until(self, holds: Callable[[], bool], step: float = 0.0) -> None:
        """Wait for it, with the clock going on by `step` at each look."""

        def look() -> bool:
            self.now += step
            return holds()

        await until(look)

    def empty(self) -> bool:
        return self.store.depth()[0] == 0


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = SqliteStore(tmp_path / "tagport.db")
    async with served() as (sink, url):
        bench = Bench(store, sink, url)
        yield bench
        await bench.delivery.stop(2)
    store.close()


@pytest.fixture
def rows_in_memory() -> Iterator[Callable[[], int]]:
    """How many there are that were made since."""
    gc.collect()
    gc.freeze()
    yield lambda: sum(isinstance(one, Row) for one in gc.get_objects())
    gc.unfreeze()


def ids(count: int) -> list[str]:
    return [f"E{number}" for number in range(count)]


async def test_a_vendor_that_is_down_for_an_hour_gets_everything_afterwards_oldest_first(
    bench: Bench, rows_in_memory: Callable[[], int]
) -> None:
    bench.sink.faults = Faults.of(["tiktok:503"])
    delivery = await bench.start()
    for begin in range(0, WAITING, 250):
        delivery.hand_over(await queue(bench.store, *(call(TIKTOK, event_id=id) for id in ids(WAITING)[begin:][:250])))
        await asyncio.sleep(0)
    await bench.until(lambda: delivery.accounts[f"{TIKTOK} 1"].gate.shut)
    await bench.until(lambda: bench.now >= NOW + HOUR, step=5)
    assert not bench.taken()
    assert rows_in_memory() < BATCH, "they wait on disk"
    assert len(bench.sink.calls) < 60, "an hour of single probes"
    bench.sink.faults = Faults.of([])
    most = 0

    def all_sent() -> bool:
        nonlocal most
        most = max(most, rows_in_memory())
        return bench.empty()

    await bench.until(all_sent, step=1)
    taken = bench.taken()
    assert Counter(taken) == dict.fromkeys(ids(WAITING), 1)
    assert most < 2 * MOST
    tried = {event["event_id"] for one in bench.sink.calls if "fault" in one for event in one["body"]["data"]}
    fresh = [int(id[1:]) for id in taken if id not in tried]  # the others come when their own wait is over
    assert len(fresh) > WAITING / 2
    assert all(abs(number - place) <= IN_FLIGHT for place, number in zip(sorted(fresh), fresh, strict=True))
    assert bench.store.failures() == []


async def test_of_random_errors_nothing_is_lost_and_nothing_doubled(bench: Bench) -> None:
    random.seed(7)
    bench.sink.faults = Faults.of(["meta:500:20%"])
    delivery = await bench.start(most=5)
    delivery.hand_over(await queue(bench.store, *(call(META, event_id=id) for id in ids(300))))
    await bench.until(bench.empty, step=0.5)
    assert any("fault" in one for one in bench.sink.calls)
    assert Counter(bench.taken()) == dict.fromkeys(ids(300), 1)
    assert bench.store.failures() == []


async def test_one_poisonous_event_in_a_thousand_is_the_only_one_that_fails(bench: Bench) -> None:
    poison = event_of(META, "E617", event_name="Purchase", custom_data={})
    calls = [call(META, event_id=id, item=poison if id == "E617" else None) for id in ids(1000)]
    delivery = await bench.start(most=1000, poll=60)  # what is handed over is not read from the table before
    delivery.hand_over(await queue(bench.store, *calls))
    await bench.until(lambda: bench.empty() and not bench.store.sending())
    sizes = [len(one["body"]["data"]) for one in bench.sink.calls]
    assert sizes[0] == 1000
    assert len(sizes) <= 1 + 2 * 10, "each halving asks twice"
    assert [failure.row.call.event_id for failure in bench.store.failures()] == ["E617"]
    told = Counter(one.outcome for id in ids(1000) for one in bench.store.deliveries(f"R{id}"))
    assert told == {"delivered": 999, "refused": 1}
