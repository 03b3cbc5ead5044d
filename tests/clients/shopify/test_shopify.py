"""The kind `shopify`, `webhooks/shopify.yaml`: signature, topics, and what becomes of each payload."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.webhook import WebhookClient
from container.clients.webhook.data import MOST_ITEMS
from container.encoding import encode, load
from container.errors import BadSignature, Refused, TooLarge, Unreadable
from container.event import Event, Name, Request
from webhooks import client as made

WORKED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "clients" / "shopify_orders_paid.json").read_text()
)
SECRET = WORKED["secret"]
CLIENT = made("kind: shopify\n", "shop")
RECEIVED = 1795429000.0


def hmac_sha256_base64(secret: str, body: bytes) -> str:
    """As Shopify's documentation tells to sign."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def told(topic: str, body: Any, client: WebhookClient = CLIENT, **headers: str) -> list[Event]:
    """The events of a rightly signed webhook."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {
        "x-shopify-topic": topic,
        "x-shopify-hmac-sha256": hmac_sha256_base64(SECRET, raw),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return client.events(Request("POST", client.path, "", named, "198.51.100.9", received=RECEIVED, body=raw))


def one(topic: str, body: Any, client: WebhookClient = CLIENT, **headers: str) -> Event:
    (event,) = told(topic, body, client, **headers)
    return event


def order(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WORKED["body"]), **changes}


def test_claims() -> None:
    assert CLIENT.claims("POST", "/webhooks/shopify")
    assert not CLIENT.claims("GET", "/webhooks/shopify")
    assert not CLIENT.claims("POST", "/webhooks/shopify/x")


# --- the worked example


def worked_event() -> Event:
    raw = json.dumps(WORKED["body"], separators=(",", ":")).encode()
    headers = {name.lower(): value for name, value in WORKED["headers"].items()}
    (event,) = CLIENT.events(Request("POST", CLIENT.path, "", headers, "198.51.100.9", received=RECEIVED, body=raw))
    return event


def test_the_worked_example_becomes_what_it_says() -> None:
    data = load(encode(dict(worked_event().data)))
    assert {key: data[key] for key in WORKED["becomes"]} == WORKED["becomes"]


def test_everything_else_the_worked_example_becomes() -> None:
    data = worked_event().data
    assert {key: value for key, value in data.items() if key not in WORKED["becomes"]} == {
        "user_data": {
            "email_address": "john_smith@gmail.com",
            "address": {
                "first_name": "John", "last_name": "Smith", "street": "1 Hacker Way", "city": "Menlo Park",
                "region": "CA", "postal_code": "94025", "country": "US",
            },
        },
        "cart_id": "Z2NwLXVz",
        "checkout_id": "35550298931313",
        "checkout_token": "84ad78572dae52a8",
        "client_id": "1234567890.1795000000",
        "fbp": "fb.1.1795341600000.1098115397",
    }  # fmt: skip
    assert data["value"] == Decimal("149.90")
    assert all(isinstance(item["price"], Decimal) for item in data["items"])


def test_the_worked_example_has_all_its_names() -> None:
    event = worked_event()
    assert event.names == (
        Name("transaction_id", "shopify_id", "5778367414385"),
        Name("transaction_id", "shopify_number", "1001"),
        Name("transaction_id", "shopify_name", "#1001"),
        Name("transaction_id", "shopify_confirmation", "DPPARQ8UJ"),
    )
    assert event.delivery_id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert (event.consent, event.bot, event.notes) == ({}, False, ())
    assert (event.request.client, event.request.client_name, event.request.source) == ("shop", "Shopify", "server")


# --- signature and headers


def test_header_names_without_x() -> None:
    raw = json.dumps(order()).encode()
    headers = {
        "shopify-topic": "orders/paid",
        "shopify-webhook-id": "d1",
        "shopify-hmac-sha256": hmac_sha256_base64(SECRET, raw),
    }
    (event,) = CLIENT.events(Request("POST", CLIENT.path, headers=headers, body=raw))
    assert (event.name, event.delivery_id) == ("purchase", "d1")


@pytest.mark.parametrize("signature", ["", "wrong", hmac_sha256_base64("other", b"{}"), "é"])
def test_only_signed_webhooks_are_taken(signature: str) -> None:
    headers = {"x-shopify-topic": "orders/paid", "x-shopify-hmac-sha256": signature}
    with pytest.raises(BadSignature) as refused:
        CLIENT.events(Request("POST", CLIENT.path, headers=headers, body=b"{}"))
    assert refused.value.status == 401
    assert SECRET not in str(refused.value)


def test_the_signature_comes_before_everything_else() -> None:
    with pytest.raises(BadSignature):
        CLIENT.events(Request("POST", CLIENT.path, body=b"[" * 100_000))


def test_the_old_secret_signs_while_the_new_one_is_rolled_out() -> None:
    client = made('kind: shopify\nsecret: ["{{ secret.SECRET }}", "{{ secret.SHOPIFY_WEBHOOK_SECRET }}"]\n')
    assert one("orders/paid", order(), client).name == "purchase"


def test_without_a_topic() -> None:
    with pytest.raises(Unreadable, match="X-Shopify-Topic"):
        told("", order())
    with pytest.raises(Unreadable, match="no topic"):
        told("///", order())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"null", b"\xff", b"[" * 100_000, b'{"id": NaN}'])
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        told("orders/paid", body)


def test_answer() -> None:
    answer = CLIENT.answer(Request(), [])
    assert (answer.status, answer.body) == (200, b"")


# --- orders


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("orders/paid", "purchase"),
        ("orders/create", "order_created"),
        ("orders/updated", "order_updated"),
        ("orders/cancelled", "shopify_orders_cancelled"),
    ],
)
def test_orders(topic: str, name: str) -> None:
    event = one(topic, order())
    assert event.name == name
    assert event.data["transaction_id"] == "5778367414385"
    assert event.data["value"] == Decimal("149.90")
    assert len(event.names) == 4
    assert ("financial_status" in event.data) is (name != "purchase")


@pytest.mark.parametrize(
    ("topic", "time"),
    [("orders/paid", 1795428000), ("orders/create", 1795428000), ("orders/updated", 1795428002)],
)
def test_times(topic: str, time: int) -> None:
    assert one(topic, order()).data["timestamp"] == time


def test_an_order_without_a_time_happened_when_it_came() -> None:
    event = one("orders/paid", order(processed_at=None, created_at=None))
    assert event.data["timestamp"] == RECEIVED


def test_ids_are_text_whatever_they_are() -> None:
    event = one("orders/paid", order(id=820982911946154508))
    assert event.data["transaction_id"] == "820982911946154508"
    event = one("orders/paid", order(id=None, admin_graphql_api_id="gid://shopify/Order/577"))
    assert event.data["transaction_id"] == "577"
    assert event.names[0] == Name("transaction_id", "shopify_id", "577")


@pytest.mark.parametrize("id", [None, 1.5, True, "", [], "x" * 201])
def test_an_order_without_an_id(id: Any) -> None:
    with pytest.raises(Unreadable, match="no id"):
        told("orders/paid", order(id=id, admin_graphql_api_id=None))


def test_the_internal_count_is_no_name() -> None:
    assert "1" not in {name.value for name in one("orders/paid", order(number=1)).names}


def test_test_orders_say_so() -> None:
    assert one("orders/paid", order(test=True)).data["test_order"] is True
    assert "test_order" not in one("orders/paid", order()).data


def test_amounts() -> None:
    data = one(
        "orders/paid",
        order(
            total_price="0.00", total_tax=None, total_shipping_price_set=None,
            shipping_lines=[{"price": "4.90"}, {"price": "1.10"}], discount_codes=[{"code": "A"}, {"code": "B"}],
        ),
    ).data  # fmt: skip
    assert (data["value"], data["shipping"], data["coupon"]) == (0, Decimal("6.00"), "A,B")
    assert "tax" not in data


def test_an_amount_that_is_none_is_left_out_and_said() -> None:
    event = one("orders/paid", order(total_price="free", current_total_price=None))
    assert "value" not in event.data
    assert event.notes == ("`value` left out: not a number",)


def test_the_current_total_where_no_other_is() -> None:
    assert one("orders/paid", order(total_price=None)).data["value"] == Decimal("149.90")


def test_the_customer_from_wherever_it_stands() -> None:
    customer = {"id": 7, "email": "c@x.de", "phone": "+49 1", "default_address": {"city": "Ulm", "country_code": "DE"}}
    changes = {"email": "", "contact_email": None, "customer": customer, "billing_address": None}
    data = one("orders/paid", order(**changes, shipping_address=None)).data
    assert data["user_data"] == {
        "email_address": "c@x.de", "phone_number": "+49 1", "address": {"city": "Ulm", "country": "DE"},
    }  # fmt: skip
    assert data["user_id"] == "7"
    nobody = one("orders/paid", order(**{**changes, "customer": None}, shipping_address={})).data
    assert "user_data" not in nobody
    assert "user_id" not in nobody


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("sku", ["SKU-1", "41327142600818"]),
        ("variant_id", ["41327142600817", "41327142600818"]),
        ("product_id", ["7234590408817", "7234590408818"]),
    ],
)
def test_item_ids(option: str, expected: list[str]) -> None:
    client = made(f"kind: shopify\nlet: {{item_id: {option}}}\n")
    body = order()
    body["line_items"][1]["sku"] = ""
    assert [item["item_id"] for item in one("orders/paid", body, client).data["items"]] == expected


def test_note_attributes() -> None:
    attributes = {
        "_ga": "GA1.2-2.111.222", "_ga_ABC": "GS2.1.s1795427000$o3$g1", "_fbp": "fb.1.1.2", "_fbc": "fb.1.1000.Xy",
        "_ttp": "Ttp", "_gcl_aw": "GCL.5.cookie", "gbraid": "GbR", "_wbraid": "WbR", "event_id": "e-1", "gift": "yes",
        "empty": "",
    }  # fmt: skip
    pairs = [{"name": name, "value": value} for name, value in attributes.items()]
    body = order(note_attributes=pairs, landing_site="/?ttclid=E.C.P.x", referring_site="https://a.de/?msclkid=M")
    wanted = {
        "client_id": "111.222", "ga_session_id": "1795427000", "ga_session_number": 3, "fbp": "fb.1.1.2",
        "fbc": "fb.1.1000.Xy", "fbclid": "Xy", "ttp": "Ttp", "gclid": "cookie", "gbraid": "GbR", "wbraid": "WbR",
        "event_id": "e-1", "ttclid": "E.C.P.x", "msclkid": "M",
    }  # fmt: skip
    data = one("orders/paid", body).data
    assert {key: data.get(key) for key in wanted} == wanted
    assert "gift" not in data
    assert one("orders/paid", order(note_attributes=attributes)).data["event_id"] == "e-1"


def test_the_landing_site_before_a_cookie_and_a_note_before_both() -> None:
    pairs = [{"name": "_gcl_aw", "value": "GCL.5.cookie"}]
    body = order(note_attributes=pairs, landing_site="/?gclid=landed", referring_site=None)
    assert one("orders/paid", body).data["gclid"] == "landed"
    body["note_attributes"].append({"name": "gclid", "value": "noted"})
    assert one("orders/paid", body).data["gclid"] == "noted"


def test_nothing_is_made_up() -> None:
    event = one("orders/paid", {"id": 5})
    assert event.data == {"event_name": "purchase", "transaction_id": "5", "timestamp": RECEIVED}
    assert event.names == (Name("transaction_id", "shopify_id", "5"),)


# --- carts


def cart(**changes: Any) -> dict[str, Any]:
    lines = [
        {"id": 1, "variant_id": 11, "sku": "A", "quantity": 2, "price": "10.00", "title": "Shirt",
         "price_set": {"shop_money": {"amount": "10.00", "currency_code": "EUR"}}},
        {"id": 2, "variant_id": 12, "quantity": 1, "price": "5.50"},
        {"id": 3},
    ]  # fmt: skip
    return {"id": "c-1", "token": "c-1", "line_items": lines, "updated_at": "2026-11-23T10:00:00Z", **changes}


@pytest.mark.parametrize("topic", ["carts/create", "carts/update"])
def test_every_line_of_a_cart_is_an_event(topic: str) -> None:
    events = told(topic, cart(), x_shopify_webhook_id="d1")
    assert [dict(event.data) for event in events] == [
        {"event_name": "add_to_cart", "cart_id": "c-1", "item_id": "A", "value": Decimal(20), "currency": "EUR",
         "items": [{"item_id": "A", "item_name": "Shirt", "price": Decimal(10), "quantity": 2}],
         "timestamp": 1795428000},
        {"event_name": "add_to_cart", "cart_id": "c-1", "item_id": "12", "value": Decimal("5.5"),
         "items": [{"item_id": "12", "price": Decimal("5.5"), "quantity": 1}], "timestamp": 1795428000},
        {"event_name": "add_to_cart", "cart_id": "c-1", "item_id": "3", "items": [{"item_id": "3"}],
         "timestamp": 1795428000},
    ]  # fmt: skip
    assert [event.delivery_id for event in events] == ["d1:0", "d1:1", "d1:2"]
    assert len({event.id for event in events}) == 3
    assert all(event.names == () for event in events)


def test_without_a_webhook_id_there_is_no_delivery() -> None:
    assert {event.delivery_id for event in told("carts/create", cart())} == {""}


def test_an_empty_cart_tells_nothing() -> None:
    assert told("carts/update", cart(line_items=[])) == []
    assert told("carts/update", cart(line_items=None)) == []


def test_an_event_id_in_a_cart_names_no_line() -> None:
    pairs = [{"name": "event_id", "value": "e-1"}, {"name": "_fbp", "value": "fb.1.1.2"}]
    for event in told("carts/update", cart(note_attributes=pairs)):
        assert "event_id" not in event.data
        assert event.data["fbp"] == "fb.1.1.2"


def test_too_many_lines() -> None:
    with pytest.raises(TooLarge, match=str(MOST_ITEMS)):
        told("carts/update", cart(line_items=[{"id": 1}] * (MOST_ITEMS + 1)))


# --- checkouts, refunds, everything else


def checkout() -> dict[str, Any]:
    return order(token="t-1", name="#5", created_at="2026-11-23T10:00:00Z", updated_at="2026-11-23T10:05:00Z")


@pytest.mark.parametrize(
    ("topic", "name", "time"),
    [
        ("checkouts/create", "begin_checkout", 1795428000),
        ("checkouts/update", "checkout_updated", 1795428300),
    ],
)
def test_checkouts(topic: str, name: str, time: int) -> None:
    event = one(topic, checkout())
    assert event.name == name
    assert (event.data["checkout_token"], event.data["cart_id"]) == ("t-1", "Z2NwLXVz")
    assert (event.data["value"], event.data["timestamp"]) == (Decimal("149.90"), time)
    assert event.data["user_data"]["email_address"] == "john_smith@gmail.com"
    assert len(event.data["items"]) == 2
    assert event.names == ()
    assert "transaction_id" not in event.data


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": 929361462,
        "order_id": 5778367414385,
        "created_at": "2026-11-23T11:00:00Z",
        "processed_at": "2026-11-23T10:00:00Z",
        "refund_line_items": [
            {"quantity": 1, "subtotal": "41.98", "total_tax": "7.97", "line_item": WORKED["body"]["line_items"][0],
             "subtotal_set": {"shop_money": {"amount": "41.98", "currency_code": "EUR"}}},
        ],
        "transactions": [
            {"kind": "refund", "status": "success", "amount": "30.00", "currency": "EUR"},
            {"kind": "refund", "status": "success", "amount": "19.95", "currency": "EUR"},
            {"kind": "refund", "status": "failure", "amount": "5.00", "currency": "EUR"},
            {"kind": "sale", "status": "success", "amount": "149.90", "currency": "EUR"},
        ],
        **changes,
    }  # fmt: skip


def test_refund() -> None:
    event = one("refunds/create", refund())
    assert event.data == {
        "event_name": "refund",
        "refund_id": "929361462",
        "transaction_id": "5778367414385",
        "value": Decimal("49.95"),
        "currency": "EUR",
        "items": [
            {"item_id": "SKU-1", "item_name": "Shirt", "item_brand": "Acme", "item_variant": "M",
             "price": Decimal("49.95"), "quantity": 1},
        ],
        "timestamp": 1795428000,
    }  # fmt: skip
    assert event.names == (
        Name("refund_id", "shopify_refund_id", "929361462"),
        Name("transaction_id", "shopify_id", "5778367414385"),
    )


def test_a_refund_without_transactions_counts_its_lines() -> None:
    data = one("refunds/create", refund(transactions=[])).data
    assert (data["value"], data["currency"]) == (Decimal("49.95"), "EUR")


def test_a_refund_of_nothing_has_no_value() -> None:
    data = one("refunds/create", {"id": 5}).data
    assert data == {"event_name": "refund", "refund_id": "5", "timestamp": RECEIVED}
    with pytest.raises(Unreadable, match="no id"):
        told("refunds/create", {"order_id": 5})


def test_other_topics_are_named_after_themselves() -> None:
    body = {"id": 7, "email": "a@x.de", "first_name": "Ada", "created_at": "2026-11-23T10:00:00Z", "total_spent": "5"}
    event = one("customers/create", body)
    assert event.data == {
        "event_name": "shopify_customers_create",
        "shopify_resource_id": "7",
        "user_id": "7",
        "user_data": {"email_address": "a@x.de", "address": {"first_name": "Ada"}},
        "timestamp": 1795428000,
    }
    assert one("Products/Update", {"id": 9, "title": "Shirt"}).data["event_name"] == "shopify_products_update"
    assert one("x" * 500, {}).name == "shopify_" + "x" * 100


# --- anything

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False).map(str) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*WORKED["body"], "shop_money", "amount", "name", "value"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)
FIELDS = sorted({*WORKED["body"], "transactions", "refund_line_items", "order_id", "shipping_lines"})
TOPICS = st.sampled_from(
    ["orders/paid", "orders/create", "carts/update", "checkouts/create", "refunds/create", "customers/create", "x"]
) | st.text(max_size=20)


@given(TOPICS, st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8))
def test_any_payload_is_events_or_refused(topic: str, changes: dict[str, Any]) -> None:
    for body in (changes, {**order(), **changes}):
        try:
            events = told(topic, body)
        except Refused as refused:
            assert str(refused)
        else:
            assert all(event.name and "timestamp" in event.data for event in events)
            assert all(encode(dict(event.data)) for event in events)


@given(st.binary())
def test_any_body_is_events_or_refused(body: bytes) -> None:
    try:
        told("orders/paid", body)
    except Refused as refused:
        assert str(refused)
