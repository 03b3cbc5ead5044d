"""Forgetting, asked of every ledger; and that nothing of it can be read in SQLite's files."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from calls import call, firing

from container.errors import NotStored
from container.ledger.interface import Held, Settlement, Store, Writing
from container.ledger.sqlite import SqliteStore, forgetting

SECRET = b"planted-personal-data"


def plant(ledger: Writing, id: str, mark: bytes, secret: bytes = SECRET) -> int:
    """One conversion with a row in every table; a settled and a queued call."""
    text = secret.decode()
    number = ledger.open(id, "purchase", 1000.0, 9e9, {"key": text, "of": ""})
    ledger.name(number, [(mark * 16, 9e9)], [(mark * 8 + b"hint" * 2, 9e9)])
    ledger.add_copy(number, secret, 9e9)
    ledger.hold(Held(number, "meta", "wait", f"R{id}", 2000.0))
    ledger.fire(number, firing(f"R{id}"))
    ledger.keep(f"R{id}", "conversion", number, 1000.0, b'{"id": "R%s", "told": "%s"}' % (id.encode(), secret))
    done, _ = (ledger.queue(number, f"R{id}", replace(call(), item=b'{"x":"%s"}' % secret), 1000.0) for _ in range(2))
    ledger.attempt("me", [done.id], 1001.0)
    ledger.settle([Settlement(done, "refused", f"no, {text}", 1002.0)])
    return number


def anything(store: Store, number: int, id: str, mark: bytes) -> list[object]:
    """What is left of it."""
    return [
        *store.find([mark * 16], [mark * 8 + b"hint" * 2]),
        *store.conversions([number]),
        *store.firings(number),
        *store.copies(number),
        *store.held(number),
        *store.records(number),
        *sorted(store.rows(number), key=lambda row: row.id),
        *store.deliveries(f"R{id}"),
        *([store.record(f"R{id}")] if store.record(f"R{id}") else []),
    ]


COUNTS = {
    "names": 1, "hints": 1, "copies": 1, "waits": 1, "firings": 1, "calls": 2, "deliveries": 1, "records": 1,
    "conversions": 1,
}  # fmt: skip


async def test_a_conversion_is_forgotten_with_everything_that_belongs_to_it_and_no_other(store: Store) -> None:
    mine = await store.write(lambda ledger: plant(ledger, "A", b"a"))
    other = await store.write(lambda ledger: plant(ledger, "B", b"b"))
    before = anything(store, other, "B", b"b")
    assert await store.write(lambda ledger: ledger.forget([mine], [], [])) == COUNTS
    assert anything(store, mine, "A", b"a") == []
    assert anything(store, other, "B", b"b") == before
    assert set((await store.write(lambda ledger: ledger.forget([mine], [], []))).values()) == {0}


@pytest.mark.parametrize("by", ["record", "call"])
async def test_a_record_or_a_call_leads_to_its_conversion(store: Store, by: str) -> None:
    mine = await store.write(lambda ledger: plant(ledger, "A", b"a"))
    records, rows = (["RA"], []) if by == "record" else ([], [store.rows(mine)[0].id])
    assert await store.write(lambda ledger: ledger.forget([], records, rows)) == COUNTS
    assert anything(store, mine, "A", b"a") == []


async def test_records_and_calls_without_a_conversion_go_with_their_deliveries(store: Store) -> None:
    def work(ledger: Writing) -> int:
        ledger.keep("R9", "event", None, 1000.0, b'{"id": "R9"}')
        row = ledger.queue(None, "R9", call(), 1000.0)
        ledger.settle([Settlement(row, "retry", "busy", 1002.0)])
        return row.id

    row = await store.write(work)
    gone = await store.write(lambda ledger: ledger.forget([], [], [row]))
    assert {what: count for what, count in gone.items() if count} == {"calls": 1, "deliveries": 1, "records": 1}
    assert (store.record("R9"), store.deliveries("R9"), store.every_row(0, 9)) == (None, [], [])


async def test_what_was_united_goes_from_either_side(store: Store) -> None:
    for chosen in (0, 1):
        older = await store.write(lambda ledger: plant(ledger, "A", b"a"))
        younger = await store.write(lambda ledger: plant(ledger, "B", b"b"))

        def work(ledger: Writing, pair: tuple[int, int] = (older, younger)) -> None:
            ledger.unite(*pair)

        await store.write(work)
        await store.write(lambda ledger, one=(older, younger)[chosen]: ledger.forget([one], [], []))  # type: ignore[misc]
        assert anything(store, older, "A", b"a") == anything(store, younger, "B", b"b") == []


async def test_work_that_fails_forgets_nothing(store: Store) -> None:
    mine = await store.write(lambda ledger: plant(ledger, "A", b"a"))
    before = anything(store, mine, "A", b"a")

    def work(ledger: Writing) -> None:
        ledger.forget([mine], [], [])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(work)
    assert anything(store, mine, "A", b"a") == before
    assert await store.write(lambda ledger: ledger.forget([mine], [], [])) == COUNTS


async def test_whole_tables_are_read_in_pages(store: Store) -> None:
    numbers = [await store.write(lambda ledger, id=id: plant(ledger, id, id.encode())) for id in "ABC"]  # type: ignore[misc]
    await store.write(lambda ledger: ledger.open("D", "refund", 1.0, 9e9, {"of": "0A"}))
    assert [record["id"] for record in store.every_record("", 2)] == ["RA", "RB"]
    assert [record["id"] for record in store.every_record("RB", 2)] == ["RC"]
    assert store.every_copy((0, 0), 2) == [(numbers[0], 1, SECRET), (numbers[1], 1, SECRET)]
    assert store.every_copy((numbers[1], 1), 2) == [(numbers[2], 1, SECRET)]
    first, *others = [row.id for row in store.every_row(0, 99)]
    assert [row.id for row in store.every_row(first, 99)] == others
    assert store.of({"0A"}) == [numbers[-1] + 1]
    assert store.of({"0B"}) == []


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


async def test_nothing_can_be_read_in_the_files_while_another_process_has_them_open(tmp_path: Path) -> None:
    """Not in the tables, not in free pages of rows that were settled long ago, not in the WAL."""
    path = tmp_path / "tagport.db"
    store = SqliteStore(path)
    mine = await store.write(lambda ledger: plant(ledger, "A", b"a", b"jane" * 2000))
    await store.write(lambda ledger: [plant(ledger, f"B{at}", bytes([at]), b"other" * 300) for at in range(1, 99)])
    settled = store.rows(mine)
    await store.write(lambda ledger: ledger.drop([row.id for row in settled]))
    reader = sqlite3.connect(path)
    assert reader.execute("SELECT count(*) FROM records").fetchone() == (99,)
    assert b"janejane" in on_disk(path)
    await store.write(lambda ledger: ledger.forget([mine], [], []))
    await store.scrub()
    assert b"janejane" not in on_disk(path)
    assert b"otherother" in on_disk(path)
    assert reader.execute("SELECT count(*) FROM records").fetchone() == (98,)
    reader.close()
    again = await store.write(lambda ledger: plant(ledger, "C", b"c"))
    assert again > mine, "and the store goes on"
    store.close()


async def test_a_scrub_that_a_long_reader_keeps_from_the_wal_is_told_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "PATIENCE", 0.1)
    path = tmp_path / "tagport.db"
    store = SqliteStore(path)
    mine = await store.write(lambda ledger: plant(ledger, "A", b"a", b"jane" * 2000))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM records").fetchone() == (1,)
    await store.write(lambda ledger: ledger.forget([mine], [], []))
    with pytest.raises(NotStored, match="another process goes on reading what was before"):
        await store.scrub()
    assert b"janejane" in on_disk(path), "it was no false alarm"
    reader.close()
    await store.scrub()
    assert b"janejane" not in on_disk(path)
    store.close()
