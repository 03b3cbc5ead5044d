"""A process that tells of orders: `python tell_orders.py DATABASE WHICH ORDERS`; a line says when to begin."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from copies import Shop, Tag

from container.event import Event
from container.ledger.sqlite import SqliteStore

TAGS = (Tag("meta", "a.example 1 P"), Tag("tiktok", "b.example 1 P"), Tag("ga4", "c.example 1 p"))
STEP = 0.004  # seconds from one order to the next
LATE = 0.02  # seconds that a copy may come later than its siblings


def copy(shop: Shop, order: int, form: int) -> Event:
    """The page's hit, the shop's webhook, or the API's call: any two share one thing, a number, an id or a link."""
    name, id, link = str(1000 + order), f"57{order:04}", f"E{order}"
    if form == 0:
        return shop.browser(transaction_id=f"#{name}", event_id=link)
    if form == 1:
        return shop.webhook(transaction_id=id, names={"shopify_id": id, "shopify_number": name})
    return shop.api(transaction_id=id, event_id=link)


async def tell(shop: Shop, order: int, form: int, at: float, luck: random.Random) -> None:
    late = luck.choice((0.0, 0.0, luck.random() * LATE))
    await asyncio.sleep(at + order * STEP + late - time.time())
    await shop.tell(copy(shop, order, form))


async def main(database: Path, which: int, orders: int) -> None:
    shop = Shop(store=SqliteStore(database), tags=TAGS)
    luck = random.Random(which)
    print("ready", flush=True)
    at = float(await asyncio.to_thread(sys.stdin.readline))
    await asyncio.gather(*(tell(shop, order, (order + which) % 3, at, luck) for order in range(orders)))
    shop.ledger.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
