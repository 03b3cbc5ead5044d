"""`tagport` as real processes, on free ports, in a starter workspace of their own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from container.cli import command

ENVIRONMENT = {
    "META_PIXEL_ID": "1234567890",
    "META_ACCESS_TOKEN": "meta-token-of-the-tests",
    "TIKTOK_PIXEL_CODE": "C0000000000000000000",
    "TIKTOK_ACCESS_TOKEN": "tiktok-token-of-the-tests",
    "GA4_MEASUREMENT_ID": "G-TEST000000",
    "GA4_API_SECRET": "ga4-secret-of-the-tests",
    "GOOGLE_CREDENTIALS": "google-credentials-of-the-tests",
    "SHOPIFY_WEBHOOK_SECRET": "shopify-secret-of-the-tests",
    "EVENTS_TOKEN": "events-token-of-the-tests",
}
ROOT = Path(__file__).parents[2]
WELCOME = re.compile(r"listens on http://[^:]+:(\d+), admin on http://[^:]+:(\d+)")


def environment(**changed: str | None) -> dict[str, str]:
    """The process environment with the starter's names; None takes one away."""
    wanted = {**os.environ, **ENVIRONMENT, **changed, "PYTHONPATH": str(ROOT)}
    return {name: value for name, value in wanted.items() if value is not None}


def tagport(*args: str | Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One verb, run to its end."""
    arguments = [sys.executable, "-m", "container.cli", *map(str, args)]
    return subprocess.run(arguments, env=env or environment(), capture_output=True, text=True, timeout=60)


def in_process(*args: str | Path, env: Mapping[str, str | None] = ENVIRONMENT) -> Result:
    """One verb, run to its end in this process: where it is not the process that is looked at."""
    result = CliRunner().invoke(command, [str(arg) for arg in args], env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def at_once(folder: Path) -> Path:
    """The workspace with tags that wait for nothing: the first copy is sent."""
    for path in (folder / "tags").glob("*.yaml"):
        path.write_text(re.sub(r"^wait:.*\n", "", path.read_text(), flags=re.MULTILINE))
    return folder


@dataclass
class Serving:
    """A `tagport serve` that listens."""

    process: subprocess.Popen[str]
    port: int
    admin: int
    welcome: str
    started: float  # seconds until it said so

    def stop(self) -> tuple[int, str]:
        """SIGTERM: exit code, and what was on standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.communicate(timeout=30)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """GET on the public port."""
        return ask(self.port, path, None, headers)

    def ask_admin(self, path: str, said: Any = None) -> Any:
        """JSON from the admin port; `said` is posted."""
        body = None if said is None else json.dumps(said).encode()
        return json.loads(ask(self.admin, path, body, {"content-type": "application/json"})[1])

    def webhook(self, payload: Mapping[str, Any], topic: str = "orders/paid", delivery: str = "w-1") -> int:
        """A signed webhook; its answer's status."""
        body = json.dumps(payload).encode()
        digest = hmac.digest(ENVIRONMENT["SHOPIFY_WEBHOOK_SECRET"].encode(), body, hashlib.sha256)
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-webhook-id": delivery,
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        }
        return ask(self.port, "/webhooks/shopify", body, headers)[0]


def serve(folder: Path, *args: str, env: Mapping[str, str] | None = None) -> Serving:
    """Start `tagport serve` and wait for its welcome."""
    ports = ["--host", "127.0.0.1", "--port", "0", "--admin-port", "0"]
    arguments = [sys.executable, "-m", "container.cli", "serve", str(folder), *ports, *args]
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments, env=env or environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    welcome = process.stdout.readline()
    took = time.perf_counter() - started
    found = WELCOME.search(welcome)
    if found is None:
        raise AssertionError(f"serve did not start: {welcome}{process.communicate(timeout=10)[1]}")
    return Serving(process, int(found[1]), int(found[2]), welcome.strip(), took)


def ask(port: int, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and body of one request."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def hit(order: str, event: str = "purchase", granted: bool = True, client: str = "1111111111.1795400000") -> str:
    """The path and query of a gtag hit."""
    consent = "gcs=G111&gcd=13r3r3r3r5l1" if granted else "gcs=G100&gcd=13p3p3p3p5l1"
    return (
        f"/g/collect?v=2&tid=G-ABC&cid={client}&sid=1795427000&{consent}&en={event}&cu=EUR&epn.value=39.8"
        f"&dl=https%3A%2F%2Fshop.example%2Fthanks&ep.transaction_id={order}&pr1=idMUG-1~nmMug~pr19.9~qt2"
    )


def until(holds: Any, seconds: float = 60.0) -> Any:
    """Wait for something to be true; what it was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come true in time")
