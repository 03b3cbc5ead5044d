"""What only the ledger in memory has to show: it forgets by itself, by the clock it was given."""

from __future__ import annotations

from container.ledger.memory import MemoryStore


async def test_names_hints_and_copies_go_when_their_time_is_over() -> None:
    now = [1000.0]
    store = MemoryStore(lambda: now[0])
    await store.write(lambda ledger: ledger.name(1, [(b"n" * 16, 2000.0)], [(b"h" * 16, 1500.0)]))
    await store.write(lambda ledger: ledger.add_copy(1, b"sealed", 1500.0))
    now[0] = 1499.0
    assert store.find([b"n" * 16], [b"h" * 16]) == [(b"n" * 16, 1), (b"h" * 16, 1)]
    assert store.copies(1) == [b"sealed"]
    now[0] = 1501.0
    assert store.find([b"n" * 16], [b"h" * 16]) == [(b"n" * 16, 1)]
    await store.expire(now[0])
    assert store.copies(1) == []
    now[0] = 2001.0
    assert store.find([b"n" * 16], []) == []
