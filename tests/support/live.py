"""A fresh workspace, served for real against a vendor double: what the acceptance tests send to and look into."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ports import free_port
from processes import ENVIRONMENT, Serving, ask, at_once, environment, in_process, serve, until

GRANTED = {"gcs": "G111", "gcd": "13r3r3r3r5l1"}
DENIED = {"gcs": "G100", "gcd": "13p3p3p3p5l1"}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
CALLS = "calls.jsonl"
VENDORS = {"graph.facebook.com": "meta", "business-api.tiktok.com": "tiktok", "www.google-analytics.com": "ga4"}


@dataclass
class LiveShop:
    """One workspace. `serving` changes with every restart."""

    folder: Path
    sink: str
    sink_folder: Path
    serving: Serving

    def restart(self) -> None:
        """kill -9, and start again on another port."""
        self.serving.kill()
        self.serving = serve(self.folder, "--vendors", self.sink)

    def page(self, order: str, consent: dict[str, str] = GRANTED, **more: str) -> int:
        """The thank-you page's hit; the answer's status, 0 where there was none."""
        return self._ask(purchase_hit(order, consent, **more), None, BROWSER)

    def webhook(self, order: str, delivery: str = "") -> int:
        """The shop's orders/paid."""
        body, headers = paid_order(order, delivery)
        return self._ask("/webhooks/shopify", body, headers)

    def send(self, path: str, body: bytes | None = None, **headers: str) -> int:
        """Any request."""
        return self._ask(path, body, headers)

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> int:
        try:
            return ask(self.serving.port, path, body, headers)[0]
        except (OSError, HTTPException):
            return 0

    def calls(self) -> list[dict[str, Any]]:
        """Everything the vendors got."""
        return read_calls(self.sink_folder)

    def orders(self) -> dict[str, list[str]]:
        """Vendor → the orders of the purchases it got, in order of arrival."""
        found: dict[str, list[str]] = {name: [] for name in VENDORS.values()}
        for call in self.calls():
            for event in call["body"].get("data") or call["body"].get("events") or []:
                if order := order_of(event):
                    found[VENDORS[call["host"]]].append(order)
        return found

    def until_delivered(self, purchases: int, seconds: float = 30.0) -> None:
        """Until the vendors have got this many purchases in all, or the time is over; then a little longer."""
        with contextlib.suppress(AssertionError):
            until(lambda: sum(map(len, self.orders().values())) >= purchases, seconds)
        time.sleep(0.5)

    def failures(self) -> list[dict[str, Any]]:
        """`tagport failures`."""
        told = in_process("failures", self.folder, "--format", "json").stdout
        found: list[dict[str, Any]] = json.loads(told)["failures"]
        return found

    def admin(self, path: str) -> bytes:
        """What the admin port answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.serving.admin}{path}", timeout=10) as answer:
            content: bytes = answer.read()
            return content


@contextlib.contextmanager
def live_shop(folder: Path, *faults: str) -> Iterator[LiveShop]:
    """A workspace as `tagport init` writes it, whose tags wait for nothing, served against a `sink` with `faults`."""
    shop = folder / "shop"
    assert in_process("init", shop).exit_code == 0
    at_once(shop)
    with run_sink(folder, *faults) as url:
        running = LiveShop(shop, url, folder, serve(shop, "--vendors", url))
        try:
            yield running
        finally:
            if running.serving.process.poll() is None:
                running.serving.kill()


@contextlib.contextmanager
def run_sink(folder: Path, *faults: str) -> Iterator[str]:
    """A vendor double with these faults, and its URL."""
    port = free_port()
    command = [sys.executable, "-m", "container.cli", "sink", "--port", str(port), "--log", str(folder / CALLS)]
    options = [word for fault in faults for word in ("--fault", fault)]
    sink = subprocess.Popen([*command, *options], env=environment(), stderr=subprocess.DEVNULL)
    try:
        until(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        sink.kill()
        sink.communicate()


def read_calls(folder: Path) -> list[dict[str, Any]]:
    """Everything the vendor double in this folder got."""
    calls = folder / CALLS
    written = calls.read_text() if calls.exists() else ""
    return [json.loads(line) for line in written[: written.rfind("\n") + 1].splitlines()]  # the last may be half there


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def order_of(event: dict[str, Any]) -> str:
    """The order's name in a vendor's event."""
    told = event.get("custom_data") or event.get("properties") or event.get("params") or {}
    return str(told.get("order_id") or told.get("transaction_id") or "")


def purchase_hit(order: str, consent: dict[str, str] = GRANTED, **more: str) -> str:
    """The path and query of a gtag purchase."""
    parameters = {
        "v": "2",
        "tid": "G-TEST000000",
        **consent,
        "cid": "1234567890.1795000000",
        "sid": "1795427000",
        "dl": "https://shop.example.com/thank-you",
        "en": "purchase",
        "cu": "EUR",
        "epn.value": "149.9",
        "ep.transaction_id": order,
        "pr1": "idSKU-1~nmShirt~pr49.95~qt2",
        **more,
    }
    return f"/g/collect?{urlencode(parameters)}"


def paid_order(order: str, delivery: str = "") -> tuple[bytes, dict[str, str]]:
    """Body and headers of a signed orders/paid."""
    id = 5_000_000_000_000 + int(order)
    payload = {
        "id": id,
        "admin_graphql_api_id": f"gid://shopify/Order/{id}",
        "name": f"#{order}",
        "order_number": int(order),
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "currency": "EUR",
        "total_price": "149.90",
        "email": "jane.roe@example.com",
        "browser_ip": "203.0.113.7",
        "customer": {"id": 77, "first_name": "Jane", "last_name": "Roe"},
        "line_items": [{"id": 1, "sku": "SKU-1", "title": "Shirt", "price": "49.95", "quantity": 2}],
    }
    body = json.dumps(payload).encode()
    digest = hmac.digest(ENVIRONMENT["SHOPIFY_WEBHOOK_SECRET"].encode(), body, hashlib.sha256)
    return body, {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": "example.myshopify.com",
        "X-Shopify-Webhook-Id": delivery or f"delivery-{order}-{time.monotonic_ns()}",
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }
