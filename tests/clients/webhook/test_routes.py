"""Whole containers with several sources: every shop's webhook and the page's hit are one purchase, sent once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import ENVIRONMENT, Serving, ask, at_once, environment, serve

from container.build import SCHEMAS
from container.cli.routes import run
from container.problems import Problems
from container.workspace import documents, starter

SECRETS = {
    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
    "WOOCOMMERCE_WEBHOOK_SECRET": "woo-of-the-tests",
    "CLICKFUNNELS_WEBHOOK_SECRET": "cf-of-the-tests",
}
SOURCES = ["ga4", "stripe", "woocommerce", "clickfunnels"]
PAGE = (
    "/g/collect?v=2&tid=G-1&cid=1.2&gcs=G111&gcd=13r3r3r3r5l1&dl=https%3A%2F%2Fx.de%2F&en=purchase&cu=EUR"
    "&epn.value=149.9&ep.transaction_id="
)
CHECKOUT = """
    json: {id: evt_1, type: checkout.session.completed, created: 1795428000, data: {object: {
      id: cs_1, object: checkout.session, amount_total: 14990, currency: eur, client_reference_id: ORD-1001,
      customer_details: {email: a@example.com}, payment_intent: pi_123, payment_status: paid, mode: payment}}}
"""
CHARGE = """
    json: {id: evt_2, type: charge.succeeded, created: 1795428001, data: {object: {
      id: ch_1, object: charge, amount: 14990, currency: eur, payment_intent: pi_123,
      billing_details: {email: a@example.com}}}}
"""
WOO = """
    headers: {X-WC-Webhook-Topic: order.updated, X-WC-Webhook-Delivery-ID: d1}
    json: {id: 727, number: "727", order_key: wc_order_1, status: processing, currency: EUR, total: "149.90",
      transaction_id: ch_1, date_paid_gmt: "2026-11-23T10:00:00", billing: {email: a@example.com}}
"""
FUNNEL = """
    json: {event_id: e1, event_type: one-time-order.completed, created_at: "2026-11-23T10:00:00Z", data: {id: 17,
      order_number: "542907", order_type: one-time-order, total_amount: "149.90", currency: EUR}}
"""
POSTS = {
    "checkout": f"post: /webhooks/stripe\n    signed_as: stripe{CHECKOUT}",
    "charge": f"post: /webhooks/stripe\n    signed_as: stripe{CHARGE}",
    "woo": f"post: /webhooks/woocommerce\n    signed_as: woocommerce{WOO}",
    "funnel": f"post: /webhooks/clickfunnels\n    signed_as: clickfunnels{FUNNEL}",
}


def step(name: str) -> str:
    """A request: one of the webhooks, or `page 1001`."""
    if name.startswith("page"):
        return f'get: "{PAGE}{name.split()[1]}"\n    headers: {{User-Agent: Mozilla/5.0}}\n'
    return POSTS[name]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    starter.write(folder, SCHEMAS, names=SOURCES)
    at_once(folder)
    (folder / "environments").mkdir()
    granted = "".join(f"  {source}: {{consent: granted}}\n" for source in SOURCES[1:])
    (folder / "environments" / "granted.yaml").write_text(f"clients:\n{granted}")
    return folder


def problems_of(shop: Path, posts: list[str], calls: str) -> list[str]:
    """What is wrong where these requests come, one a second."""
    requests = "".join(f"  - at: 2026-11-23T10:00:{at:02}Z\n    {post}" for at, post in enumerate(posts))
    (shop / "tests" / "routes" / "case.yaml").write_text(f"requests:\n{requests}expect:\n  calls:\n{calls}")
    (document,) = [one for one in documents.load(shop, Problems(), None).of("tests") if one.id.endswith("case")]
    return list(run(shop, document, ENVIRONMENT | SECRETS, "granted").problems)


@pytest.mark.parametrize(
    ("steps", "fires"),
    [
        (["page ORD-1001", "checkout", "charge"], 1),
        (["page ORD-1001", "charge", "checkout"], 1),
        (["charge", "page ORD-1001", "checkout"], 2),
        (["page cs_1", "checkout"], 1),
        (["page 727", "woo"], 1),
        (["page wc_order_1", "woo", "woo"], 1),
        (["page 542907", "funnel"], 1),
        (["page 17", "funnel"], 1),
    ],
)
def test_one_purchase_is_sent_once(shop: Path, steps: list[str], fires: int) -> None:
    tags = ("ga4_purchase", "meta_purchase", "tiktok_purchase")
    calls = "".join(f"    - {{tag: {tag}, request: {fires}}}\n" for tag in tags)
    assert problems_of(shop, [step(name) for name in steps], calls) == []


def test_a_shop_and_its_payment_provider_tell_of_one_purchase(shop: Path) -> None:
    """The shop names the charge that Stripe names: two servers, one purchase; a second order is another one."""
    charge = POSTS["charge"].replace("currency: eur", 'currency: eur, metadata: {order_id: "727"}')
    other = POSTS["woo"].replace("727", "728").replace("ch_1", "ch_2").replace("order_1", "order_2").replace("d1", "d2")
    calls = "".join(
        f"    - tag: meta_purchase\n      request: {at}\n"
        f'      sends: {{json: {{data: [{{custom_data: {{order_id: "{id}"}}}}]}}}}\n'
        for at, id in ((1, 727), (3, 728))
    )
    assert problems_of(shop, [POSTS["woo"], charge, other], calls) == []
    assert problems_of(shop, [charge, POSTS["woo"], other], calls) == []


# --- a real server, real bytes, signed by the standard library


@pytest.fixture(scope="module")
def served(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("served")
    starter.write(folder, SCHEMAS, names=SOURCES)
    serving = serve(folder, "--ephemeral", "--vendors", "http://127.0.0.1:9", env=environment(**SECRETS))
    yield serving
    serving.stop()


def stripe_headers(body: bytes, at: float) -> dict[str, str]:
    made = hmac.new(SECRETS["STRIPE_WEBHOOK_SECRET"].encode(), f"{int(at)}.".encode() + body, hashlib.sha256)
    return {"Stripe-Signature": f"t={int(at)},v1={made.hexdigest()}", "Content-Type": "application/json"}


def test_over_the_wire(served: Serving) -> None:
    body = json.dumps({"id": "evt_1", "type": "checkout.session.completed", "data": {"object": {
        "id": "cs_1", "object": "checkout.session", "amount_total": 500, "currency": "jpy"}}}).encode()  # fmt: skip
    signed = stripe_headers(body, time.time())
    assert ask(served.port, "/webhooks/stripe", body, signed) == (200, "")
    assert ask(served.port, "/webhooks/stripe", body, signed) == (200, ""), "a retry is taken, and counts once"
    assert ask(served.port, "/webhooks/stripe", body + b" ", signed)[0] == 401
    status, why = ask(served.port, "/webhooks/stripe", body, stripe_headers(body, time.time() - 400))
    assert status == 401 and "300 are allowed" in why
    assert ask(served.port, "/webhooks/stripe", body, {})[0] == 401
    assert ask(served.port, "/webhooks/stripe", b"{", stripe_headers(b"{", time.time()))[0] == 400
    assert ask(served.port, "/webhooks/stripe", b"{}", stripe_headers(b"{}", time.time()))[0] == 400
    ping = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(served.port, "/webhooks/woocommerce", b"webhook_id=5", ping) == (200, "")
    assert ask(served.port, "/webhooks/woocommerce", b"webhook_id=5", {"Content-Type": "application/json"})[0] == 400


def test_a_signed_webhook_with_any_byte_changed_is_refused(served: Serving) -> None:
    body = json.dumps({"id": "evt_2", "type": "invoice.paid", "data": {"object": {"id": "in_1"}}}).encode()
    signed = stripe_headers(body, time.time())
    for at in range(0, len(body), 7):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert ask(served.port, "/webhooks/stripe", changed, signed)[0] == 401
