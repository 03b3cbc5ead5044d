"""What delivering costs, in one run: bench/deliver.py [--events 3000] [--seconds 3]

The process that delivers has one core, the vendor double (`tagport sink`) the other. Purchases are decided by a starter
workspace and put into a real SQLite store; then they are delivered, and the CPU of that alone is counted: marking the
calls as being sent, sending them, judging the answers, writing the outcomes down. Beside it other clients send the
bytes of one such call, as often, with nothing written down at all.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import uvloop
from accept import ENVIRONMENT, LOAD_CORE, PURCHASES, SERVER_CORE, TAGPORT, free_port, running, workspace
from size import page

from container.admin.metrics import Metrics
from container.build import build, on_disk
from container.delivery import Delivery
from container.delivery.http import Http, Wire
from container.event import Event
from container.ledger.interface import Row
from container.pipeline import Container
from container.problems import Problems

IN_FLIGHT = 32
POLL = 600.0  # seconds: the table is not looked into but for a backlog
AHEAD = 300  # calls of each vendor that are handed over and not yet taken: a server under load
BODY = json.dumps({"client_id": "1.2", "events": [{"name": "purchase", "params": {"value": 1, "note": "x" * 900}}]})
PATH = "/mp/collect?measurement_id=G-BENCH00000&api_secret=bench"
HEADERS = {
    "content-type": "application/json",
    "user-agent": "Mozilla/5.0",
    "accept": "*/*",
    "accept-encoding": "identity",
    "x-tagport-host": "www.google-analytics.com",
}
MOST_MICROSECONDS = 150.0  # of CPU for the three calls of a purchase


@dataclass
class Cost:
    """What some calls took: seconds, and seconds of this process's CPU."""

    count: int
    seconds: float
    cpu: float


class Stopwatch:
    """Counts time and CPU from here."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def cost(self, count: int) -> Cost:
        """Until now."""
        return Cost(count, time.perf_counter() - self._began, time.process_time() - self._cpu)


# --- our delivery ---------------------------------------------------------------------------------------------------


class Single:
    """A template's rules, without joining."""

    def __init__(self, rules: Any) -> None:
        self._rules = rules
        self.most = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules, name)


class Counting(Metrics):
    """The server's metrics, which also tell when all is delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0
        self.all = asyncio.Event()

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None:
        super().delivered(tag, outcome, status, took)
        self.left -= outcome in ("delivered", "accepted")
        if not self.left:
            self.all.set()


def purchase(order: int) -> Event:
    """One that every vendor takes."""
    told = page(order, time.time())
    who = {"user_data": {"email_address": f"visitor{order}@example.com"}, "ip_override": "203.0.113.7"}
    return replace(told, data={**told.data, **who})


async def delivering(folder: Path, vendors: str, events: int, joined: bool, backlog: bool) -> Cost:
    """Purchases in the store, then out. `backlog`: read back from the table, as after an outage; else handed over."""
    container = build(folder, Problems(), environ={**os.environ, **ENVIRONMENT}, ledger=on_disk)
    assert container is not None
    rows: list[Row] = []
    container.hand_over = rows.extend
    counting = Counting()
    delivery = _delivery(container, vendors, joined, counting)
    if not backlog:
        await delivery.start()  # before there is anything in the table: nothing is read from it
    for begin in range(0, events, 64):
        await asyncio.gather(*(container.receive([purchase(begin + number)]) for number in range(64)))
    counting.left = len(rows)
    _settle_down()
    watch = Stopwatch()
    if backlog:
        await delivery.start()
    else:
        await _hand_over(delivery, rows)
    await counting.all.wait()
    cost = watch.cost(len(rows))
    assert not container.store.failures(), container.store.failures()[0].row.reason
    await delivery.stop(5)
    container.store.close()
    return cost


def _delivery(container: Container, vendors: str, joined: bool, counts: Metrics) -> Delivery:
    templates, store = container.templates, container.store
    rules = {id: template.rules if joined else Single(template.rules) for id, template in templates.items()}
    database = store.path  # type: ignore[attr-defined]
    reveal = container.environment.__getitem__
    return Delivery(store, rules.get, reveal, database=database, vendors=vendors, counts=counts, poll=POLL)


async def _hand_over(delivery: Delivery, rows: Sequence[Row]) -> None:
    """As the route does, some ahead of the vendors."""
    waiting = iter(rows)
    left = len(rows)
    while left:
        room = AHEAD - max((len(account.queue) for account in delivery.accounts.values()), default=0)
        more = list(islice(waiting, max(0, room)))
        delivery.hand_over(more)
        left -= len(more)
        await asyncio.sleep(0.001)


def _settle_down() -> None:
    """As the server does at its start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


# --- other clients --------------------------------------------------------------------------------------------------

Send = Callable[[], Awaitable[Any]]


async def _flood(send: Send, seconds: float) -> Cost:
    """As many as it takes, so many at a time."""
    done = 0

    async def one(until: float) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await send()
            done += 1

    async def all_for(seconds: float) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(one(until) for _ in range(IN_FLIGHT)))

    await all_for(0.3)
    _settle_down()
    done, watch = 0, Stopwatch()
    await all_for(seconds)
    return watch.cost(done)


async def our_client(url: str, seconds: float) -> Cost:
    """What delivery sends with."""
    http, wire = Http(), Wire("POST", url, list(HEADERS.items()), BODY.encode())
    cost = await _flood(lambda: http.send(wire), seconds)
    await http.close()
    return cost


async def aiohttp_client(url: str, seconds: float) -> Cost:
    """aiohttp, one session."""
    import aiohttp

    connector, jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:

        async def send() -> None:
            async with session.post(url, data=BODY.encode(), headers=HEADERS) as answer:
                await answer.read()

        return await _flood(send, seconds)


async def httpx_client(url: str, seconds: float) -> Cost:
    """httpx with its own pool."""
    import httpx

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=IN_FLIGHT)) as client:
        return await _flood(lambda: client.post(url, content=BODY.encode(), headers=HEADERS), seconds)


async def httpx_over_aiohttp(url: str, seconds: float) -> Cost:
    """httpx with aiohttp underneath."""
    from httpx_aiohttp import HttpxAiohttpClient

    async with HttpxAiohttpClient() as client:
        return await _flood(lambda: client.post(url, content=BODY.encode(), headers=HEADERS), seconds)


async def urllib3_client(url: str, seconds: float) -> Cost:
    """urllib3 in threads."""
    import urllib3

    pool = urllib3.PoolManager(maxsize=IN_FLIGHT)
    return await _threads(lambda: pool.request("POST", url, body=BODY.encode(), headers=HEADERS), seconds)


async def requests_client(url: str, seconds: float) -> Cost:
    """requests in threads, one session for all."""
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=IN_FLIGHT))
    return await _threads(lambda: session.post(url, data=BODY.encode(), headers=HEADERS), seconds)


async def _threads(send: Callable[[], Any], seconds: float) -> Cost:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        return await _flood(lambda: loop.run_in_executor(threads, send), seconds)


CLIENTS: dict[str, Callable[[str, float], Awaitable[Cost]]] = {
    "tagport's": our_client,
    "aiohttp": aiohttp_client,
    "urllib3 (threads)": urllib3_client,
    "requests (threads)": requests_client,
    "httpx over aiohttp": httpx_over_aiohttp,
    "httpx": httpx_client,
}


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """One delivery that is measured."""

    name: str
    tags: tuple[str, ...]
    joined: bool = True
    backlog: bool = False


CASES = (
    Case("GA4, each call alone", ("ga4_purchase",)),
    Case("Meta, joined", ("meta_purchase",)),
    Case("Meta, each call alone", ("meta_purchase",), joined=False),
    Case("TikTok, joined", ("tiktok_purchase",)),
    Case("all three of a purchase", PURCHASES),
    Case("all three, out of the table", PURCHASES, backlog=True),
)


def measured(*what: str) -> Cost | str:
    """One measurement, in a process of its own on the server's core; or why there is none."""
    command = [sys.executable, __file__, "--measure", *what]
    env = {**os.environ, **ENVIRONMENT}
    told = subprocess.run(
        command, env=env, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE})
    )
    if told.returncode:
        missing = "ModuleNotFoundError" in told.stderr
        return "not installed" if missing else f"failed: {told.stderr.strip().splitlines()[-1]}"
    return Cost(**json.loads(told.stdout))


def measure(what: Sequence[str]) -> None:
    """In that process: prints the cost."""
    if what[0] == "client":
        cost = uvloop.run(CLIENTS[what[1]](what[2], float(what[3])))  # type: ignore[arg-type]
    else:
        folder, vendors, events, joined, backlog = what[1:]
        cost = uvloop.run(delivering(Path(folder), vendors, int(events), joined == "True", backlog == "True"))
    print(json.dumps(vars(cost)))


def row(name: str, cost: Cost | str) -> None:
    """One line."""
    if isinstance(cost, str):
        print(f"{name:<34}{cost}")
        return
    each = cost.cpu / max(cost.count, 1) * 1e6
    print(f"{name:<34}{cost.count / cost.seconds:>9.0f}{each:>10.0f}{cost.count / cost.cpu:>14.0f}", flush=True)


def main() -> None:
    """The whole run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=6400, help="purchases of each measurement (6400)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each other client (3)")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    os.sched_setaffinity(0, {LOAD_CORE})
    root, port = Path(tempfile.mkdtemp(prefix="tagport-bench-")), free_port()
    try:
        with running([TAGPORT, "sink", "--port", str(port), "--log", "/dev/null"], LOAD_CORE, port):
            sys.exit(0 if _table(root, f"http://127.0.0.1:{port}", options) else 1)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _table(root: Path, vendors: str, options: argparse.Namespace) -> bool:
    print(f"{'deliveries, written down':<34}{'calls/s':>9}{'CPU µs':>10}{'calls/CPU s':>14}")
    found: dict[str, Cost | str] = {}
    for number, case in enumerate(CASES):
        folder = workspace(root, f"case{number}", case.tags)
        found[case.name] = measured(
            "delivery", str(folder), vendors, str(options.events), str(case.joined), str(case.backlog)
        )
        row(case.name, found[case.name])
    print(f"\n{f'clients, {IN_FLIGHT} at a time':<34}{'calls/s':>9}{'CPU µs':>10}{'calls/CPU s':>14}")
    for name in CLIENTS:
        row(name, measured("client", name, vendors + PATH, str(options.seconds)))
    whole = found["all three of a purchase"]
    if isinstance(whole, str):
        return False
    each = 3 * whole.cpu / whole.count * 1e6
    reached = each <= MOST_MICROSECONDS
    print(f"\n{'ok  ' if reached else 'MISS'} three calls of a purchase: {each:.0f} µs, wanted {MOST_MICROSECONDS:.0f}")
    return reached


if __name__ == "__main__":
    main()
