"""What a store costs that has grown: bench/size.py [--sizes 10k 100k 1M 5M]

One SQLite file in the temporary folder (`TMPDIR`) is filled to each size in turn: orders of thirty days, each with the
names and links of a page and a webhook and three firings; the last day's with their copies, the last half hour's with
their hints. It is filled through the ledger, sorted, without deciding anything; at each size a fresh process then
measures the container itself on it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accept import ENVIRONMENT, TAGPORT, memory

from container.build import Ledger, build, on_disk
from container.conversion import Firing
from container.dedup.identity import Identifier
from container.dedup.keys import Keys
from container.dedup.merging import lay_down
from container.dedup.state import with_copy
from container.event import Event, Name, Request, new_id
from container.ledger.interface import Writing
from container.pipeline import Container
from container.problems import Problems

DAY = 86400.0
SPREAD = 30 * DAY  # seconds from the first order to the last
PIECE = 100_000  # orders in one write
LOOKS = 2000  # recognitions that are measured
CALLERS = 64
SECONDS = 5.0  # of writing
MOST_MEDIAN = 0.001
SUFFIXES = {"k": 1000, "M": 1_000_000}
TARGETS = ("graph.facebook.com 1 Purchase", "business-api.tiktok.com C Purchase", "www.google-analytics.com G purchase")


# --- orders ---------------------------------------------------------------------------------------------------------


def page(order: int, at: float) -> Event:
    """The thank-you page's hit."""
    data = {
        **basket(at),
        "transaction_id": f"#{order}",
        "event_id": f"E{order}",
        "client_id": f"{order}.1764678332",
        "gclid": f"click{order}",
        "page_location": "https://www.example.com/thanks",
        "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0.0.0 Safari/537.36",
    }
    granted = {"ad_storage": True, "ad_user_data": True, "analytics_storage": True}
    return Event(new_id(at), data, Request(client="ga4", source="browser", received=at), (), granted)


def webhook(order: int, at: float) -> Event:
    """The shop's orders/paid."""
    id = str(5_000_000_000_000 + order)
    names = (("shopify_id", id), ("shopify_number", str(order)), ("shopify_confirmation", f"C{order}X"))
    data = {
        **basket(at),
        "transaction_id": id,
        "checkout_token": f"T{order}",
        "user_data": {"email_address": f"visitor{order}@example.com"},
    }
    told = tuple(Name("transaction_id", sort, value) for sort, value in names)
    return Event(new_id(at), data, Request(client="shopify", source="server", received=at), told)


def basket(at: float) -> dict[str, Any]:
    """What every copy tells."""
    items = [{"item_id": f"SKU-{i}", "item_name": "Stan and Friends", "price": 10.01, "quantity": 3} for i in (1, 2)]
    return {"event_name": "purchase", "timestamp": at, "value": 72.05, "currency": "EUR", "items": items}


# --- filling --------------------------------------------------------------------------------------------------------


class Filler:
    """Puts orders into the store as the container leaves them."""

    def __init__(self, container: Container, keys: Keys, total: int) -> None:
        self._container = container
        self._keys = keys
        self._identify = Identifier(keys)
        self._total = total
        self._begin = time.time() - SPREAD

    def at(self, order: int) -> float:
        """When the order was placed."""
        return self._begin + SPREAD * order / self._total

    def piece(self, ledger: Writing, orders: range) -> None:
        """Some orders; their names in the order of the index, so that each of its pages is written once."""
        names: list[tuple[bytes, int, float]] = []
        for order in orders:
            names += self._order(ledger, order)
        for hash, number, expires in sorted(names):
            ledger.name(number, ((hash, expires),), ())

    def _order(self, ledger: Writing, order: int) -> Iterator[tuple[bytes, int, float]]:
        now, at = time.time(), self.at(order)
        kind = self._container.dedup.kinds.by_id["purchase"]
        if now - at >= kind.within:  # they would be forgotten by now
            kind = replace(kind, hints=())
        state: dict[str, Any] = {}
        lasting: dict[bytes, float] = {}
        hints: dict[bytes, float] = {}
        copies = (page(order, at), webhook(order, at + 20))
        for copy in copies:
            identity = self._identify.of_copy(kind, copy, self._container.variables.over(copy, None))
            state = _counted(state, with_copy((), identity, kind, copy, ""))
            lasting |= {mark.hash: at + kind.keep_key for mark in identity.names}
            lasting |= {mark.hash: at + kind.keep_links for mark in identity.links}
            hints |= {mark.hash: at + kind.within for mark in identity.hints}
        state["fixed"] = {"event_id": f"E{order}", "transaction_id": str(order), "timestamp": at}
        number = ledger.open(copies[0].id, "purchase", at, max(lasting.values()), state)
        for target in TARGETS:
            ledger.fire(number, Firing(target, target.partition(".")[0], "", copies[0].id, "live", at))
        ledger.name(number, (), hints.items())
        if now - at < kind.late:
            for copy in copies:
                ledger.add_copy(number, self._keys.seal(lay_down(copy)), at + kind.late)
        return ((hash, number, expires) for hash, expires in lasting.items())


def _counted(before: dict[str, Any], copy: dict[str, Any]) -> dict[str, Any]:
    """The states of two copies as that of their conversion."""
    if not before:
        return copy
    names = {**before["names"], **copy["names"]}
    return {**copy, **before, "names": names, "copies": [*before["copies"], *copy["copies"]], "count": 2}


async def fill(folder: Path, begin: int, end: int, total: int) -> float:
    """Orders `begin` to `end` of `total`; seconds it took."""
    container, keys = opened(folder)
    filler, started = Filler(container, keys, total), time.perf_counter()
    for low in range(begin, end, PIECE):
        orders = range(low, min(low + PIECE, end))
        await container.store.write(lambda ledger, orders=orders: filler.piece(ledger, orders))
    container.store.close()
    return time.perf_counter() - started


def opened(folder: Path) -> tuple[Container, Keys]:
    """The workspace's container on its store."""
    ledgers: list[Ledger] = []

    def ledger(path: Path) -> Ledger:
        ledgers.append(on_disk(path))
        return ledgers[0]

    problems = Problems()
    container = build(folder, problems, environ=ENVIRONMENT, ledger=ledger)
    if container is None:
        raise SystemExit("\n".join(problem.message for problem in problems))
    return container, ledgers[0].keys


# --- measuring ------------------------------------------------------------------------------------------------------


@dataclass
class Size:
    """One line of the table. Times in seconds, memory in megabytes."""

    orders: int
    known: tuple[float, float]  # recognising a copy of a stored order: median, p99
    unknown: tuple[float, float]  # of a new one
    commits: float  # a second, one caller after the other
    events: float  # a second, 64 callers at once
    step: tuple[float, float]  # one step of forgetting: median, longest
    memory: float
    bytes: float = 0.0  # of the file for each order
    filled: float = 0.0  # orders a second


async def measure(folder: Path, orders: int) -> Size:
    """The container on the store as it is."""
    container, _ = opened(folder)
    luck, now = random.Random(1), time.time()
    known = [recognised(container, page(luck.randrange(orders), now), True) for _ in range(LOOKS)]
    fresh = iter(range(10**9, 2 * 10**9))
    unknown = [recognised(container, page(next(fresh), now), False) for _ in range(LOOKS)]
    commits = await written(container, fresh, 1)
    events = await written(container, fresh, CALLERS)
    steps = [await step(container, now) for _ in range(50)]
    size = Size(
        orders, spread(known), spread(unknown), commits, events, (statistics.median(steps), max(steps)),
        memory(os.getpid()),
    )  # fmt: skip
    container.store.close()
    return size


def recognised(container: Container, event: Event, expected: bool) -> float:
    """Seconds that recognising this copy takes: names looked up, all that is known of the conversion read.

    The first look takes a copy of what has not been here lately for new without asking the store, and makes it known.
    """
    container.dedup.recognise(event)
    started = time.perf_counter()
    seen = container.dedup.recognise(event)
    took = time.perf_counter() - started
    if (seen.conversion.number is not None) != expected:
        raise SystemExit(f"order {event.data['transaction_id']} was {'' if expected else 'not '}to be known")
    return took


async def written(container: Container, orders: Iterator[int], callers: int) -> float:
    """New purchases a second, on disk before the next, from so many callers."""
    until, count = time.perf_counter() + SECONDS, 0

    async def caller() -> None:
        nonlocal count
        while time.perf_counter() < until:
            await container.receive([page(next(orders), time.time())])
            count += 1

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return count / (time.perf_counter() - started)


async def step(container: Container, now: float) -> float:
    """Seconds that one step of forgetting keeps others from writing."""
    started = time.perf_counter()
    await container.store.expire(now)
    return time.perf_counter() - started


def spread(times: list[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    return statistics.median(times), sorted(times)[len(times) * 99 // 100]


# --- the table ------------------------------------------------------------------------------------------------------


def row(size: Size) -> str:
    """One line of it."""
    return (
        f"{size.orders:>10,}{size.known[0] * 1e3:>9.3f}{size.known[1] * 1e3:>9.3f}{size.unknown[0] * 1e3:>9.3f}"
        f"{size.unknown[1] * 1e3:>9.3f}{size.bytes:>9.0f}{size.commits:>10.0f}{size.events:>10.0f}"
        f"{size.step[0] * 1e3:>8.1f}{size.step[1] * 1e3:>9.1f}{size.memory:>8.0f}{size.filled:>10.0f}"
    )


HEAD = (
    f"{'orders':>10}{'known ms':>9}{'p99':>9}{'new ms':>9}{'p99':>9}{'bytes':>9}{'commits/s':>10}{'events/s':>10}"
    f"{'step ms':>8}{'longest':>9}{'MB':>8}{'filled/s':>10}"
)


def number(text: str) -> int:
    """`10k`, `5M`, `1234`."""
    return int(text[:-1]) * SUFFIXES[text[-1]] if text[-1] in SUFFIXES else int(text)


def run(root: Path, sizes: list[int]) -> Iterator[Size]:
    """Fill to each size, and measure there in a process of its own."""
    folder = root / "shop"
    subprocess.run([TAGPORT, "init", folder], check=True, stdout=subprocess.DEVNULL)
    before = 0
    for orders in sizes:
        took = asyncio.run(fill(folder, before, orders, sizes[-1]))
        database = folder / "data" / "tagport.db"
        bytes = database.stat().st_size / orders
        command = [sys.executable, __file__, "--measure", str(folder), str(orders)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        yield Size(**{**json.loads(told), "bytes": bytes, "filled": (orders - before) / took})
        before = orders


def main() -> None:
    """The whole run, or (`--measure`) one measurement of it."""
    if sys.argv[1:2] == ["--measure"]:
        size = asyncio.run(measure(Path(sys.argv[2]), int(sys.argv[3])))
        print(json.dumps(size.__dict__))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=number, default=[10_000, 100_000, 1_000_000, 5_000_000])
    sizes = sorted(parser.parse_args().sizes)
    root = Path(tempfile.mkdtemp(prefix="tagport-size-"))
    try:
        print(HEAD)
        for size in run(root, sizes):
            print(row(size), flush=True)
        median = max(size.known[0], size.unknown[0])
        print(f"\n{'ok  ' if median <= MOST_MEDIAN else 'MISS'} recognition {median * 1e3:.2f} ms at {sizes[-1]:,}")
        sys.exit(0 if median <= MOST_MEDIAN else 1)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
