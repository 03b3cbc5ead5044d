"""The WAL stays small beside writers that never pause, and shrinks again after a reader that stayed long."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from delivering import until

from container.ledger.interface import Writing
from container.ledger.sqlite import SqliteStore, checkpoints, schema

MEGABYTE = 1 << 20
PIECE = os.urandom(200_000)
READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM records").fetchall()
print("reading", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    """One that takes a short WAL for a long one."""
    monkeypatch.setattr(checkpoints, "EVERY", 0.05)
    monkeypatch.setattr(checkpoints, "LONG", 300)
    monkeypatch.setattr(checkpoints, "LAST", 150)
    monkeypatch.setattr(schema, "WAL_KEPT", MEGABYTE)
    opened = SqliteStore(tmp_path / "tagport.db")
    yield opened
    opened.close()


@contextlib.contextmanager
def reader(path: Path) -> Iterator[None]:
    """Another program with a read transaction open."""
    command = [sys.executable, "-c", READER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "reading\n"
        yield
        process.communicate("enough\n", timeout=10)


def wal(store: SqliteStore) -> int:
    return store.path.with_name(store.path.name + "-wal").stat().st_size


async def write(store: SqliteStore, megabytes: float) -> int:
    """So much, in many commits, and the longest that the WAL was."""
    longest = 0
    for i in range(int(megabytes * 5)):

        def work(ledger: Writing, id: str = f"{i % 50}") -> None:
            ledger.keep(id, "conversion", None, 1.0, PIECE)

        await store.write(work)
        longest = max(longest, wal(store))
        await asyncio.sleep(0.002)
    return longest


async def test_writers_that_never_pause_do_not_make_it_grow(store: SqliteStore) -> None:
    assert await write(store, 40) < 20 * MEGABYTE


async def test_a_long_reader_makes_it_grow_is_told_of_and_leaves_it_small(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    await write(store, 1)
    with caplog.at_level(logging.WARNING, "tagport.ledger"), reader(store.path):
        assert await write(store, 6) > 5 * MEGABYTE
        await until(lambda: caplog.records)
        assert "another program keeps a read transaction open" in caplog.text
        assert await write(store, 1) > 6 * MEGABYTE, "it goes on taking writes"
    end = time.monotonic() + 10
    while wal(store) > MEGABYTE and time.monotonic() < end:
        await write(store, 0.2)
    assert wal(store) <= MEGABYTE


async def test_a_store_that_is_written_to_all_the_time_is_looked_at_more_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 1.0)
    monkeypatch.setattr(checkpoints, "SOONEST", 0.01)
    monkeypatch.setattr(checkpoints, "BITE", 1)
    looks: list[float] = []
    passive = checkpoints._passive

    def counting(connection: sqlite3.Connection) -> tuple[int, int]:
        looks.append(time.monotonic())
        return passive(connection)

    monkeypatch.setattr(checkpoints, "_passive", counting)
    store = SqliteStore(tmp_path / "tagport.db")
    number = 0
    while len(looks) < 12:
        number += 1
        await store.write(lambda ledger, number=number: ledger.keep(f"R{number}", "event", None, 1.0, PIECE[:9000]))
    assert looks[-1] - looks[0] < 5, "eleven seconds apart without haste"
    store.close()


@pytest.mark.parametrize(
    ("waited", "pages", "then"),
    [
        (1.0, 0, 1.0),
        (1.0, 400, 1.0),
        (1.0, 2000, 0.25),
        (0.25, 500, 0.25),
        (0.25, 20, 1.0),
        (0.25, 90_000, checkpoints.SOONEST),
    ],
)
def test_the_more_is_written_the_sooner_the_next_one_comes(waited: float, pages: int, then: float) -> None:
    assert checkpoints._wait(waited, pages) == pytest.approx(then)
