"""What only the file can show: commits that last, many callers in one, a store that fails."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from calls import call, firing

from container.errors import NotStored
from container.ledger.interface import Writing
from container.ledger.sqlite import SqliteStore
from container.ledger.sqlite import store as store_module


async def test_what_was_written_is_there_after_the_process(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tagport.db"
    store = SqliteStore(path)
    number = await store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 9e9, {"count": 1}))
    row = await store.write(lambda ledger: ledger.queue(number, "R1", call(), 1.0))
    store.close()
    again = SqliteStore(path)
    assert again.conversions([number])[number].id == "C1"
    assert again.rows(number) == [row]
    again.close()


def test_a_killed_process_has_kept_all_that_it_answered(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from container.ledger.sqlite import SqliteStore

        async def run():
            store = SqliteStore(Path(sys.argv[1]))
            for count in range(100000):
                await store.write(lambda ledger: ledger.open(f"C{count}", "purchase", 1.0, 9e9, {}))
                print(count, flush=True)

        asyncio.run(run())
        """
    )
    path = tmp_path / "tagport.db"
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    answered = [child.stdout.readline() for _ in range(50)]
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().splitlines()
    child.wait()
    child.stdout.close()
    said = int((rest or answered)[-1])
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT count(*) FROM conversions").fetchone()[0]
    connection.close()
    assert kept >= said + 1 >= 50


async def test_many_callers_share_commits_and_each_has_its_own_answer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    commits = []
    trace = store._transactions.connection.set_trace_callback
    trace(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
    numbers = await asyncio.gather(
        *(store.write(lambda ledger, i=i: ledger.open(f"C{i}", "purchase", 1.0, 9e9, {})) for i in range(200))
    )
    assert len(set(numbers)) == 200
    assert len(commits) < 100
    assert store.conversions(numbers).keys() == set(numbers)
    store.close()


async def test_one_caller_that_fails_harms_no_other_in_its_batch(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")

    def broken(ledger: Writing) -> int:
        ledger.open("broken", "purchase", 1.0, 9e9, {})
        raise LookupError("mine")

    def works(ledger: Writing) -> int:
        return ledger.open("works", "purchase", 1.0, 9e9, {})

    results = await asyncio.gather(
        *(store.write(broken if i % 3 == 0 else works) for i in range(30)), return_exceptions=True
    )
    assert [type(result) for result in results] == [LookupError if i % 3 == 0 else int for i in range(30)]
    with sqlite3.connect(store.path) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM conversions")}
    connection.close()
    assert ids == {"works"}
    store.close()


async def test_a_full_queue_refuses_instead_of_growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "QUEUE", 0)
    store = SqliteStore(tmp_path / "tagport.db")
    with pytest.raises(NotStored, match="busy"):
        await store.write(lambda ledger: None)
    store.close()


async def test_a_store_that_cannot_write_says_so_and_recovers(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    connection = store._transactions.connection
    connection.execute("PRAGMA max_page_count = 1").fetchall()  # as on a full disk
    blob = os.urandom(50_000)
    with pytest.raises(NotStored):
        await store.write(lambda ledger: ledger.keep("R1", "conversion", None, 1.0, blob))
    connection.execute("PRAGMA max_page_count = 1000000").fetchall()
    await store.write(lambda ledger: ledger.keep("R2", "conversion", None, 1.0, b'{"id":"R2"}'))
    assert store.record("R1") is None
    assert store.record("R2") == {"id": "R2"}
    store.close()


async def test_a_caller_that_went_away_is_written_all_the_same(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    task = asyncio.ensure_future(store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 9e9, {})))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    store.close()
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT id FROM conversions").fetchall() == [("C1",)]
    connection.close()


@pytest.mark.parametrize("knows_the_lock", [True, False])
async def test_while_another_program_writes_the_loop_goes_on(tmp_path: Path, knows_the_lock: bool) -> None:
    """A process of ours holds the file lock; any other program only SQLite's."""
    store = SqliteStore(tmp_path / "tagport.db")
    other, lock = sqlite3.connect(store.path, isolation_level=None), (tmp_path / "tagport.db.lock").open("ab")
    if knows_the_lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    else:
        other.execute("BEGIN IMMEDIATE")
    async with asyncio.TaskGroup() as group:
        written = group.create_task(store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 9e9, {})))
        longest = 0.0
        for _ in range(50):
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)
        assert not written.done()
        if knows_the_lock:
            fcntl.flock(lock, fcntl.LOCK_UN)
        else:
            other.execute("ROLLBACK")
    assert store.conversions([written.result()])
    assert longest < store_module.PATIENCE / 2
    other.close()
    lock.close()
    store.close()


async def test_a_store_locked_by_another_program_refuses_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "PATIENCE", 0.05)
    store = SqliteStore(tmp_path / "tagport.db")
    other = sqlite3.connect(tmp_path / "tagport.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(NotStored, match="locked"):
            await store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 9e9, {}))
    other.execute("ROLLBACK")
    other.close()
    number = await store.write(lambda ledger: ledger.open("C2", "purchase", 1.0, 9e9, {}))
    assert store.conversions([number])[number].id == "C2"
    store.close()


def test_a_fact_that_cannot_be_written_down_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PATIENCE", 0.05)
    store = SqliteStore(tmp_path / "tagport.db")
    other = sqlite3.connect(tmp_path / "tagport.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.remember("key", "fingerprint")
    other.close()
    assert store.meta("key") is None
    store.remember("key", "fingerprint")
    assert store.meta("key") == "fingerprint"
    store.close()


async def test_what_waits_when_the_store_is_closed_is_written_and_one_that_fails_harms_nobody(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")

    def broken(ledger: Writing) -> int:
        raise LookupError("mine")

    def works(ledger: Writing) -> int:
        return ledger.open("works", "purchase", 1.0, 9e9, {})

    waiting = [asyncio.ensure_future(store.write(work)) for work in (broken, works)]
    await asyncio.sleep(0)
    store.close()
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT id FROM conversions").fetchall() == [("works",)]
    connection.close()
    with pytest.raises(NotStored):
        await store.write(works)


def test_an_event_loop_that_ended_leaves_the_store_usable(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")

    async def abandoned() -> None:
        task = asyncio.ensure_future(store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 9e9, {})))
        await asyncio.sleep(0)
        del task

    asyncio.run(abandoned())
    number = asyncio.run(store.write(lambda ledger: ledger.open("C2", "purchase", 1.0, 9e9, {})))
    assert store.conversions([number])[number].id == "C2"
    store.close()


async def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    one, two = SqliteStore(tmp_path / "tagport.db"), SqliteStore(tmp_path / "tagport.db")

    async def fires(store: SqliteStore, record: str) -> bool:
        def work(ledger: Writing) -> bool:
            if ledger.firings(1):
                return False
            ledger.fire(1, firing(record))
            return True

        return await store.write(work)

    results = await asyncio.gather(*(fires(one if i % 2 else two, f"R{i}") for i in range(64)))
    assert sum(results) == 1
    one.close()
    two.close()
