"""A shop under traffic: its server dies again and again, or several serve from one store.

Afterwards every order is held against the vendors' calls.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from crowd import Crowd, Reckoning, only_purchases, reckon
from live import read_calls, run_sink
from ports import free_port
from processes import environment, in_process, serve, until

from container.ledger.sqlite import SqliteStore

DYING = Path(__file__).with_name("dying.py")
SUPPORT = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[2])))
RATE = 40.0  # new orders a second
FICKLE = 0.2  # share of copies that are not told again where nobody answered
MOST_STEPS = 40_000  # of a life; some 800 until it serves, some 600 for each copy
FAULTS = ("*:slow=20ms:30%", "*:500:5%", "*:hangup:1%")  # calls under way when the process dies; retries; doubts


@dataclass
class Dying:
    """Starts servers on one port and watches them end."""

    process: subprocess.Popen[str]
    port: int
    log: Path
    pid: int = 0

    def start(self, steps: int = 0) -> None:
        """Another life; `steps`: how long it is."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def kill(self, after: float) -> None:
        """`kill -9` from outside."""
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@contextlib.contextmanager
def dying(folder: Path, vendors: str, log: Path) -> Iterator[Dying]:
    """What starts servers for the workspace."""
    port = free_port()
    command = [sys.executable, str(DYING), str(folder), vendors, str(port), str(log)]
    env = environment() | {"PYTHONPATH": SUPPORT}
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    found = Dying(process, port, log)
    try:
        yield found
    finally:
        if found.pid and process.poll() is None:
            found.kill(0.0)
        process.communicate(timeout=30)


@dataclass
class Outcome:
    """What a run showed. `by_themselves`: deaths at a step of the process's own; `seconds`: of traffic, to the last
    call."""

    reckoning: Reckoning
    orders: int
    copies: int
    calls: int
    strange: dict[int, int]
    log: str
    seconds: float
    by_themselves: int = 0


def crash(folder: Path, kills: int, seed: int, beside: bool = False) -> Outcome:
    """Traffic over `kills` deaths, every other one at a step of the process's own; then one that lives.

    `beside`: another process serves from the same store all the time and does not die.
    """
    luck, log = random.Random(seed), folder / "serve.log"
    shop = _new_shop(folder)
    with run_sink(folder, *FAULTS) as vendors, dying(shop, vendors, log) as server:
        other = serve(shop, "--vendors", vendors) if beside else None
        ports = [server.port, other.port] if other else [server.port]
        crowd = Crowd(lambda: luck.choice(ports), itertools.count(1001), luck, rate=RATE, fickle=FICKLE)
        own = sum(_die(server, luck, MOST_STEPS if i % 2 else 0) for i in range(kills))
        server.start()
        crowd.enough()
        outcome = _settled(folder, crowd)
        server.kill(0.0)
        server.ended()
        if other:
            other.stop()
        return replace(outcome, log=log.read_text(), by_themselves=own)


def together(folder: Path, processes: int, orders: int, seed: int) -> Outcome:
    """Several servers, started at once on a new store; each copy goes to one of them at random."""
    luck = random.Random(seed)
    shop = _new_shop(folder)
    with run_sink(folder) as vendors, ThreadPoolExecutor(processes) as pool:
        servers = list(pool.map(lambda _: serve(shop, "--vendors", vendors), range(processes)))
        try:
            crowd = Crowd(lambda: luck.choice(servers).port, iter(range(1001, 1001 + orders)), luck)
            outcome = _settled(folder, crowd)
        finally:
            logs = [server.stop()[1] for server in servers]
        return replace(outcome, log="".join(logs))


def _new_shop(folder: Path) -> Path:
    shop = folder / "shop"
    assert in_process("init", shop).exit_code == 0
    only_purchases(shop)
    return shop


def _settled(folder: Path, crowd: Crowd) -> Outcome:
    """When every copy is told and nothing waits any more."""
    began = time.monotonic()
    crowd.wait()
    store = SqliteStore(folder / "shop" / "data" / "tagport.db")
    until(lambda: not store.waits_due(9e18, 1) and not store.depth()[0], 120)
    took = time.monotonic() - began
    calls = read_calls(folder)
    reckoning = reckon(crowd.answered_orders, calls, store)
    store.close()
    told = len(crowd.answered)
    return Outcome(reckoning, len(crowd.answered_orders), told, len(calls), dict(crowd.strange), "", took)


def _die(server: Dying, luck: random.Random, most_steps: int) -> bool:
    """One life; whether it ended by itself."""
    if not most_steps:
        server.start()
        server.kill(0.6 * luck.random())
        return server.ended() == 0
    server.start(1 + int(most_steps * luck.random() ** 2))
    return server.ended() == -signal.SIGKILL
