"""Nothing of what was forgotten can be read in SQLite's files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from calls import plant

from container.errors import NotStored
from container.ledger.sqlite import SqliteStore, forgetting


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
