"""The ledger in one SQLite file.

`schema.py` the tables · `reading.py` every question · `writing.py` every change, inside the writer's transaction ·
`store.py` many callers in one commit · `sweeping.py` forgetting what is past its time, in small steps ·
`forgetting.py` forgetting a person, for good · `checkpoints.py` the WAL into the file.
"""

from sqlite3 import Error as SqliteError

from container.ledger.sqlite.store import SqliteStore

__all__ = ["SqliteError", "SqliteStore"]
