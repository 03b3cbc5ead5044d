"""What one core takes, in one run: bench/accept.py [--seconds 10]

The server has one core, the load generator (and the vendor double) another. Every request is a whole gtag hit; the bare
uvicorn that everything is measured against gets the same bytes. Purchases have a new order number each. The store is a
real SQLite file in the temporary folder (`TMPDIR`).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from load import Make, Outcome, saturate, steady

HERE = Path(__file__).parent
TAGPORT = str(Path(sys.executable).with_name("tagport"))
SERVER_CORE, LOAD_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 64
TURN = 1.0  # seconds
MOST_MEGABYTES = 120.0
MOST_P99 = 0.015
MOST_START = 1.0
ENVIRONMENT = {
    "META_PIXEL_ID": "1234567890",
    "META_ACCESS_TOKEN": "bench",
    "TIKTOK_PIXEL_CODE": "C0000000000000000000",
    "TIKTOK_ACCESS_TOKEN": "bench",
    "GA4_MEASUREMENT_ID": "G-BENCH00000",
    "GA4_API_SECRET": "bench",
    "SHOPIFY_WEBHOOK_SECRET": "bench",
    "EVENTS_TOKEN": "bench",
}
HIT = (
    "GET /g/collect?v=2&tid=G-ABC123&gtm=45je5ca1za200&_p=1766755449798&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=0"
    "&cid=%d.1764678332&ul=en-us&sr=1920x1080&uaa=arm&uab=64&uamb=0&uam=&uap=macOS&uapv=26.1.0&uaw=0&are=1&frm=0"
    "&pscdl=noapi&_eu=AAAAAAQ&_s=2&cu=USD&sid=1766755460&sct=2&seg=0"
    "&dl=https%%3A%%2F%%2Fwww.example.com%%2Fthanks%%3Ffbclid%%3DIwAR%d&dt=Example%%20Domain&en={event}&_ee=1"
    "&pr1=idSKU_12345~nmStan%%20and%%20Friends%%20Tee~brGoogle~caApparel~pr10.01~qt3"
    "&pr2=idSKU_12346~nmGoogle%%20Tee~brGoogle~caApparel~pr21.01~qt2"
    "{names}&epn.value=72.05&epn.tax=3.6&epn.shipping=5.99&ep.coupon=SUMMER_SALE&tfd=18058 HTTP/1.1\r\n"
    "Host: tags.example.com\r\nAccept: */*\r\nOrigin: https://www.example.com\r\nReferer: https://www.example.com/\r\n"
    "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36\r\n"
    "Cookie: _ga=GA1.1.%d.1764678332; _fbp=fb.1.1760043840841.%d\r\n\r\n"
)


def hits(event: str) -> Make:
    """Requests of one event; purchases are numbered."""
    names = "&ep.transaction_id=%d" if event == "purchase" else ""
    request = HIT.format(event=event, names=names).encode()
    if event == "purchase":
        return lambda number: request % (number, number, number, number, number)
    return lambda number: request % (number, number, number, number)


# --- processes ------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@dataclass
class Running:
    """A process that answers on a port. `start`: seconds until it did."""

    pid: int
    port: int
    start: float


@contextmanager
def running(command: list[str], core: int, port: int) -> Iterator[Running]:
    """The process, on one core, from the moment its port answers."""
    env = {**os.environ, **ENVIRONMENT}
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
            time.sleep(0.002)
        yield Running(process.pid, port, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(60)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def cpu(pid: int) -> float:
    """Seconds of CPU a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """Resident memory in megabytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """Resident memory twice a second, while it lasts."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            seen.append(memory(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


# --- what is measured -----------------------------------------------------------------------------------------------


@dataclass
class Taken:
    """What a server has taken, with the CPU it used for it, and what the yardstick took in between."""

    full: Outcome = field(default_factory=Outcome)
    cpu: float = 0.0  # seconds
    bare: Outcome = field(default_factory=Outcome)
    bare_cpu: float = 0.0


@dataclass
class Row:
    """One line of the table."""

    name: str
    taken: Taken
    half: Outcome
    share: float | None = None  # of it to be reached, of bare uvicorn's events a second
    memory: list[float] = field(default_factory=list)
    start: float | None = None

    @property
    def events(self) -> float:
        """Events a second."""
        return self.taken.full.rate

    @property
    def cpu(self) -> float:
        """Seconds of the server's CPU for each event."""
        return self.taken.cpu / max(self.taken.full.requests, 1)

    @property
    def of_bare(self) -> float:
        """The share of what bare uvicorn took in between."""
        return self.events / self.taken.bare.rate

    @property
    def cpu_of_bare(self) -> float:
        """The share that bare uvicorn's CPU for a request is of this."""
        return self.taken.bare_cpu / max(self.taken.bare.requests, 1) / self.cpu


def in_turns(
    server: Running, yard: Running, make: Make, seconds: float, end: Callable[[], None] | None = None
) -> Taken:
    """As much as it takes, a turn at a time, and between two turns as much as bare uvicorn takes.

    A shared machine is now fast, now slow: what is compared is measured side by side. `end` ends a turn, and counts.
    """
    taken = Taken()
    while taken.full.seconds < seconds:
        before = cpu(yard.pid)
        taken.bare.add(saturate(yard.port, make, connections=CONNECTIONS, seconds=TURN / 2))
        taken.bare_cpu += cpu(yard.pid) - before
        before, started = cpu(server.pid), time.perf_counter()
        first = 2 * 10**9 + taken.full.requests
        part = saturate(server.port, make, first=first, connections=CONNECTIONS, seconds=TURN)
        if end is not None:
            end()
            part.seconds = time.perf_counter() - started
        taken.cpu += cpu(server.pid) - before
        taken.full.add(part)
    return taken


def measured(
    name: str, server: Running, yard: Running, make: Make, seconds: float, share: float | None = None,
    end: Callable[[], None] | None = None,
) -> Row:  # fmt: skip
    """Warm up, then as much as it takes, then half of that."""
    saturate(server.port, make, first=10**9, connections=CONNECTIONS, seconds=min(2.0, seconds))
    if end is not None:
        end()
    with watched(server.pid) as seen:
        taken = in_turns(server, yard, make, seconds, end)
        time.sleep(1)
        rate = taken.full.rate / 2
        half = steady(server.port, make, rate=rate, first=3 * 10**9, connections=CONNECTIONS, seconds=seconds)
        if end is not None:
            end()
    return Row(name, taken, half, share, seen)


def drain(admin: int) -> None:
    """Wait until nothing waits for delivery."""
    while waiting(admin):
        time.sleep(0.05)


def waiting(admin: int) -> float:
    """Calls in the outbox, as the metrics tell."""
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics") as answer:
        found = re.search(rb"^tagport_outbox_rows ([0-9.e+]+)$", answer.read(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def workspace(root: Path, name: str, tags: tuple[str, ...] | None = None) -> Path:
    """A starter workspace, with these tags only, none of which waits for a second copy: there is none."""
    folder = root / name
    subprocess.run([TAGPORT, "init", folder], check=True, stdout=subprocess.DEVNULL)
    for path in (folder / "tags").iterdir():
        if tags is not None and path.stem not in tags:
            path.unlink()
        else:
            path.write_text(re.sub(r"^wait:.*\n", "", path.read_text(), flags=re.MULTILINE))
    return folder


PURCHASES = ("ga4_purchase", "meta_purchase", "tiktok_purchase")


def accepting(
    root: Path, yard: Running, name: str, tags: tuple[str, ...] | None, event: str, seconds: float, share: float
) -> Row:
    """Events taken, decided, rendered and on disk; nothing is sent."""
    folder, port = workspace(root, name.replace(" ", "-"), tags), free_port()
    with running([sys.executable, str(HERE / "accepting.py"), str(folder), str(port)], SERVER_CORE, port) as server:
        return measured(name, server, yard, hits(event), seconds, share)


def delivering(root: Path, yard: Running, seconds: float) -> Row:
    """The same, and delivered to the vendor double."""
    folder, port, admin, vendors = workspace(root, "delivered"), free_port(), free_port(), free_port()
    sink = [TAGPORT, "sink", "--port", str(vendors), "--log", str(root / "calls.jsonl")]
    serve = [TAGPORT, "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--admin-port", str(admin)]
    with (
        running(sink, LOAD_CORE, vendors),
        running([*serve, "--vendors", f"http://127.0.0.1:{vendors}"], SERVER_CORE, port) as server,
    ):
        name, end = "purchase, three tags, delivered", partial(drain, admin)
        row = measured(name, server, yard, hits("purchase"), seconds, 0.05, end)
        row.start = server.start
        return row


@contextmanager
def bare(*more: str) -> Iterator[Running]:
    """The yardstick, or (with `route`) the least that an application on it costs."""
    port = free_port()
    with running([sys.executable, str(HERE / "bare.py"), str(port), *more], SERVER_CORE, port) as server:
        yield server


def routed(yard: Running, seconds: float) -> Row:
    """What a route costs."""
    with bare("route") as server:
        return measured("uvicorn, a Starlette route, 204", server, yard, hits("purchase"), seconds)


def by_hand(root: Path, yard: Running, name: str, tags: int, seconds: float) -> Row:
    """What the same parts cost without anything that tagport decides."""
    folder, port = root / f"by-hand-{tags}", free_port()
    folder.mkdir()
    command = [sys.executable, str(HERE / "by_hand.py"), str(folder), str(port), str(tags)]
    with running(command, SERVER_CORE, port) as server:
        return measured(name, server, yard, hits("purchase"), seconds)


def fsync(folder: Path) -> float:
    """Seconds that one small write to disk takes, at the median of 50."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(50):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
    return sorted(took)[25]


# --- the table ------------------------------------------------------------------------------------------------------


def table(rows: list[Row]) -> bool:
    """Print everything; whether all that was to be reached was."""
    heads = "".join(f"{head:>8}" for head in ("share", "wanted", "p50 ms", "p99 ms", "CPU µs", "share"))
    print(f"{'':<34}{'events/s':>9}{heads}{'half: p50':>10}{'p99 ms':>8}")
    for row in rows:
        full, half = row.taken.full, row.half
        wanted = f"{row.share:.2f}" if row.share else ""
        print(
            f"{row.name:<34}{row.events:>9.0f}{row.of_bare:>8.3f}{wanted:>8}"
            f"{full.percentile(0.5) * 1e3:>8.2f}{full.percentile(0.99) * 1e3:>8.2f}{row.cpu * 1e6:>8.0f}"
            f"{row.cpu_of_bare:>8.3f}{half.percentile(0.5) * 1e3:>10.2f}{half.percentile(0.99) * 1e3:>8.2f}"
        )
    print()
    reached = [verdict(*one) for one in verdicts(rows)]
    return all(reached)


def verdicts(rows: list[Row]) -> Iterator[tuple[str, bool]]:
    """Everything that was to be reached, and whether it was."""
    for row in rows:
        if row.share is None:
            continue  # a yardstick
        yield f"{row.name}: {row.of_bare:.3f} of bare uvicorn, wanted {row.share}", row.of_bare >= row.share
        p99 = row.half.percentile(0.99)
        yield f"{row.name}: p99 at half load {p99 * 1e3:.1f} ms, wanted {MOST_P99 * 1e3:.0f}", p99 <= MOST_P99
        failed = row.taken.full.failed + row.half.failed
        yield f"{row.name}: {failed} requests failed", failed == 0
        start, end = row.memory[len(row.memory) // 4], row.memory[-1]
        flat = end <= MOST_MEGABYTES and end - start <= 10
        yield f"{row.name}: memory {start:.0f} MB, then {end:.0f}, at most {max(row.memory):.0f}", flat
        if row.start is not None:
            yield f"`tagport serve` listens after {row.start:.2f} s, wanted {MOST_START:g}", row.start <= MOST_START


def verdict(what: str, reached: bool) -> bool:
    """One line of it."""
    print(f"{'ok  ' if reached else 'MISS'} {what}")
    return reached


def main() -> None:
    """The whole run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement (10)")
    seconds = parser.parse_args().seconds
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("this needs two cores: one for the server, one for the load")
    os.sched_setaffinity(0, {LOAD_CORE})
    root = Path(tempfile.mkdtemp(prefix="tagport-bench-"))
    try:
        print(f"{seconds:g} s each, {CONNECTIONS} connections, a write to disk takes {fsync(root) * 1e3:.2f} ms\n")
        with bare() as yard:
            purchase = partial(accepting, root, yard, event="purchase", seconds=seconds)
            rows = [
                measured("bare uvicorn, 204", yard, yard, hits("purchase"), seconds),
                routed(yard, seconds),
                by_hand(root, yard, "a purchase by hand, one call", 1, seconds),
                by_hand(root, yard, "a purchase by hand, three calls", 3, seconds),
                accepting(root, yard, "no tag fires", None, "scroll", seconds, 0.25),
                purchase("purchase, one tag", ("ga4_purchase",), share=0.12),
                purchase("purchase, three tags", PURCHASES, share=0.08),
                delivering(root, yard, seconds),
            ]
        sys.exit(0 if table(rows) else 1)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
