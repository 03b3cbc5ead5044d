"""A shop's minute against real processes: `tagport serve`, `tagport sink`, and the requests of `shoppers.py`."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from shoppers import SECRET, Request, minute

TAGPORT = str(Path(sys.executable).with_name("tagport"))
PATIENCE = 20.0  # seconds for a process to start, and for the last delivery
VENDORS = {"graph.facebook.com": "Meta", "business-api.tiktok.com": "TikTok", "www.google-analytics.com": "GA4"}
ENVIRONMENT = {
    "META_PIXEL_ID": "1234567890",
    "META_ACCESS_TOKEN": "demo-meta-token",
    "TIKTOK_PIXEL_CODE": "C4DEMO0000000000",
    "TIKTOK_ACCESS_TOKEN": "demo-tiktok-token",
    "GA4_MEASUREMENT_ID": "G-DEMO000000",
    "GA4_API_SECRET": "demo-ga4-secret",
    "SHOPIFY_WEBHOOK_SECRET": SECRET,
    "EVENTS_TOKEN": "demo-events-token",
}
ONCE, NEVER = ("1001", "1002"), ("1003",)  # orders, and how often each vendor must have got them
console = Console(width=max(Console().width, 130), highlight=False)


# --- processes ------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(name: str, command: list[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process from the moment its port answers; stopped with SIGTERM at the end. `log` gets what it says."""
    env = {**os.environ, **ENVIRONMENT}  # the caller's own, if there are any, belong to somebody's real shop
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=env, stdout=said, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + PATIENCE
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{name} did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


# --- traffic --------------------------------------------------------------------------------------------------------


def send(port: int, request: Request) -> int:
    """The answer's status."""
    url = f"http://127.0.0.1:{port}{request.path}"
    asked = urllib.request.Request(url, data=request.body, headers=request.headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def play(port: int) -> list[str]:
    """Send the minute; what was not answered 2xx."""
    problems = []
    for request in minute(time.time()):
        status = send(port, request)
        console.print(f"  {status}  {request.says}")
        if not 200 <= status < 300:
            problems.append(f"{request.says}: answered {status}")
    return problems


def settled(admin: int) -> bool:
    """Wait until nothing waits for delivery any more."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = re.search(rb"^tagport_outbox_rows ([0-9.]+)$", ask(admin, "/metrics"), re.MULTILINE)
        if found and float(found[1]) == 0:
            return True
        time.sleep(0.05)
    return False


def ask(admin: int, path: str) -> bytes:
    """A page of the admin port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}{path}", timeout=10) as answer:
        body: bytes = answer.read()
        return body


# --- what came of it ------------------------------------------------------------------------------------------------


def received(log: Path) -> Counter[tuple[str, str, str]]:
    """What the vendor double got: (vendor, event as sent, order)."""
    found: Counter[tuple[str, str, str]] = Counter()
    for line in log.read_text().splitlines():
        call = json.loads(line)
        vendor = VENDORS.get(call["host"], call["host"])
        for event in call["body"].get("data") or call["body"].get("events") or ():
            found[vendor, str(event.get("event_name") or event.get("event") or event.get("name")), _order(event)] += 1
    return found


def _order(event: Mapping[str, Any]) -> str:
    named = event.get("custom_data") or event.get("properties") or event.get("params") or {}
    return str(named.get("order_id") or named.get("transaction_id") or "")


def conversions(admin: int) -> list[list[dict[str, Any]]]:
    """The decision records, those of one conversion together, in the order in which they came."""
    newest = json.loads(ask(admin, "/api/records?most=1000"))["records"]
    grouped: dict[str, list[dict[str, Any]]] = {}
    for short in reversed(newest):
        record = json.loads(ask(admin, f"/api/records/{short['id']}"))
        grouped.setdefault(record["conversion"]["id"], []).append(record)
    return list(grouped.values())


def summary(admin: int) -> Table:
    """A line for each conversion."""
    table = Table(title="What happened, and who was told", title_justify="left", show_lines=True)
    for head in ("conversion", "copies", *VENDORS.values(), "why the rest was not sent"):
        table.add_column(head, overflow="fold")
    for records in conversions(admin):
        sent = _sent(records)
        copies = Counter(f"{record['request']['client']}" for record in records)
        told = ", ".join(f"{count} × {client}" if count > 1 else client for client, count in copies.items())
        table.add_row(_named(records), told, *(_times(sent[vendor]) for vendor in VENDORS.values()), _why(records))
    return table


def _named(records: list[dict[str, Any]]) -> str:
    conversion = records[-1]["conversion"]
    kind = records[0]["event"]["name"] if conversion["kind"] == "event" else conversion["kind"]
    order = next((found for one in reversed(records) if (found := one["conversion"].get("transaction_id"))), "")
    return f"{kind} {order if kind == 'purchase' else ''}".strip()


def _sent(records: list[dict[str, Any]]) -> Counter[str]:
    sent: Counter[str] = Counter()
    for record in records:
        for tag in record["tags"]:
            for delivery in tag["deliveries"]:
                if delivery["outcome"] in ("delivered", "accepted"):
                    sent[VENDORS.get(delivery["target"].split(" ")[0], delivery["target"])] += 1
    return sent


def _times(count: int) -> str:
    return f"{count} ×" if count else "-"


def _why(records: list[dict[str, Any]]) -> str:
    """The reasons, each with the copies it was given for."""
    reasons: dict[str, list[int]] = {}
    for number, record in enumerate(records, 1):
        for reason in dict.fromkeys(_reasons(record)):
            plain = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "an earlier copy", reason)
            reasons.setdefault(plain, []).append(number)
    return "\n".join(
        f"{'copies' if len(copies) > 1 else 'copy'} {', '.join(map(str, copies))}: {reason}"
        for reason, copies in reasons.items()
    )


def _reasons(record: dict[str, Any]) -> Iterator[str]:
    if repeat := record["conversion"].get("repeat"):
        yield repeat
    for tag in record["tags"]:
        if tag["decision"] in ("waiting", "suppressed", "consent", "late", "invalid"):
            yield f"{tag['decision']}, {tag.get('reason', '')}"


def truth(got: Counter[tuple[str, str, str]]) -> Iterator[tuple[str, bool]]:
    """What must hold, and whether it does."""
    for order in (*ONCE, *NEVER):
        for vendor in VENDORS.values():
            count = sum(times for (to, _, name), times in got.items() if to == vendor and name == order)
            wanted = 1 if order in ONCE else 0
            yield f"order {order}: {vendor} got it {count} ×, and should have {wanted} ×", count == wanted
    for vendor, event in (("Meta", "AddToCart"), ("TikTok", "AddToCart"), ("GA4", "add_to_cart")):
        count = got[vendor, event, ""]
        yield f"the cart: {vendor} got {event} {count} ×, and should have 1 ×", count == 1


def report(admin: int, log: Path, problems: list[str]) -> bool:
    """Print the summary; whether everything is as it must be."""
    console.print()
    console.print(summary(admin))
    console.print()
    for said, holds in truth(received(log)):
        console.print(f"  {'ok   ' if holds else 'WRONG'} {said}", markup=False)
        if not holds:
            problems.append(said)
    for problem in problems:
        console.print(f"[bold red]wrong:[/] {problem}")
    return not problems


def main() -> None:
    """The whole demo."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="A shop's minute against real processes.")
    parser.add_argument("--once", action="store_true", help="end by itself, with exit code 0 where all is well")
    once = parser.parse_args().once
    root = Path(tempfile.mkdtemp(prefix="tagport-demo-"))
    try:
        with ExitStack() as stack:
            fine = demo(root, stack, once)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(0 if fine else 1)


def demo(root: Path, stack: ExitStack, once: bool) -> bool:
    """Start everything, play the minute, tell what came of it."""
    shop, log = root / "shop", root / "calls.jsonl"
    subprocess.run([TAGPORT, "init", str(shop)], check=True, stdout=subprocess.DEVNULL)
    (shop / ".env").write_text("".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items()))
    public, admin, vendors = free_port(), free_port(), free_port()
    stack.enter_context(running("the vendor double", _sink(vendors, log), vendors, root / "sink.log"))
    stack.enter_context(running("the container", _serve(shop, public, admin, vendors), public, root / "serve.log"))
    console.print(f"\ncontainer on http://127.0.0.1:{public}, vendors replaced by http://127.0.0.1:{vendors}\n")
    problems = play(public)
    if not settled(admin):
        problems.append(f"calls still wait for delivery after {PATIENCE:g} seconds")
    fine = report(admin, log, problems)
    if not once:
        _look_around(root, admin)
    return fine


def _sink(port: int, log: Path) -> list[str]:
    return [TAGPORT, "sink", "--port", str(port), "--log", str(log)]


def _serve(shop: Path, public: int, admin: int, vendors: int) -> list[str]:
    ports = ["--host", "127.0.0.1", "--port", str(public), "--admin-port", str(admin)]
    return [TAGPORT, "serve", str(shop), *ports, "--vendors", f"http://127.0.0.1:{vendors}"]


def _look_around(root: Path, admin: int) -> None:
    console.print(f"""
Everything keeps running until Ctrl-C. Look around:

  why, in the browser       http://127.0.0.1:{admin}/requests?find=order:1001
  why, in the terminal      .venv/bin/tagport explain 1001 {root}/shop
  what the vendors got      {root}/calls.jsonl
  the workspace             {root}/shop
  the container's log       {root}/serve.log
""", markup=False, soft_wrap=True)  # fmt: skip
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("stopping")


if __name__ == "__main__":
    main()
