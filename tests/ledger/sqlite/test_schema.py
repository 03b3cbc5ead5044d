"""How a connection is opened."""

from __future__ import annotations

from pathlib import Path

from container.ledger.sqlite import SqliteStore
from container.ledger.sqlite.schema import connect


def test_every_connection_is_in_wal_mode_and_syncs_each_commit(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    other = connect(tmp_path / "tagport.db", pages=100)
    for connection in (store._transactions.connection, other):
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert other.execute("PRAGMA cache_size").fetchone() == (-100,), "KiB"
    other.close()
    store.close()
