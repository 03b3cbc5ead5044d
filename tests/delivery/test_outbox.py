from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from delivering import (
    GA4,
    META,
    PATIENCE,
    TIKTOK,
    SomeRules,
    call,
    conversions,
    event_of,
    queue,
    read_request,
    reveal,
    rules_of,
    socket_server,
    until,
)
from network import Network
from ports import free_port

from container.call import Rate
from container.cli.sink.app import Sink
from container.cli.sink.faults import Faults
from container.delivery import Delivery
from container.delivery.gate import STOPPED_PROBE
from container.delivery.owner import Owner
from container.errors import MissingSecret, NotStored
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.ledger.sqlite import SqliteStore

NOW = 1_800_000_000.0
DAY = 86400.0
Start = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Counts:
    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None:
        self.outcomes[outcome] += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
async def start(store: Store, sink: tuple[Sink, str], clock: Clock, counts: Counts) -> AsyncIterator[Start]:
    """Starts deliveries that look into the table all the time, to the vendor double where nothing else is said."""
    running: list[Delivery] = []

    async def starting(rules: SomeRules | None = None, **changes: Any) -> Delivery:
        options = {"vendors": sink[1], "clock": clock, "poll": 0.01, "counts": counts, "reveal": reveal, **changes}
        options.setdefault("database", getattr(store, "path", None))
        found = Delivery(options.pop("store", store), rules_of(rules or SomeRules()), options.pop("reveal"), **options)
        running.append(found)
        await found.start()
        await asyncio.sleep(0)  # the first look at the table, which is over without waiting
        return found

    yield starting
    for one in running:
        await one.stop(2)


def sent(sink: tuple[Sink, str]) -> list[list[str]]:
    """The event ids of every call that came in, by request."""
    return [[event["event_id"] for event in one["body"]["data"]] for one in sink[0].calls]


def all_sent(sink: tuple[Sink, str]) -> Counter[str]:
    return Counter(id for ids in sent(sink) for id in ids)


def states(store: Store) -> dict[str, str]:
    """Of the calls kept as failures: event id → state."""
    return {failure.row.call.event_id: failure.row.state for failure in store.failures()}


def empty(store: Store) -> bool:
    return store.depth()[0] == 0


class Held:
    """A vendor that answers nobody until it may. `asked`: the bodies that came in."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answers = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content))
        await self.answers.wait()
        return httpx.Response(200)


def all_done(store: Store) -> bool:
    """Neither queued nor kept; asked twice, as calls move from one to the other while one asks."""
    return not states(store) and empty(store) and not states(store)


def ids(count: int) -> list[str]:
    return [f"E{number}" for number in range(count)]


class TestSending:
    async def test_what_is_handed_over_goes_out_and_leaves_the_outbox(
        self, start: Start, store: Store, sink: tuple[Sink, str], counts: Counts
    ) -> None:
        delivery = await start(poll=60)
        rows = await queue(store, call(event_id="E1"))
        delivery.hand_over(rows)
        await until(lambda: empty(store))
        assert sent(sink) == [["E1"]]
        assert sink[0].calls[0]["host"] == META
        assert sink[0].calls[0]["headers"]["authorization"] == "Bearer value-of-META_ACCESS_TOKEN"
        told = store.deliveries("RE1")
        assert [(one.outcome, one.status, one.attempt, one.tag) for one in told] == [("delivered", 200, 1, "a_tag")]
        assert told[0].took > 0
        await until(lambda: counts.outcomes == {"delivered": 1})  # counted once it is on disk
        assert store.failures() == []

    async def test_what_lies_in_the_table_at_start_goes_out(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        await queue(store, *(call(event_id=id) for id in ids(3)))
        await start()
        await until(lambda: empty(store))
        assert all_sent(sink) == dict.fromkeys(ids(3), 1)

    async def test_what_was_handed_over_before_the_start_goes_out(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = Delivery(store, rules_of(SomeRules()), reveal, vendors=sink[1])
        delivery.hand_over(await queue(store, call()))
        await delivery.start()
        delivery.hand_over(await queue(store, call(event_id="E2")))
        await until(lambda: empty(store))
        await delivery.stop(1)
        assert all_sent(sink) == {"E1": 1, "E2": 1}

    async def test_every_vendor_gets_its_own(self, start: Start, store: Store, sink: tuple[Sink, str]) -> None:
        delivery = await start()
        delivery.hand_over(await queue(store, call(META), call(TIKTOK), call(GA4)))
        await until(lambda: empty(store))
        assert {one["host"] for one in sink[0].calls} == {META, TIKTOK, GA4}
        assert sorted(one.outcome for one in store.deliveries("RE1")) == ["accepted", "delivered", "delivered"]

    async def test_the_attempt_is_on_disk_before_the_first_byte_leaves(self, start: Start, store: Store) -> None:
        seen: list[tuple[str, int, str]] = []

        def handle(request: httpx.Request) -> httpx.Response:
            seen.extend((owner, row.attempts, row.state) for owner, row in store.sending())
            return httpx.Response(200)

        delivery = await start(vendors=None, http=Network(handle))
        delivery.hand_over(await queue(store, call()))
        await until(lambda: empty(store))
        assert seen == [(delivery.owner.id, 1, "sending")]

    async def test_a_call_that_was_withdrawn_meanwhile_is_not_sent(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = await start()
        rows = await conversions(store, [call(event_id="E1"), call(event_id="E2")])
        number = rows[0].conversion
        assert number is not None
        await store.write(lambda writing: writing.cancel(number, ["ad_storage"]))
        delivery.hand_over(rows)
        await until(lambda: empty(store))
        assert all_sent(sink) == {"E2": 1}

    async def test_two_processes_on_one_store_send_each_call_once(
        self, start: Start, store: Store, sink: tuple[Sink, str], tmp_path: Path
    ) -> None:
        database = tmp_path / "tagport.db"
        deliveries = [await start(database=database) for _ in range(2)]
        for number in range(30):
            rows = await queue(store, call(event_id=f"E{number}"))
            for one in deliveries:
                one.hand_over(rows)
        await until(lambda: empty(store))
        assert all_sent(sink) == dict.fromkeys(ids(30), 1)


class TestBatches:
    async def test_what_is_handed_over_together_goes_together(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = await start(poll=60)
        delivery.hand_over(await queue(store, *(call(event_id=id) for id in ids(5))))
        await until(lambda: empty(store))
        assert sent(sink) == [ids(5)]

    async def test_idle_sends_at_once_and_busy_joins_what_piled_up(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        vendor = Held()
        delivery = await start(poll=60, vendors=None, http=Network(vendor))
        for number, id in enumerate(ids(20)):
            delivery.hand_over(await queue(store, call(event_id=id)))
            await until(lambda number=number: len(vendor.asked) == min(number + 1, 4))
        vendor.answers.set()
        await until(lambda: empty(store))
        assert [len(body["data"]) for body in vendor.asked] == [1, 1, 1, 1, 16]

    async def test_two_of_one_conversion_go_in_two_requests(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = await start(poll=60)
        two = await queue(store, call(event_id="E1"), call(event_id="E2"), conversion=1)
        delivery.hand_over([*two, *await queue(store, call(event_id="E3"))])
        await until(lambda: empty(store))
        assert sorted(sent(sink)) == [["E1", "E3"], ["E2"]]

    async def test_a_refused_batch_is_halved_down_to_the_guilty(
        self, start: Start, store: Store, sink: tuple[Sink, str], counts: Counts
    ) -> None:
        bad = event_of(META, "E5", event_name="Purchase", custom_data={})
        calls = [call(event_id=id, item=bad if id == "E5" else None) for id in ids(16)]
        delivery = await start(poll=60)
        delivery.hand_over(await conversions(store, calls))
        await until(lambda: empty(store))
        assert states(store) == {"E5": "refused"}
        assert "2804009" in store.failures()[0].row.reason
        await until(lambda: counts.outcomes == {"delivered": 15, "refused": 1})
        assert len(sent(sink)) == 9  # 16, then two halves each of 16, 8, 4 and 2
        assert store.firings(store.failures()[0].row.conversion or 0)[calls[5].target].state == "void"

    async def test_where_the_vendor_refuses_one_by_one_nothing_is_halved(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        sink[0].faults = Faults.of(["meta:400"])
        delivery = await start(SomeRules(split_on_refusal=False), poll=60)
        delivery.hand_over(await queue(store, *(call(event_id=id) for id in ids(4))))
        await until(lambda: len(store.failures()) == 4)
        assert len(sink[0].calls) == 1

    async def test_more_than_memory_takes_is_all_sent_once(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = await start(poll=60)
        rows = await queue(store, *(call(event_id=id) for id in ids(2500)))
        delivery.hand_over(rows)
        assert len(delivery.accounts[rows[0].call.account].queue) == 1000
        await until(lambda: empty(store))
        assert all_sent(sink) == dict.fromkeys(ids(2500), 1)

    async def test_a_long_table_is_worked_off_without_waiting_for_the_next_look(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        await queue(store, *(call(event_id=id) for id in ids(1500)))
        await start(poll=60)
        await until(lambda: empty(store))
        assert all_sent(sink) == dict.fromkeys(ids(1500), 1)

    async def test_calls_that_cannot_be_joined_go_side_by_side(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        vendor = Held()
        delivery = await start(vendors=None, http=Network(vendor))
        delivery.hand_over(await queue(store, *(call(GA4, event_id=id) for id in ids(20))))
        await until(lambda: len(vendor.asked) == 20)
        vendor.answers.set()
        await until(lambda: empty(store))
        assert len(vendor.asked) == 20


class TestRate:
    async def test_no_more_requests_than_the_vendor_takes_and_what_waits_is_joined(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        delivery = await start(SomeRules(most=2, rate=Rate(10, 60.0)))
        delivery.hand_over(await queue(store, *(call(event_id=id) for id in ids(8))))
        for requests in (1, 2, 3):
            await until(lambda: len(sink[0].calls) == requests and store.sending() == [])
            await asyncio.sleep(0.05)
            assert len(sink[0].calls) == requests, "and no more, as long as the clock stands still"
            clock.now += 6.1
        await until(lambda: empty(store))
        assert sent(sink) == [["E0", "E1"], ["E2", "E3"], ["E4", "E5"], ["E6", "E7"]]

    async def test_it_goes_on_by_itself(self, start: Start, store: Store, sink: tuple[Sink, str]) -> None:
        delivery = await start(SomeRules(most=1, rate=Rate(10, 1.0)), poll=60, clock=time.time)
        delivery.hand_over(await queue(store, *(call(event_id=id) for id in ids(5)), now=time.time()))
        await until(lambda: empty(store))
        assert [id for request in sent(sink) for id in request] == ids(5)

    async def test_halves_count_too(self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock) -> None:
        bad = event_of(META, "E0", event_name="Purchase", custom_data={})
        delivery = await start(SomeRules(rate=Rate(10, 60.0)))
        delivery.hand_over(await queue(store, call(event_id="E0", item=bad), call(event_id="E1")))
        await until(lambda: empty(store))
        delivery.hand_over(await queue(store, call(event_id="E2")))
        clock.now += 6.1
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 3, "the batch and its two halves"
        clock.now += 12
        await until(lambda: all_sent(sink)["E2"] == 1)

    async def test_all_accounts_of_a_vendor_may_share_one(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        delivery = await start(SomeRules(most=1, rate=Rate(10, 60.0, shared=True)))
        other = f"{META} 2 Purchase"
        calls = (call(event_id="E0"), call(event_id="E1", target=other), call(TIKTOK, event_id="E2"))
        delivery.hand_over(await queue(store, *calls))
        await until(lambda: len(sink[0].calls) == 2 and store.sending() == [])
        await asyncio.sleep(0.05)
        assert all_sent(sink) == {"E0": 1, "E2": 1}, "the second account waits for the first one's request"
        clock.now += 6.1
        await until(lambda: empty(store))

    async def test_each_account_has_its_own(self, start: Start, store: Store, sink: tuple[Sink, str]) -> None:
        delivery = await start(SomeRules(rate=Rate(1, 60.0)))
        delivery.hand_over(await queue(store, call(META), call(TIKTOK)))
        await until(lambda: empty(store))
        assert len(sink[0].calls) == 2


class TestTroubles:
    async def test_a_busy_vendor_is_tried_again_not_before_it_wants(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        sink[0].faults = Faults.of(["meta:429:x1:retry-after=30"])
        delivery = await start()
        delivery.hand_over(await queue(store, call()))
        await until(lambda: len(store.deliveries("RE1")) == 1)
        clock.now += 29
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 1
        clock.now += 2
        await until(lambda: empty(store))
        assert [(one.outcome, one.status) for one in store.deliveries("RE1")] == [("retry", 429), ("delivered", 200)]
        assert sent(sink) == [["E1"], ["E1"]]

    @pytest.mark.parametrize("fault", ["hangup", "reset", "cut", "slow=60s"])
    async def test_an_unanswered_call_is_repeated_where_the_vendor_drops_the_second(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock, fault: str
    ) -> None:
        sink[0].faults = Faults.of([f"meta:{fault}:x1"])
        delivery = await start()
        delivery.hand_over(await queue(store, call(timeout=1.0 if "slow" in fault else PATIENCE)))
        await until(lambda: store.deliveries("RE1"))
        clock.now += 2
        await until(lambda: empty(store))
        assert sent(sink) == [["E1"], ["E1"]]
        first, second = store.deliveries("RE1")
        assert (first.outcome, second.outcome) == ("retry", "delivered")
        assert first.reason.startswith("may have arrived: ")

    @pytest.mark.parametrize("fault", ["hangup", "reset", "slow=60s"])
    async def test_an_unanswered_call_is_unknown_where_it_does_not(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock, fault: str
    ) -> None:
        sink[0].faults = Faults.of([f"ga4:{fault}"])
        delivery = await start()
        timeout = 1.0 if "slow" in fault else PATIENCE
        rows = await conversions(store, [call(GA4, retry_ambiguous=False, timeout=timeout)])
        delivery.hand_over(rows)
        await until(lambda: states(store) == {"E1": "unknown"})
        clock.now += DAY
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 1
        assert store.firings(rows[0].conversion or 0)[rows[0].call.target].state == "live"

    @pytest.mark.parametrize("fault", ["slow=60s", "stall"])
    async def test_a_vendor_that_falls_silent_is_not_waited_for_to_the_end(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock, fault: str
    ) -> None:
        sink[0].faults = Faults.of([f"meta:{fault}:x1"])
        delivery = await start()
        delivery.hand_over(await queue(store, call(read_timeout=0.5)))
        await until(lambda: store.deliveries("RE1"), PATIENCE / 2)
        assert store.deliveries("RE1")[0].reason == "may have arrived: the vendor was silent for 0.5 s"
        clock.now += 2
        await until(lambda: empty(store))
        assert sent(sink) == [["E1"], ["E1"]]

    async def test_a_vendor_that_cannot_be_reached_loses_nothing(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        port = free_port()
        delivery = await start(vendors=f"http://127.0.0.1:{port}")
        delivery.hand_over(await queue(store, call(GA4, retry_ambiguous=False)))
        await until(lambda: store.deliveries("RE1"))
        assert store.deliveries("RE1")[0].outcome == "retry"
        async with socket_server_on(port) as requests:
            clock.now += 5
            await until(lambda: empty(store))
        assert len(requests) == 1

    async def test_a_vendor_that_is_down_is_not_overrun(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        sink[0].faults = Faults.of(["ga4:500"])
        delivery = await start()
        for number in range(200):
            delivery.hand_over(await queue(store, call(GA4, event_id=f"E{number}")))
        account = delivery.accounts[f"{GA4} 1"]
        await until(lambda: account.gate.shut and account.flying == 0)
        assert len(sink[0].calls) < 60
        assert len(account.queue) == 0
        before = len(sink[0].calls)
        for _ in range(3):
            clock.now = account.gate.until
            await until(lambda: clock.now < account.gate.until)
        assert len(sink[0].calls) == before + 3
        sink[0].faults = Faults.of([])
        clock.now += 4000
        await until(lambda: empty(store))
        assert not account.gate.shut

    async def test_later_comes_back_after_hours(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        sink[0].faults = Faults.of(["meta:409:x1"])
        delivery = await start()
        delivery.hand_over(await queue(store, call()))
        await until(lambda: store.deliveries("RE1"))
        clock.now += 5.9 * 3600
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 1
        clock.now += 2 * 3600
        await until(lambda: empty(store))
        assert [one.outcome for one in store.deliveries("RE1")] == ["later", "delivered"]

    async def test_it_gives_up_in_the_end(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        answers = iter([httpx.Response(429)] * 40)

        def handle(request: httpx.Request) -> httpx.Response:
            return next(answers) if b'"E1"' in request.content else httpx.Response(200)

        delivery = await start(vendors=None, http=Network(handle), give_up_after=3600.0)
        await queue(store, call(event_id="E1"))
        for number in range(40):
            delivery.hand_over(await queue(store, call(event_id=f"OK{number}")))  # keeps the circuit closed
            clock.now += 3601
            done = len(store.deliveries("RE1"))
            await until(lambda done=done: states(store) or len(store.deliveries("RE1")) > done)
            if states(store):
                break
        assert states(store) == {"E1": "refused"}
        assert store.failures()[0].row.reason.startswith("gave up after 10 attempts, the last: 429")

    async def test_older_than_the_vendor_takes_is_never_sent(
        self, start: Start, store: Store, sink: tuple[Sink, str], counts: Counts
    ) -> None:
        delivery = await start(SomeRules(age=7 * DAY))
        old = call(event_id="E1", timestamp=NOW - 7 * DAY - 1)
        delivery.hand_over(await conversions(store, [old, call(event_id="E2", timestamp=NOW - 7 * DAY + 100)]))
        await until(lambda: empty(store))
        assert all_sent(sink) == {"E2": 1}
        assert states(store) == {"E1": "expired"}
        await until(lambda: counts.outcomes == {"expired": 1, "delivered": 1})
        failed = store.failures()[0].row
        assert store.firings(failed.conversion or 0)[old.target].state == "void"

    async def test_a_call_whose_template_is_gone_is_sent_by_http_alone(
        self, store: Store, sink: tuple[Sink, str]
    ) -> None:
        delivery = Delivery(store, lambda template: None, reveal, vendors=sink[1])
        await delivery.start()
        delivery.hand_over(await queue(store, call(event_id="E1"), call(event_id="E2")))
        await until(lambda: empty(store))
        await delivery.stop(1)
        assert sorted(sent(sink)) == [["E1"], ["E2"]]
        assert store.deliveries("RE1")[0].outcome == "accepted"

    async def test_a_store_that_is_busy_delays_but_loses_nothing(
        self, start: Start, sink: tuple[Sink, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Moody(MemoryStore):
            refusals = 0

            async def write(self, work: Any) -> Any:
                if self.refusals:
                    self.refusals -= 1
                    raise NotStored("busy")
                return await super().write(work)

        monkeypatch.setattr("container.delivery.outbox.STORE_WAIT", 0.01)
        monkeypatch.setattr("container.delivery.scribe.STORE_WAIT", 0.01)
        store = Moody()
        delivery = await start(store=store)

        rows = await queue(store, call(event_id="E1"))
        store.refusals = 3
        delivery.hand_over(rows)
        await until(lambda: empty(store))
        sink[0].faults = Faults.of(["meta:slow=0.1s"])
        rows = await queue(store, call(event_id="E2"))
        delivery.hand_over(rows)
        await until(lambda: len(sink[0].calls) == 2)
        store.refusals = 3
        await until(lambda: empty(store))
        assert sent(sink) == [["E1"], ["E2"]]

    async def test_an_unforeseen_failure_while_sending_leaves_no_call_in_limbo(
        self, start: Start, store: Store
    ) -> None:
        def handle(request: httpx.Request) -> httpx.Response:
            raise RuntimeError("a bug")

        delivery = await start(vendors=None, http=Network(handle))
        delivery.hand_over(await queue(store, call(retry_ambiguous=False)))
        await until(lambda: states(store) == {"E1": "unknown"})


@contextlib.asynccontextmanager
async def socket_server_on(port: int) -> AsyncIterator[list[bytes]]:
    requests: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    yield requests
    server.close()


class TestStopped:
    async def test_refused_credentials_stop_the_account_and_keep_its_calls(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        sink[0].faults = Faults.of(["meta:code=190"])
        delivery = await start()
        delivery.hand_over(await queue(store, call(event_id="E1")))
        await until(lambda: states(store) == {"E1": "stopped"})
        delivery.hand_over(await queue(store, call(event_id="E2"), call(TIKTOK, event_id="E3")))
        await until(lambda: store.depth()[0] == 1)
        await asyncio.sleep(0.05)
        assert [one["host"] for one in sink[0].calls] == [META, TIKTOK]
        assert list(delivery.stopped_accounts()) == [f"{META} 1"]
        assert "190" in delivery.stopped_accounts()[f"{META} 1"]
        assert store.depth()[0] == 1

    async def stopped(self, start: Start, store: Store, sink: tuple[Sink, str]) -> Delivery:
        sink[0].faults = Faults.of(["meta:code=190"])
        delivery: Delivery = await start()
        delivery.hand_over(await queue(store, call(event_id="E1")))
        await until(delivery.stopped_accounts)
        delivery.hand_over(await queue(store, call(event_id="E2"), call(event_id="E3")))
        await until(lambda: states(store) == {"E1": "stopped"})
        sink[0].faults = Faults.of([])
        sink[0].calls.clear()
        return delivery

    async def test_a_probe_every_ten_minutes_finds_out_that_all_is_well(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        delivery = await self.stopped(start, store, sink)
        clock.now += STOPPED_PROBE - 1
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 0
        clock.now += 1
        await until(lambda: all_done(store))
        assert all_sent(sink) == {"E1": 1, "E2": 1, "E3": 1}
        assert len(sent(sink)[0]) == 1
        assert delivery.stopped_accounts() == {}

    async def test_a_probe_that_fails_is_one_call(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        delivery = await self.stopped(start, store, sink)
        sink[0].faults = Faults.of(["meta:code=190"])
        for expected in (1, 2, 3):
            clock.now += STOPPED_PROBE
            await until(lambda expected=expected: len(sink[0].calls) == expected)
            await until(lambda: delivery.accounts[f"{META} 1"].flying == 0)
        await asyncio.sleep(0.05)
        assert len(sink[0].calls) == 3
        assert delivery.stopped_accounts()
        assert len(states(store)) + store.depth()[0] == 3

    async def test_it_can_be_resumed(self, start: Start, store: Store, sink: tuple[Sink, str]) -> None:
        delivery = await self.stopped(start, store, sink)
        assert await delivery.resume(f"{META} 1") == 1
        await until(lambda: all_done(store))
        assert all_sent(sink) == {"E1": 1, "E2": 1, "E3": 1}

    async def test_resending_a_stopped_call_from_outside_is_noticed(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        await self.stopped(start, store, sink)
        failed = [failure.row.id for failure in store.failures()]
        await store.write(lambda writing: writing.requeue(failed, clock.now))
        await until(lambda: all_done(store))
        assert all_sent(sink) == {"E1": 1, "E2": 1, "E3": 1}

    async def test_a_restart_tries_one_call_first(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        first = await self.stopped(start, store, sink)
        await first.stop(1)
        sink[0].faults = Faults.of(["meta:code=190"])
        second = await start()
        assert list(second.stopped_accounts()) == [f"{META} 1"]
        await until(lambda: len(sink[0].calls) == 1)
        await asyncio.sleep(0.05)
        assert list(map(len, sent(sink))) == [1]

    async def test_with_nothing_queued_the_stopped_call_itself_is_the_probe(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        sink[0].faults = Faults.of(["meta:code=190:x1"])
        delivery = await start()
        delivery.hand_over(await queue(store, call(event_id="E1")))
        await until(delivery.stopped_accounts)
        clock.now += STOPPED_PROBE
        await until(lambda: all_done(store))
        assert sent(sink) == [["E1"], ["E1"]]

    async def test_a_missing_secret_stops_until_it_is_there(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        known: dict[str, str] = {}

        def reveal_known(name: str) -> str:
            try:
                return known[name]
            except KeyError:
                raise MissingSecret(name) from None

        delivery = await start(reveal=reveal_known)
        delivery.hand_over(await queue(store, call()))
        await until(delivery.stopped_accounts)
        assert "META_ACCESS_TOKEN" in delivery.stopped_accounts()[f"{META} 1"]
        assert len(sink[0].calls) == 0
        known["META_ACCESS_TOKEN"] = "T"
        clock.now += STOPPED_PROBE
        await until(lambda: all_done(store))
        assert sink[0].calls[0]["headers"]["authorization"] == "Bearer T"


class TestStopping:
    async def test_what_is_under_way_is_finished_and_the_rest_stays_queued(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        sink[0].faults = Faults.of(["meta:slow=0.5s"])
        delivery = await start(SomeRules(most=1), poll=60)
        delivery.hand_over(await queue(store, *(call(event_id=id) for id in ids(20))))
        await until(lambda: len(sink[0].calls) == 4)
        await delivery.stop(PATIENCE)
        assert all_sent(sink) == dict.fromkeys(ids(4), 1)
        assert store.depth()[0] == 16
        assert store.sending() == [] and store.failures() == []
        await start()
        await until(lambda: empty(store))
        assert all_sent(sink) == dict.fromkeys(ids(20), 1)

    async def test_when_the_grace_is_over_what_has_no_answer_is_settled_as_such(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        sink[0].faults = Faults.of(["*:slow=60s"])
        delivery = await start()
        delivery.hand_over(
            await queue(store, call(META, event_id="E1"), call(GA4, event_id="E2", retry_ambiguous=False))
        )
        await until(lambda: len(sink[0].calls) == 2)
        started = asyncio.get_running_loop().time()
        await delivery.stop(0.1)
        assert asyncio.get_running_loop().time() - started < 30
        assert states(store) == {"E2": "unknown"}
        assert store.deliveries("RE1")[0].outcome == "retry"
        assert store.sending() == []

    async def test_a_batch_that_is_being_halved_is_released(
        self, start: Start, store: Store, sink: tuple[Sink, str]
    ) -> None:
        sink[0].faults = Faults.of(["meta:slow=0.2s"])
        bad = event_of(META, "E3", user_data={})
        delivery = await start()
        delivery.hand_over(await queue(store, *(call(event_id=id, item=bad if id == "E3" else None) for id in ids(4))))
        await until(lambda: len(sink[0].calls) == 1)
        await delivery.stop(PATIENCE)
        assert len(sink[0].calls) == 1
        assert store.depth()[0] == 4 and store.sending() == []


class TestCrash:
    """Rows that a process was sending when it died: `Owner` of a process that let go of its lock without settling."""

    async def crashed(self, store: Store, clock: Clock, *calls: Any) -> None:
        dead = Owner.beside(getattr(store, "path", None))
        dead.take()
        rows = await conversions(store, calls)
        await store.write(lambda writing: writing.attempt(dead.id, [row.id for row in rows], clock.now))
        dead.release()

    async def test_only_what_was_being_sent_is_in_doubt(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        await self.crashed(store, clock, call(event_id="E1"), call(GA4, event_id="E2", retry_ambiguous=False))
        await queue(store, call(GA4, event_id="E3", retry_ambiguous=False))
        await start()
        await until(lambda: empty(store))
        assert states(store) == {"E2": "unknown"}
        assert sorted((one["host"], one["body"].get("event_id", "")) for one in sink[0].calls) == [
            (META, ""),
            (GA4, "E3"),
        ]
        assert [one.outcome for one in store.deliveries("RE1")] == ["retry", "delivered"]

    async def test_after_48_hours_nothing_is_repeated(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        await self.crashed(store, clock, call(event_id="E1"))
        clock.now += 2 * DAY
        await start()
        assert states(store) == {"E1": "unknown"}
        assert len(sink[0].calls) == 0

    async def test_the_third_death_is_the_last(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        await self.crashed(store, clock, call(event_id="E1"))
        for death in (1, 2, 3):
            database = getattr(store, "path", None)
            delivery = Delivery(store, rules_of(SomeRules()), reveal, database=database, clock=clock)
            delivery.owner.take()
            await delivery._adopt()
            if death < 3:
                due = store.due(clock.now, 1)
                assert [row.orphaned for row in due] == [death]
                await store.write(lambda writing, due=due, owner=delivery.owner: writing.attempt(
                    owner.id, [due[0].id], clock.now))  # fmt: skip
            delivery.owner.release()
        assert states(store) == {"E1": "unknown"}
        assert "3 processes died" in store.failures()[0].row.reason

    async def test_what_a_living_process_sends_is_left_alone(
        self, start: Start, sink: tuple[Sink, str], clock: Clock, tmp_path: Path
    ) -> None:
        store = SqliteStore(tmp_path / "two.db")
        other = Owner.beside(store.path)
        other.take()
        rows = await queue(store, call(event_id="E1"))
        await store.write(lambda writing: writing.attempt(other.id, [rows[0].id], clock.now))
        delivery = await start(store=store, database=store.path)
        clock.now += 31
        await asyncio.sleep(0.05)
        assert [owner for owner, _ in store.sending()] == [other.id]
        other.release()
        clock.now += 31
        await until(lambda: empty(store))
        assert all_sent(sink) == {"E1": 1}
        await delivery.stop(1)
        store.close()

    async def test_a_call_marked_by_a_write_that_seemed_to_fail_is_found_again(
        self, start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
    ) -> None:
        delivery = await start()
        rows = await queue(store, replace(call(), target=f"{META} 2 Purchase"))
        await store.write(lambda writing: writing.attempt(delivery.owner.id, [rows[0].id], clock.now))

        def sent_in_the_end() -> bool:
            clock.now += 31  # more than once: the first look may find a worker that has just seen the row
            return empty(store)

        await until(sent_in_the_end)
        assert all_sent(sink) == {"E1": 1}


async def test_a_call_that_was_queued_while_the_clock_ran_ahead_is_sent_all_the_same(
    start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
) -> None:
    await queue(store, call(META, event_id="ahead"), now=NOW + 3650 * DAY)
    await start()
    await until(lambda: sent(sink) == [["ahead"]])


async def test_what_a_vendor_has_put_off_for_a_day_is_not_sent_sooner(
    start: Start, store: Store, sink: tuple[Sink, str], clock: Clock
) -> None:
    await queue(store, call(META, event_id="tomorrow"), now=NOW + DAY)
    await start()
    await asyncio.sleep(0.1)
    assert sent(sink) == []
    clock.now += DAY
    await until(lambda: sent(sink) == [["tomorrow"]])


async def test_an_idle_account_is_forgotten(start: Start, store: Store, sink: tuple[Sink, str]) -> None:
    delivery = await start()
    delivery.hand_over(await queue(store, *(replace(call(), target=f"{META} {number} X") for number in range(20))))
    await until(lambda: empty(store))
    await until(lambda: not delivery.accounts)


async def test_an_idle_outbox_is_looked_at_once_a_second(store: Store) -> None:
    looks = 0
    delivery = Delivery(store, rules_of(SomeRules()), reveal)
    original = delivery._look

    async def counted() -> float:
        nonlocal looks
        looks += 1
        return await original()

    delivery._look = counted  # type: ignore[method-assign]
    await delivery.start()
    await asyncio.sleep(0.3)
    await delivery.stop(0)
    assert looks == 1


async def test_no_secret_and_no_address_is_kept(store: Store, tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        answer = b"you sent " + request.replace(b"\r\n", b" ") + b" for visitor@example.com"
        writer.write(b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()

    async with socket_server(talk) as url:
        delivery = Delivery(store, rules_of(SomeRules()), reveal, vendors=url)
        await delivery.start()
        delivery.hand_over(await queue(store, call()))
        await until(lambda: states(store))
        await delivery.stop(1)
    reason = store.failures()[0].row.reason
    assert reason.startswith("you sent POST /v26.0/1/events")
    kept = (
        reason
        + store.deliveries("RE1")[0].reason
        + "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.is_file())
    )
    assert "value-of-META_ACCESS_TOKEN" not in kept
    assert "visitor@example.com" not in kept
