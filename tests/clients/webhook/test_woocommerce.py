"""The kind `woocommerce`, `webhooks/woocommerce.yaml`: orders, their statuses, refunds, attribution, the ping."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.encoding import encode
from container.errors import BadSignature, Refused, Unreadable
from container.event import Event, Name, Request
from webhooks import client, example, told, worked

WOO = client("kind: woocommerce\n", "woo")
WORKED = example("woocommerce_order_updated.json")


def order(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WORKED["body"]), **changes}


def one(topic: str, body: dict[str, Any], of: Any = WOO) -> Event:
    (found,) = told(of, body, x_wc_webhook_topic=topic)
    return found


def test_the_worked_example() -> None:
    found = worked(WOO, WORKED)
    assert found.data == {
        "event_name": "purchase", "transaction_id": "727", "value": Decimal("149.90"), "currency": "EUR",
        "tax": Decimal("23.93"), "shipping": 0, "discount": 0, "user_id": "26", "fbp": "fb.1.1.2",
        "items": [{"item_id": "SKU-1", "item_name": "Shirt", "price": Decimal("49.95"), "quantity": 2}],
        "user_data": {
            "email_address": "john_smith@gmail.com",
            "phone_number": "(650) 555-1212",
            "address": {
                "first_name": "John", "last_name": "Smith", "street": "1 Hacker Way", "city": "Menlo Park",
                "region": "CA", "postal_code": "94025", "country": "US",
            },
        },
        "ip_override": "203.0.113.7", "user_agent": WORKED["body"]["customer_user_agent"],
        "order_status": "processing", "created_via": "checkout", "cart_hash": "aa", "timestamp": 1795428003,
    }  # fmt: skip
    assert found.names == (
        Name("transaction_id", "woocommerce_id", "727"),
        Name("transaction_id", "woocommerce_number", "727"),
        Name("transaction_id", "woocommerce_key", "wc_order_58d2d042d1d"),
        Name("transaction_id", "woocommerce_payment", "ch_1"),
    )
    assert (found.delivery_id, found.notes) == ("a1b2c3:0", ())


# --- signature and ping


def test_the_ping_has_no_signature() -> None:
    ping = WORKED["ping_on_creation"]
    headers = {"content-type": ping["content_type"]}
    assert WOO.events(Request("POST", WOO.path, headers=headers, body=ping["body"].encode())) == []
    with pytest.raises(BadSignature):
        WOO.events(Request("POST", WOO.path, headers=headers, body=b"id=5"))
    with pytest.raises(BadSignature):
        WOO.events(Request("POST", WOO.path, body=b'{"id": 5}'))
    with pytest.raises(Unreadable):
        WOO.events(Request("POST", WOO.path, headers={"content-type": "application/json"}, body=b"webhook_id=5"))


def test_the_shop_decodes_its_secret_before_it_signs() -> None:
    own = client('kind: woocommerce\nsecret: "a&amp;b&#039;c"\n')
    body = json.dumps(order()).encode()
    signature = base64.b64encode(hmac.new(b"a&b'c", body, hashlib.sha256).digest()).decode()
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": "order.updated"}
    assert len(own.events(Request("POST", own.path, headers=headers, body=body))) == 1


# --- orders


@pytest.mark.parametrize(
    ("topic", "status", "name"),
    [
        ("order.created", "pending", "order_created"),
        ("order.created", "processing", "purchase"),
        ("order.updated", "completed", "purchase"),
        ("order.updated", "on-hold", "order_updated"),
        ("order.updated", "cancelled", "order_updated"),
        ("order.updated", "shipped", "order_updated"),
        ("order.restored", "completed", "woocommerce_order_restored"),
    ],
)
def test_statuses(topic: str, status: str, name: str) -> None:
    assert one(topic, order(status=status)).name == name


def test_statuses_of_ones_own() -> None:
    own = client("kind: woocommerce\nlet: {paid: [processing, completed, shipped]}\n")
    assert one("order.updated", order(status="shipped"), own).name == "purchase"


def test_a_number_of_its_own_is_what_pages_show() -> None:
    found = one("order.updated", order(number="2026-0042"))
    assert found.data["transaction_id"] == "2026-0042"
    assert {name.value for name in found.names} >= {"727", "2026-0042"}


def test_guests_and_absent_dates() -> None:
    data = one("order.updated", order(customer_id=0, date_paid_gmt=None)).data
    assert "user_id" not in data
    assert data["timestamp"] == 1795428000


@pytest.mark.parametrize(
    ("option", "line", "expected"),
    [
        ("sku", {"sku": "", "product_id": 93, "variation_id": 7}, "93"),
        ("variation_id", {"sku": "S", "product_id": 93, "variation_id": 7}, "7"),
        ("variation_id", {"sku": "S", "product_id": 93, "variation_id": 0}, "S"),
        ("product_id", {"sku": "S", "product_id": 93}, "93"),
    ],
)
def test_item_ids(option: str, line: dict[str, Any], expected: str) -> None:
    own = client(f"kind: woocommerce\nlet: {{item_id: {option}}}\n")
    assert [item["item_id"] for item in one("order.updated", order(line_items=[line]), own).data["items"]] == [expected]


def test_coupons() -> None:
    assert one("order.updated", order(coupon_lines=[{"code": "A"}, {"code": "B"}])).data["coupon"] == "A,B"


def test_order_attribution() -> None:
    meta = {
        "_wc_order_attribution_utm_source": "google", "_wc_order_attribution_utm_medium": "cpc",
        "_wc_order_attribution_utm_campaign": "(none)", "_wc_order_attribution_referrer": "https://www.google.com/",
        "_wc_order_attribution_session_entry": "https://shop.de/p?gclid=G1&fbclid=F1",
        "_wc_order_attribution_user_agent": "Mozilla/5.0 (iPhone)",
        "_ga": "GA1.1.11.22", "ttclid": "T1", "_fbc": "fb.1.5.F2",
    }  # fmt: skip
    rows = [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(meta.items())]
    data = one("order.updated", order(meta_data=rows, customer_user_agent="")).data
    wanted = {
        "utm_source": "google", "utm_medium": "cpc", "utm_campaign": None, "page_referrer": "https://www.google.com/",
        "gclid": "G1", "fbclid": "F1", "fbc": "fb.1.5.F2", "ttclid": "T1", "client_id": "11.22",
        "user_agent": "Mozilla/5.0 (iPhone)",
    }  # fmt: skip
    assert {key: data.get(key) for key in wanted} == wanted


def test_an_order_without_a_name_is_refused() -> None:
    with pytest.raises(Unreadable, match="transaction_id"):
        told(WOO, order(id=None, number=""), x_wc_webhook_topic="order.updated")


# --- refunds


def test_every_refund_of_an_order_is_an_event() -> None:
    refunds = [{"id": 731, "reason": "", "total": "-10.00"}, {"id": 730, "total": "-5.50"}, {"total": "-1"}]
    body = order(refunds=refunds, date_modified_gmt="2026-11-24T10:00:00")
    purchase, *found = told(WOO, body, x_wc_webhook_topic="order.updated", x_wc_webhook_delivery_id="d")
    assert purchase.name == "purchase"
    shown = [(event.name, event.data["refund_id"], event.data["value"], event.delivery_id) for event in found]
    assert shown == [("refund", "731", Decimal(10), "d:1:0"), ("refund", "730", Decimal("5.5"), "d:1:1")]
    assert {event.data["transaction_id"] for event in found} == {"727"}
    assert all("items" not in event.data and event.data["timestamp"] == 1795514400 for event in found)
    assert found[0].names[0] == Name("refund_id", "woocommerce_refund", "731")
    assert Name("transaction_id", "woocommerce_id", "727") in found[0].names


# --- everything else


def test_other_topics_are_named_after_themselves() -> None:
    body = {"id": 26, "email": "a@x.de", "first_name": "Ada", "last_name": "King", "billing": {"phone": "+49151"}}
    found = one("customer.created", body)
    assert found.data == {
        "event_name": "woocommerce_customer_created", "woocommerce_resource_id": "26", "timestamp": Decimal(1795428010),
        "user_data": {
            "email_address": "a@x.de", "phone_number": "+49151", "address": {"first_name": "Ada", "last_name": "King"},
        },
    }  # fmt: skip
    assert found.names == ()
    assert one("order.deleted", {"id": 727}).name == "woocommerce_order_deleted"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*WORKED["body"], "key", "value"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    st.sampled_from(["order.created", "order.updated", "customer.updated", "x"]),
    st.dictionaries(st.sampled_from(sorted(WORKED["body"])), VALUES, max_size=8),
)
def test_any_payload_is_events_or_refused(topic: str, changes: dict[str, Any]) -> None:
    for body in (changes, order(**changes)):
        try:
            found = told(WOO, body, x_wc_webhook_topic=topic)
        except Refused as refused:
            assert str(refused)
        else:
            assert all(event.name and encode(dict(event.data)) for event in found)
