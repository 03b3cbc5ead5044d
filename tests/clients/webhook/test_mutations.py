"""Worked webhooks with every byte changed in turn, rightly signed: events or a refusal, never anything else."""

from __future__ import annotations

import json
import random

import pytest

from container.encoding import encode
from container.errors import Refused
from webhooks import client, example, told

EXAMPLES = {
    "shopify": ("shopify_orders_paid.json", {"x_shopify_topic": "orders/paid"}),
    "stripe": ("stripe_checkout_completed.json", {}),
    "woocommerce": ("woocommerce_order_updated.json", {"x_wc_webhook_topic": "order.updated"}),
    "clickfunnels": ("clickfunnels_order_completed.json", {}),
}
CHANGES = (b"", b'"', b"{", b"]", b"0", b"-", b"\\", b"\x00", b"\xff", b"null", b"[[", b"1e999")


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_byte_changed(kind: str) -> None:
    name, headers = EXAMPLES[kind]
    reader, choose = client(f"kind: {kind}\n"), random.Random(kind)
    body = json.dumps(example(name)["body"], separators=(",", ":")).encode()
    taken = refused = 0
    for at in range(len(body)):
        changed = body[:at] + choose.choice(CHANGES) + body[at + 1 :]
        try:
            found = told(reader, changed, **headers)
        except Refused as refusal:
            assert str(refusal)
            refused += 1
        else:
            assert all(event.name and encode(dict(event.data)) for event in found)
            taken += 1
    assert taken > 50 and refused > 50


@pytest.mark.parametrize("kind", EXAMPLES)
def test_cut_off_anywhere(kind: str) -> None:
    name, headers = EXAMPLES[kind]
    reader = client(f"kind: {kind}\n")
    body = json.dumps(example(name)["body"], separators=(",", ":")).encode()
    for end in range(0, len(body), 5):
        with pytest.raises(Refused):
            told(reader, body[:end], **headers)
