"""Clients of the kind `webhook` and of those that come with a file, built as a workspace builds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from container.build import build
from container.clients.webhook import WebhookClient
from container.event import Event, Request
from container.problems import Problem, Problems

RECEIVED = 1795428010.0
SECRETS = {
    "SHOPIFY_WEBHOOK_SECRET": "shpss_example_secret",
    "STRIPE_WEBHOOK_SECRET": "whsec_example",
    "WOOCOMMERCE_WEBHOOK_SECRET": "woo_secret",
    "CLICKFUNNELS_WEBHOOK_SECRET": "cf_secret",
    "SECRET": "s3cret",
    "OLD": "old",
}
EXAMPLES = Path(__file__).parents[1] / "data" / "clients"


def built(yaml: str, id: str = "it") -> tuple[WebhookClient | None, list[Problem]]:
    """The client that a workspace with this YAML in `clients/` (and nothing else) has, and all problems."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clients").mkdir()
        (folder / "container.yaml").write_text("container: test\nconsent: {unknown: denied}\n")
        (folder / "clients" / f"{id}.yaml").write_text(yaml)
        problems = Problems()
        container = build(folder, problems, environ=SECRETS)
    client = container.clients[0] if container else None
    assert client is None or isinstance(client, WebhookClient)
    return client, list(problems)


def client(yaml: str, id: str = "it") -> WebhookClient:
    """The client, without any problem."""
    found, problems = built(yaml, id)
    assert found is not None and not problems, problems
    return found


def told(client: WebhookClient, body: Any, at: float = RECEIVED, **headers: str) -> list[Event]:
    """The events of a rightly signed webhook that comes at this time; `a_b` is the header `a-b`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    signed = {**client.signature(raw, at), **named}
    return client.events(Request("POST", client.path, "", signed, "198.51.100.9", received=at, body=raw))


def one(client: WebhookClient, body: Any, at: float = RECEIVED, **headers: str) -> Event:
    """The only event of it."""
    (event,) = told(client, body, at, **headers)
    return event


def example(name: str) -> dict[str, Any]:
    """A worked example: `headers`, `secret`, `body`, and what it `becomes`."""
    found: dict[str, Any] = json.loads((EXAMPLES / name).read_text())
    return found


def worked(client: WebhookClient, example: Mapping[str, Any], received: float = RECEIVED) -> Event:
    """The event of an example, sent as it stands: its own headers over its own bytes."""
    raw = json.dumps(example["body"], separators=(",", ":")).encode()
    headers = {name.lower(): value for name, value in example["headers"].items()}
    (event,) = client.events(Request("POST", client.path, "", headers, "198.51.100.9", received=received, body=raw))
    return event
