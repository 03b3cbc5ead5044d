from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from delivering import call, queue, until

from container.delivery import scribe as module
from container.delivery.owner import Owner
from container.delivery.scribe import Scribe
from container.errors import NotStored
from container.ledger.interface import Row, Settlement
from container.ledger.memory import MemoryStore

NOW = 1_800_000_000.0


class Slow(MemoryStore):
    """A store whose writes take a while and may be refused. `written`: how many came through."""

    written = refusals = 0

    async def write(self, work: Any) -> Any:
        await asyncio.sleep(0.01)
        if self.refusals:
            self.refusals -= 1
            raise NotStored("busy")
        found = await super().write(work)
        self.written += 1
        return found


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def told() -> list[Settlement]:
    return []


@pytest.fixture
def scribe(store: Slow, told: list[Settlement]) -> Scribe:
    return Scribe(store, Owner(None), told.extend)


async def rows_of(store: Slow, count: int) -> list[Row]:
    rows = await queue(store, *(call(event_id=f"E{number}") for number in range(count)))
    store.written = 0
    return rows


def outcome(row: Row, outcome: str = "delivered") -> Settlement:
    return Settlement(row, outcome, "", NOW, due=NOW)


def ids(rows: Sequence[Row]) -> list[int]:
    return [row.id for row in rows]


async def test_what_comes_up_during_a_write_goes_into_the_next_together(
    scribe: Scribe, store: Slow, told: list[Settlement]
) -> None:
    rows = await rows_of(store, 20)
    scribe.settle([outcome(row) for row in rows[:5]])
    attempts = [asyncio.ensure_future(scribe.attempt([row.id], {}, NOW)) for row in rows[5:12]]
    await asyncio.sleep(0.002)  # the first write is under way
    attempts += [asyncio.ensure_future(scribe.attempt([row.id], {}, NOW)) for row in rows[12:]]
    assert [set(taken) for taken in await asyncio.gather(*attempts)] == [{row.id} for row in rows[5:]]
    assert store.written == 2
    assert ids([one.row for one in told]) == ids(rows[:5])
    assert len(store.sending()) == 15


async def test_outcomes_alone_are_written_soon(scribe: Scribe, store: Slow, told: list[Settlement]) -> None:
    rows = await rows_of(store, 3)
    for row in rows:
        scribe.settle([outcome(row)])
    await until(lambda: len(told) == 3)
    assert store.written == 1
    assert store.depth()[0] == 0


async def test_a_row_is_taken_by_one_attempt_only(scribe: Scribe, store: Slow) -> None:
    rows = await rows_of(store, 2)
    both = await asyncio.gather(*(scribe.attempt(ids(rows), {}, NOW) for _ in range(2)))
    assert sorted(map(len, both)) == [0, 2]
    assert await scribe.attempt(ids(rows), {}, NOW) == set()


async def test_what_may_no_longer_be_sent_ends_in_the_same_write(
    scribe: Scribe, store: Slow, told: list[Settlement]
) -> None:
    late, fresh = await rows_of(store, 2)
    ends = {late.id: outcome(late, "expired")}
    assert await scribe.attempt(ids([late, fresh]), ends, NOW) == {fresh.id}
    assert store.written == 1
    assert told == [ends[late.id]]
    assert await scribe.attempt([late.id], ends, NOW) == set()
    assert len(told) == 1, "what was not taken does not end a second time"


async def test_a_store_that_is_busy_refuses_attempts_and_keeps_outcomes(
    scribe: Scribe, store: Slow, told: list[Settlement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STORE_WAIT", 0.01)
    sent, waiting = await rows_of(store, 2)
    store.refusals = 3
    scribe.settle([outcome(sent)])
    scribe.resume("host 1", NOW)
    with pytest.raises(NotStored):
        await scribe.attempt([waiting.id], {}, NOW)
    await until(lambda: told)
    assert store.refusals == 0
    assert store.sending() == []
    assert await scribe.attempt([waiting.id], {}, NOW) == {waiting.id}


async def test_what_cannot_be_written_spoils_nothing_else(
    scribe: Scribe, store: Slow, told: list[Settlement], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good, waiting, stopped = await rows_of(store, 4)
    await scribe.attempt([stopped.id], {}, NOW)
    scribe.settle([outcome(stopped, "stopped")])
    await until(lambda: told)
    told.clear()
    write = MemoryStore.write

    async def picky(self: MemoryStore, work: Any) -> Any:
        def checked(writing: Any) -> Any:
            settle = writing.settle

            def refusing(settlements: Sequence[Settlement]) -> None:
                if any(one.row.id == bad.id for one in settlements):
                    raise ValueError("not to be encoded")
                settle(settlements)

            monkeypatch.setattr(writing, "settle", refusing)
            return work(writing)

        return await write(self, checked)

    monkeypatch.setattr(MemoryStore, "write", picky)
    scribe.settle([outcome(bad), outcome(good)])
    scribe.resume(stopped.call.account, NOW)
    assert await scribe.attempt([waiting.id], {}, NOW) == {waiting.id}
    await until(lambda: ids([one.row for one in told]) == [good.id])
    assert [failure.row.id for failure in store.failures()] == [], "the stopped call waits again"


async def test_each_attempt_hears_of_a_store_that_is_busy_while_something_is_written_by_itself(
    scribe: Scribe, store: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await rows_of(store, 2)
    write, works = store.write, 0

    async def failing(work: Any) -> Any:
        nonlocal works
        works += 1
        if works == 1:
            raise ValueError("not to be encoded")
        raise NotStored("busy") if works <= 3 else AssertionError(works)

    monkeypatch.setattr(store, "write", failing)
    attempts = [scribe.attempt([row.id], {}, NOW) for row in (first, second)]
    answers = await asyncio.wait_for(asyncio.gather(*attempts, return_exceptions=True), 5)
    assert [type(answer) for answer in answers] == [NotStored, NotStored]
    monkeypatch.setattr(store, "write", write)
    assert await scribe.attempt([first.id], {}, NOW) == {first.id}


async def test_at_the_end_everything_is_written_or_given_up(
    scribe: Scribe, store: Slow, told: list[Settlement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINGER", 60.0)
    one, other = await rows_of(store, 2)
    scribe.settle([outcome(one)])
    await scribe.finish(asyncio.get_running_loop().time() + 60)
    assert ids([end.row for end in told]) == [one.id]
    store.refusals = 1_000_000
    scribe.settle([outcome(other)])
    await scribe.finish(asyncio.get_running_loop().time() + 0.05)
    assert len(told) == 1
