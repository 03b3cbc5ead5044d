"""The demo's traffic: what the browsers and the shop of one minute send. Timestamps are stated, nobody really waits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

SECRET = "demo-webhook-secret"
SHOP = "https://shop.example"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


@dataclass(frozen=True)
class Request:
    """One request, and what it is in the shop's minute."""

    says: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None  # None: GET


@dataclass(frozen=True)
class Visitor:
    """A browser with its cookies, and what its visitor said to the banner."""

    client_id: str
    fbp: str
    granted: bool
    ip: str
    fbclid: str = ""

    def hit(self, says: str, event: str, page: str, load: int, **more: str) -> Request:
        """A gtag hit. `load`: the page load, another one after a reload."""
        landing = f"?fbclid={self.fbclid}" if self.fbclid else ""
        query = {
            "v": "2",
            "tid": "G-DEMO000000",
            "cid": self.client_id,
            "sid": "1795428000",
            "gcs": "G111" if self.granted else "G100",
            "gcd": "13r3r3r3r5l1" if self.granted else "13p3p3p3p5l1",
            "_p": str(1_795_428_000_000 + load),
            "_s": "1",
            "en": event,
            "dl": f"{SHOP}{page}{landing}",
            "dt": "The shop",
            "ul": "de-de",
            **more,
        }
        headers = {
            "user-agent": BROWSER,
            "cookie": f"_ga=GA1.1.{self.client_id}; _fbp={self.fbp}",
            "origin": SHOP,
            "x-forwarded-for": self.ip,
        }
        return Request(says, f"/g/collect?{urlencode(query, quote_via=quote)}", headers)


def webhook(says: str, topic: str, delivery: str, payload: dict[str, Any]) -> Request:
    """A webhook, signed as Shopify does."""
    body = json.dumps(payload).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": delivery,
        "x-shopify-hmac-sha256": signature,
    }
    return Request(says, "/webhooks/shopify", headers, body)


def order(number: int, at: float, total: str, email: str, client_id: str, fbp: str) -> dict[str, Any]:
    """A paid order."""
    placed = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return {
        "id": 5_500_000_000_000 + number,
        "order_number": number,
        "name": f"#{number}",
        "created_at": placed,
        "processed_at": placed,
        "currency": "EUR",
        "total_price": total,
        "email": email,
        "customer": {"id": 77, "email": email, "first_name": "Anna", "last_name": "Muster"},
        "billing_address": {"city": "Berlin", "zip": "10115", "country_code": "DE"},
        "line_items": [{"id": 1, "sku": "MUG-1", "title": "Mug", "quantity": 2, "price": "19.90"}],
        "note_attributes": [{"name": "_ga", "value": f"GA1.1.{client_id}"}, {"name": "_fbp", "value": fbp}],
        "financial_status": "paid",
    }


ANNA = Visitor("1111111111.1795400000", "fb.1.1795400000000.1111111111", True, "203.0.113.10", "IwAR1annacame")
BEN = Visitor("2222222222.1795400000", "fb.1.1795400000000.2222222222", False, "203.0.113.20")
ITEM = "idMUG-1~nmMug~pr19.9~qt{}"


def minute(now: float) -> Iterator[Request]:
    """The shop's minute, which ended at `now` (Unix seconds)."""
    first, second = now - 60, now
    one = {"cu": "EUR", "pr1": ITEM.format(1), "epn.value": "19.9"}
    two = {"cu": "EUR", "pr1": ITEM.format(2), "epn.value": "39.8"}
    yield ANNA.hit("Anna comes from an advertisement (fbclid)", "page_view", "/", 1)
    yield ANNA.hit("she looks at a mug", "view_item", "/mug", 2, **one)
    yield ANNA.hit("she puts it into the cart", "add_to_cart", "/mug", 2, **one, **{"ep.cart_id": "cart-77"})
    yield webhook("the shop tells of the cart, too", "carts/update", "w-1", {
        "token": "cart-77",
        "updated_at": datetime.fromtimestamp(first, UTC).isoformat(),
        "line_items": [{"id": 1, "sku": "MUG-1", "title": "Mug", "quantity": 1, "price": "19.90"}],
    })  # fmt: skip
    yield ANNA.hit("she buys: order 1001", "purchase", "/thanks", 3, **two, **{"ep.transaction_id": "1001"})
    yield ANNA.hit("she reloads the thank-you page", "purchase", "/thanks", 4, **two, **{"ep.transaction_id": "1001"})
    paid = order(1001, first, "39.80", "anna@shop.example", ANNA.client_id, ANNA.fbp)
    yield webhook("the shop's webhook for order 1001", "orders/paid", "w-2", paid)
    yield webhook("and the same webhook again", "orders/paid", "w-2", paid)
    again = order(1002, second, "39.80", "anna@shop.example", ANNA.client_id, ANNA.fbp)
    yield webhook("a minute later she buys again: order 1002, the webhook first", "orders/paid", "w-3", again)
    yield ANNA.hit("then her thank-you page", "purchase", "/thanks", 5, **two, **{"ep.transaction_id": "1002"})
    yield BEN.hit("Ben has refused consent and buys: order 1003", "purchase", "/thanks", 6, **one,
                  **{"ep.transaction_id": "1003"})  # fmt: skip
    refused = order(1003, second, "19.90", "ben@shop.example", BEN.client_id, BEN.fbp)
    yield webhook("the shop's webhook for order 1003", "orders/paid", "w-4", refused)
