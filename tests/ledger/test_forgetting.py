"""Forgetting, asked of every ledger."""

from __future__ import annotations

import pytest
from calls import SECRET, call, plant

from container.ledger.interface import Settlement, Store, Writing


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
