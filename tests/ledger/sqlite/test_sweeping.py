"""Whatever there is to forget, one step takes little of it, and in the end all of it is gone and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from calls import call, firing

from container.ledger.interface import Held, Settlement, Writing
from container.ledger.sqlite import SqliteStore, sweeping

NOW = 1000.0
PAST, LATER = NOW - 1, NOW + 1e6
MOST = 5000  # rows that one step takes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "tagport.db")
    opened._transactions.connection.execute("PRAGMA synchronous=OFF")
    yield opened
    opened.close()


async def forget(store: SqliteStore) -> list[int]:
    """Step after step, until a whole round finds nothing."""
    gone: list[int] = []
    while sum(gone[-sweeping.TRIM_EVERY :]) or len(gone) < sweeping.TRIM_EVERY:
        gone.append(await store.expire(NOW))
    return gone


def conversion(ledger: Writing, id: str, expires: float) -> int:
    number = ledger.open(id, "purchase", 1.0, expires, {"count": 1})
    ledger.name(number, [(os.urandom(16), expires)], [(os.urandom(16), expires)])
    ledger.fire(number, firing(f"R{id}"))
    ledger.add_copy(number, b"copy", expires)
    return number


async def test_many_that_expired_together_go_in_small_steps_and_the_others_stay(store: SqliteStore) -> None:
    def work(ledger: Writing) -> list[int]:
        return [conversion(ledger, f"C{i}", LATER if i % 4 == 0 else PAST) for i in range(4000)]

    numbers = await store.write(work)
    gone = await forget(store)
    assert max(gone) <= MOST
    assert sum(gone) == 3000 * 5, "a conversion, its name, hint, firing and copy"
    left = [number for number in numbers if store.firings(number)]
    assert left == numbers[::4]
    assert store.conversions(numbers).keys() == set(left)
    assert all(store.copies(number) for number in left)


async def test_a_name_that_very_many_have_goes_in_small_steps_too(store: SqliteStore) -> None:
    constant = b"a theme's same ID"[:16]

    def work(ledger: Writing) -> None:
        for number in range(20_000):
            ledger.name(number, [(constant, PAST if number > 10 else LATER)], ())

    await store.write(work)
    gone = await forget(store)
    assert (max(gone), sum(gone)) == (sweeping.SWEEP, 20_000 - 11)
    assert len(store.find([constant], ())) == 11


async def test_a_burst_of_records_is_trimmed_step_by_step_down_to_its_quota(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "QUOTAS", {"conversion": 100, "unclaimed": 50})

    def work(ledger: Writing) -> None:
        row = ledger.queue(None, "R0000", call(), NOW)
        for i in range(2000):
            id = f"R{i:04}"
            ledger.keep(id, "conversion" if i % 2 else "unclaimed", None, NOW, b'{"id":"%s"}' % id.encode())
        ledger.settle([Settlement(row, "delivered", "", NOW)])

    await store.write(work)
    gone = await forget(store)
    assert max(gone) <= sweeping.TRIM + 1
    assert sum(gone) == 1850 + 1, "and the delivery that the first was told of"
    assert [record["id"] for record in store.recent(1000)][:2] == ["R1999", "R1998"]
    assert len(store.recent(1000)) == 150
    assert store.deliveries("R0000") == []


async def test_deliveries_above_their_number_go_in_small_steps(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "DELIVERIES", 1000)

    def work(ledger: Writing) -> None:
        row = ledger.queue(None, "R1", call(), NOW)
        ledger.settle([Settlement(row, "retry", f"{i}", NOW) for i in range(8000)])

    await store.write(work)
    gone = await forget(store)
    assert (max(gone), sum(gone)) == (sweeping.SWEEP, 7000)
    assert next(one.reason for one in store.deliveries("R1")) == "7000"


async def test_what_waits_is_not_forgotten_however_old(store: SqliteStore) -> None:
    number = await store.write(lambda ledger: conversion(ledger, "C1", PAST))
    await store.write(lambda ledger: ledger.hold(Held(number, "meta", "wait", "R1", due=NOW)))
    await forget(store)
    assert store.conversions([number]) and store.copies(number)
    await store.write(lambda ledger: ledger.release(number, "meta"))
    await forget(store)
    assert not store.conversions([number]) and not store.copies(number)


async def test_names_past_their_time_are_swept_in_steps(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    names = [(os.urandom(16), 100.0 if i % 2 else 9e9) for i in range(5000)]
    await store.write(lambda ledger: ledger.name(1, names, [(b"h" * 16, 100.0)]))
    gone = sum([await store.expire(200.0) for _ in range(4)])
    assert gone == 2501
    assert len(store.find([hash for hash, _ in names], [b"h" * 16])) == 2500
    store.close()


async def test_records_are_kept_up_to_the_quota_of_their_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "QUOTAS", {"unclaimed": 10, "conversion": 100})
    monkeypatch.setattr(sweeping, "TRIM_EVERY", 1)
    store = SqliteStore(tmp_path / "tagport.db")
    for i in range(30):
        id = f"{i:03d}"
        await store.write(lambda ledger, id=id: ledger.keep(id, "unclaimed", None, 1.0, b'{"id":"%s"}' % id.encode()))
    await store.write(lambda ledger: ledger.keep("000c", "conversion", None, 1.0, b'{"id":"000c"}'))
    await store.expire(1.0)
    kept = [record["id"] for record in store.recent(100)]
    assert kept == [f"{i:03d}" for i in range(29, 19, -1)] + ["000c"], "a flood flushes only its own class"
    store.close()
