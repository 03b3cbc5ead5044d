"""What becomes of calls when the store or the code fails at the worst moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from delivering import PATIENCE, SomeRules, call, conversions, queue, reveal, rules_of, until

from container.cli.sink.app import Sink
from container.cli.sink.faults import Faults
from container.delivery import Delivery
from container.errors import NotStored
from container.ledger.sqlite import SqliteStore


class Fickle(SqliteStore):
    """One that takes no write while there is an error to raise."""

    error: Exception | None = None

    async def write(self, work: Callable[[Any], Any]) -> Any:
        if self.error is not None:
            raise self.error
        return await super().write(work)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("outbox.STORE_WAIT", "scribe.STORE_WAIT", "outbox.LAST_WRITES"):
        monkeypatch.setattr(f"container.delivery.{name}", 0.01)


def delivery(store: SqliteStore, url: str) -> Delivery:
    return Delivery(
        store, rules_of(SomeRules()), reveal, database=store.path, vendors=url, clock=lambda: 1_800_000_000.0, poll=0.01
    )


async def test_a_process_that_ends_gives_up_an_outcome_that_the_store_never_takes_and_the_next_one_knows(
    sink: tuple[Sink, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app, url = sink
    app.faults = Faults.of(["meta:slow=0.2s"])
    store = Fickle(tmp_path / "tagport.db")
    first = delivery(store, url)
    await first.start()
    first.hand_over(await conversions(store, [call(retry_ambiguous=False)]))
    await until(lambda: app.calls)
    store.error = NotStored("busy")
    await asyncio.wait_for(first.stop(0.5), PATIENCE)
    assert "outcomes of 1 calls could not be stored, they count as unanswered" in caplog.text
    assert [row.state for _, row in store.sending()] == ["sending"], "nobody knows how it ended"
    store.error = None
    second = delivery(store, url)
    await second.start()
    assert [failure.row.state for failure in store.failures()] == ["unknown"]
    await second.stop(1)
    store.close()
    assert len(app.calls) == 1, "and it is not sent again"


async def test_a_failure_that_nobody_foresaw_delays_and_is_told(
    sink: tuple[Sink, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the code around a call that is still queued, and in the look at the table."""
    app, url = sink
    store = Fickle(tmp_path / "tagport.db")
    rows = await queue(store, call())
    running = delivery(store, url)
    await running.start()
    store.error = RuntimeError("a bug")
    running.hand_over(rows)
    await until(lambda: "delivering failed in an unforeseen way" in caplog.text)
    assert not app.calls
    store.error = None
    await until(lambda: store.depth()[0] == 0)
    await running.stop(1)
    store.close()
    assert [len(one["body"]["data"]) for one in app.calls] == [1]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotStored("locked"), "the store is busy: locked"),
        (RuntimeError("a bug"), "looking into the outbox failed; trying again"),
    ],
)
async def test_a_look_at_the_table_that_fails_is_followed_by_another(
    sink: tuple[Sink, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    told: str,
) -> None:
    app, url = sink
    store = SqliteStore(tmp_path / "tagport.db")
    failing = [error] * 3
    queued = store.queued

    def fails_first() -> dict[str, float]:
        if failing:
            raise failing.pop()
        return queued()

    monkeypatch.setattr(store, "queued", fails_first)
    await queue(store, call())
    running = delivery(store, url)
    with caplog.at_level(logging.WARNING, "tagport.delivery"):
        await running.start()
        await until(lambda: store.depth()[0] == 0)
    assert not failing
    await running.stop(1)
    store.close()
    assert caplog.text.count(told) == 3
    assert len(app.calls) == 1


async def test_resuming_an_account_that_nobody_knows_is_nothing(sink: tuple[Sink, str], tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    running = delivery(store, sink[1])
    await running.start()
    assert await running.resume("graph.facebook.com 99") == 0
    assert running.accounts == {}
    await running.stop(1)
    store.close()


async def test_a_delivery_that_never_began_can_be_stopped(sink: tuple[Sink, str], tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    rows = await queue(store, call())
    idle = delivery(store, sink[1])
    idle.hand_over(rows)
    await idle.stop(1)
    assert store.depth()[0] == 1 and not sink[0].calls
    store.close()
