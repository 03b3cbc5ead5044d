"""A process that delivers what lies in a database: `python deliver_until_killed.py DATABASE VENDORS`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from delivering import SomeRules, reveal, rules_of

from container.delivery import Delivery
from container.ledger.sqlite import SqliteStore


async def main(database: Path, vendors: str) -> None:
    store = SqliteStore(database)
    delivery = Delivery(store, rules_of(SomeRules(most=5)), reveal, database=database, vendors=vendors)
    await delivery.start()
    await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
