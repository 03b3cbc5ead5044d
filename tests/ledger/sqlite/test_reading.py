"""What a question costs while the tables are long; what is answered is asked of every ledger in test_interface."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from calls import call

from container.ledger.sqlite import SqliteStore
from container.ledger.sqlite.reading import SqliteReading


async def test_a_page_of_the_outbox_costs_a_page_however_many_calls_wait(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    reading = sqlite3.connect(tmp_path / "tagport.db")
    account = call().account
    steps: list[int] = []

    def cost() -> int:
        steps.clear()
        reading.set_progress_handler(lambda: steps.append(1), 100)  # once in a hundred steps of the machine
        assert len(SqliteReading(reading).due(2000.0, 100, 0, account)) == 100
        return len(steps)

    async def more(count: int) -> None:
        await store.write(lambda ledger: [ledger.queue(None, "R1", call(), 1000.0) for _ in range(count)])

    await more(200)
    few = cost()
    await more(3000)
    assert cost() < 2 * few
    reading.close()
    store.close()


async def test_what_is_asked_while_very_many_calls_wait_reads_none_of_them(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    asked: list[str] = []
    store._reader.set_trace_callback(asked.append)
    assert (store.depth(), store.sending(), store.failures()) == ((0, None), [], [])
    store._reader.set_trace_callback(None)
    plans = [line[-1] for one in asked for line in store._reader.execute(f"EXPLAIN QUERY PLAN {one}")]
    looks = [plan for plan in plans if "outbox" in plan]
    assert len(looks) == 5
    by_number = "SCAN outbox"  # the oldest: ends with the first that waits
    assert [plan for plan in looks if "INDEX" not in plan] == [by_number]
    store.close()

