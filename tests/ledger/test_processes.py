"""Several processes on one file: what one has decided the others know, under one lock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from container.ledger.sqlite import SqliteStore

TESTS = Path(__file__).parent.parent
ORDERS = 150


def started(database: Path, which: int) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(TESTS / "support"), str(TESTS.parent)])
    return subprocess.Popen(
        [sys.executable, str(TESTS / "support" / "tell_orders.py"), str(database), str(which), str(ORDERS)],
        env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def tell_all(database: Path) -> None:
    """Three processes, each with a copy of every order, at the same time."""
    processes = [started(database, which) for which in range(3)]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    begin = time.time() + 0.2
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{begin}\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]


def test_three_processes_fire_each_order_once_a_target(tmp_path: Path) -> None:
    tell_all(tmp_path / "tagport.db")
    store = SqliteStore(tmp_path / "tagport.db")
    calls = Counter((row.conversion, row.call.target) for row in store.due(9e18, 10_000))
    assert set(calls.values()) == {1}, "no order is told to a vendor twice"
    known = store.conversions({number for number, _ in calls if number is not None})
    assert (len(known), len(calls)) == (ORDERS, 3 * ORDERS), "and none is left out"
    assert {stored.state["count"] for stored in known.values()} == {3}, "no copy is lost, and none taken for another's"
    store.close()
