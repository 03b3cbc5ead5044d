"""Whatever is sent: refused with a reason, or decided; never a crash, never a raw e-mail address in call or record."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import ENVIRONMENT

from container.build import SCHEMAS, build, on_disk
from container.call import Envelope
from container.encoding import encode, load
from container.errors import Refused
from container.event import Request
from container.pipeline import Container
from container.problems import Problems
from container.workspace import starter

NOW = 1_795_428_000.0
MAIL = "jane.roe@example.com"
AGREED = {"ad_storage": True, "ad_user_data": True, "analytics_storage": True}
NAMES = ("purchase", "add_to_cart", "page_view", "generate_lead", "refund", "view_item")
KEYS = (
    *("event_name", "event", "timestamp", "event_id", "transaction_id", "order_id", "value", "currency", "items"),
    *("user_data", "consent_state", "page_location", "page_path", "page_referrer", "client_id", "user_id", "email"),
    *("ip_override", "user_agent", "fbclid", "fbc", "fbp", "ttclid", "coupon", "tax", "search_term", "cart_id"),
    *("item_id", "item_name", "price", "quantity", "email_address", "phone_number", "address", "city", "secret"),
    *("id", "line_items", "note_attributes", "total_price", "customer", "billing_address", "landing_site", "token"),
    *("transactions", "refund_line_items", "order_id", "created_at", "admin_graphql_api_id", "discount_codes"),
)
PARAMETERS = (
    *("cid", "uid", "sid", "sct", "dl", "dr", "dp", "cu", "gcs", "gcd"),
    *("_p", "_et", "_ee", "_eu", "_uip", "ur", "uafvl"),
    *("ep.transaction_id", "ep.event_id", "ep.user_data.email_address", "ep.user_data.address.city", "ep.user_data"),
    *("ep.items", "epn.value", "ep.timestamp", "ep.ip_override", "ep.fbc", "pr1", "pr2", "pr0", "pr9999999", "up.x"),
)
ODD = (
    *(MAIL, MAIL.replace("@", "%40"), "secret:META_ACCESS_TOKEN", "{{ secret.META_ACCESS_TOKEN }}", "\ud800", "a\x00b"),
    *("\r\nX: y", "1e999", "NaN", "-0", "١٢", "1.234,50", "12,50", "9" * 400, "", " ", "0", "EUR", "149.90", "#1001"),
    *("2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "https://[::1", f"https://shop.example/?email={MAIL}"),
    *("javascript:alert(1)", "fb.1.99999999999999999999999.abc", "x" * 3000, "gid://shopify/Order/", "+4915112345678"),
    *("~~~", "idA~pr1e999", "k0a~v0b~k1c", "%", "%ff", "G111", "13r3r3r3r5l1", "orders/paid", "1001"),
)
TEXTS = st.sampled_from(ODD) | st.text(max_size=12)
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((0, -1, 10**21, 10**299, 2**63, 1e-300, -0.0, 1795428000, 1795428000000, 99999999999))
)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | TEXTS, inner, max_size=5),
    max_leaves=12,
)
LIKELY: dict[str, Any] = {
    "event_name": st.sampled_from(NAMES),
    "value": NUMBERS,
    "currency": st.just("EUR"),
    "transaction_id": st.sampled_from(("1001", "1002", MAIL)),
    "consent_state": st.just(AGREED),
    "page_location": st.just("https://shop.example/"),
    "client_id": st.just("1.2"),
    "user_data": st.just({"email_address": MAIL, "address": {"city": "Berlin"}}),
    "id": st.sampled_from((5001, 5002, "1001")),
    "email": st.just(MAIL),
    "total_price": st.just("10.00"),
}
BODIES = st.builds(
    lambda likely, odd: {**likely, **odd},
    st.fixed_dictionaries({}, optional=LIKELY) | st.fixed_dictionaries(LIKELY),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
)
HITS = st.builds(
    lambda name, likely, odd: {"v": "2", "tid": "G-1", "en": name, **(likely or {}), **odd},
    st.sampled_from(NAMES) | TEXTS,
    st.sampled_from((None, {"gcs": "G111", "gcd": "13r3r3r3r5l1", "cu": "EUR", "epn.value": "10", "cid": "1.2"})),
    st.dictionaries(st.sampled_from(PARAMETERS) | TEXTS, TEXTS | NUMBERS.map(str), max_size=6),
)
TOPICS = ("orders/paid", "orders/create", "carts/update", "checkouts/create", "refunds/create", "customers/x", "é/")

Send = Callable[[Request], None]


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Puts a request through the starter workspace with a store on disk, and looks at all that comes of it."""
    folder = tmp_path_factory.mktemp("any") / "shop"
    starter.write(folder, SCHEMAS)
    problems = Problems()
    container = build(folder, problems, environ=ENVIRONMENT, ledger=on_disk)
    assert container is not None, list(problems)
    with asyncio.Runner() as runner:
        yield lambda request: runner.run(_receive(container, request))
        runner.run(container.wake(NOW + 1e7))
    container.store.close()
    written = b"".join(path.read_bytes() for path in (folder / "data").iterdir() if path.is_file())
    assert b"jane.roe" not in written


async def _receive(container: Container, request: Request) -> None:
    client = container.client_for(request.method, request.path)
    assert client is not None
    try:
        events = client.events(request)
    except Refused as refusal:
        assert str(refusal)
        return
    for decision in await container.receive(events):
        record = encode(decision.record())
        assert load(record)["id"] == decision.event.id
        assert b"jane.roe" not in record
        for call in decision.calls:
            envelope = Envelope.from_stored(call.envelope)
            body = envelope.body([call.item], lambda name: "revealed")
            assert isinstance(load(body), dict)
            assert b"jane.roe" not in body + call.envelope
            assert body.count(b"revealed") == 0, "these vendors' secrets stand in URL and headers"


def wire(value: Any) -> bytes:
    return json.dumps(value).encode()


def clean(text: str) -> str:
    """As the server hands it on: never half a character."""
    return text.encode("utf-8", "replace").decode()


@settings(max_examples=150, deadline=None)
@given(body=BODIES | st.lists(BODIES, max_size=3) | VALUES)
def test_json(send: Send, body: Any) -> None:
    token = {"authorization": f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}"}
    send(Request("POST", "/events", "", token, received=NOW, body=wire(body)))


@settings(max_examples=150, deadline=None)
@given(shared=HITS, lines=st.lists(HITS, max_size=2), cookie=TEXTS, agent=TEXTS, encoded=st.booleans())
def test_hits(
    send: Send, shared: dict[str, str], lines: list[dict[str, str]], cookie: str, agent: str, encoded: bool
) -> None:
    def query(parameters: dict[str, str]) -> str:
        values = {name: quote(value, errors="replace") if encoded else value for name, value in parameters.items()}
        return clean("&".join(f"{name}={value}" for name, value in values.items()))

    headers = {"cookie": clean(f"_fbp={cookie}; _gcl_aw={cookie}; _fbc={cookie}"), "user-agent": clean(agent)}
    body = "\r\n".join(map(query, lines)).encode()
    send(Request("POST", "/g/collect", query(shared), headers, "203.0.113.7", received=NOW, body=body))


@settings(max_examples=150, deadline=None)
@given(topic=st.sampled_from(TOPICS), body=BODIES | VALUES, delivery=TEXTS)
def test_webhooks(send: Send, topic: str, body: Any, delivery: str) -> None:
    raw = wire(body)
    digest = hmac.digest(ENVIRONMENT["SHOPIFY_WEBHOOK_SECRET"].encode(), raw, hashlib.sha256)
    headers = {
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": clean(delivery),
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
    }
    send(Request("POST", "/webhooks/shopify", "", headers, received=NOW, body=raw))
