"""The kind `clickfunnels`, `webhooks/clickfunnels.yaml`: orders, invoices, subscriptions, forms, refunds."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.encoding import encode
from container.errors import BadSignature, Refused, Unreadable
from container.event import Event, Name
from webhooks import client, example, one, told, worked

FUNNELS = client("kind: clickfunnels\n", "cf")
WORKED = example("clickfunnels_order_completed.json")
INVOICE = {"id": 9, "public_id": "aeIHDh", "order_id": 31, "status": "paid", "total_amount": "9.99", "currency": "USD"}


def event(type: str, **changes: Any) -> dict[str, Any]:
    data = {**copy.deepcopy(WORKED["body"]["data"]), **changes}
    return {**WORKED["body"], "event_type": type, "data": data}


def names(found: Event) -> dict[str, str]:
    return {name.sort.removeprefix("clickfunnels_"): name.value for name in found.names}


def test_the_worked_example() -> None:
    found = worked(FUNNELS, WORKED)
    assert found.data == {
        "event_name": "purchase", "transaction_id": "542907", "value": Decimal(129), "currency": "USD", "tax": 0,
        "gclid": "EAIaIQobChMI8Y-test_gclid-0001ABCdefGHIjkl", "fbp": "fb.1.1795341600000.1098115397",
        "user_id": "114", "funnel": "Great Funnel", "order_type": "one-time-order", "timestamp": 1795427998,
        "items": [
            {"item_id": "SKU-1", "item_name": "Cool Shirt", "item_variant": "Cool Shirt M", "price": 29, "quantity": 1},
            {"item_id": "43", "item_name": "Paper Lamp", "item_variant": "Paper Lamp", "price": 100, "quantity": 1},
        ],
        "user_data": {
            "email_address": "john_smith@gmail.com", "phone_number": "+16505551212",
            "address": {
                "first_name": "John", "last_name": "Smith", "street": "249 Schiller Landing", "city": "Lueilwitzton",
                "region": "WA", "postal_code": "42515-7383", "country": "US",
            },
        },
    }  # fmt: skip
    assert names(found) == {"order": "17", "public_id": "EKUqVT", "number": "542907"}
    assert (found.delivery_id, found.notes) == ("123b4741-3f2d-431a-90d1-ddca0f4d6721", ())


def test_ten_minutes_are_allowed() -> None:
    worked(FUNNELS, WORKED, received=1795428600.0)
    with pytest.raises(BadSignature, match="600 are allowed"):
        worked(FUNNELS, WORKED, received=1795428601.0)


@pytest.mark.parametrize(
    ("type", "order_type", "name"),
    [
        ("order.completed", "one-time-order", "purchase"),
        ("order.completed", "subscription", "clickfunnels_order_completed"),
        ("order.created", "subscription", "order_created"),
        ("order.updated", "one-time-order", "order_updated"),
        ("subscription.first_payment_received", "subscription", "clickfunnels_subscription_first_payment_received"),
    ],
)
def test_orders(type: str, order_type: str, name: str) -> None:
    assert one(FUNNELS, event(type, order_type=order_type)).name == name


def test_the_invoice_of_a_one_time_order_knows_its_order() -> None:
    found = one(FUNNELS, {**WORKED["body"], "event_type": "one-time-order.invoice.paid", "data": INVOICE})
    assert (found.name, found.data["transaction_id"], found.data["value"]) == ("purchase", "31", Decimal("9.99"))
    assert names(found) == {"order": "31", "invoice": "9"}


@pytest.mark.parametrize("type", ["subscription.invoice.paid", "subscription/invoice.paid"])
def test_every_invoice_of_a_subscription_is_a_purchase_of_its_own(type: str) -> None:
    found = one(FUNNELS, {**WORKED["body"], "event_type": type, "data": INVOICE})
    assert (found.name, found.data["transaction_id"]) == ("purchase", "9")
    assert names(found) == {"invoice": "9"}, "the order's id is that of all its invoices"


def test_a_form() -> None:
    data = {
        "id": 5, "data": {"fbclid": "F1", "shoe_size": "42"},
        "contact": {"id": 7, "email_address": "a@x.de", "custom_attributes": {"event_id": "e-1"}},
    }  # fmt: skip
    found = one(FUNNELS, {**WORKED["body"], "event_type": "form_submission.created", "data": data})
    assert found.data == {
        "event_name": "generate_lead", "event_id": "e-1", "fbclid": "F1", "user_id": "7",
        "user_data": {"email_address": "a@x.de"}, "timestamp": 1795427998,
    }  # fmt: skip
    assert found.names == ()


def test_a_contact_and_its_visits() -> None:
    visits = {
        "first_visit": {"landing_page": "https://f.de/?fbclid=F1"},
        "last_visit": {"landing_page": "https://f.de/?gclid=G1", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0"},
    }
    data = {"id": 7, "email_address": "a@x.de", "first_name": "Ada", "visits": visits}
    found = one(FUNNELS, {**WORKED["body"], "event_type": "contact.created", "data": data})
    wanted = {
        "event_name": "clickfunnels_contact_created", "gclid": "G1", "fbclid": "F1", "ip_override": "203.0.113.7",
        "user_agent": "Mozilla/5.0", "user_data": {"email_address": "a@x.de", "address": {"first_name": "Ada"}},
    }  # fmt: skip
    assert {key: found.data.get(key) for key in wanted} == wanted


def test_a_refund_states_no_amount() -> None:
    found = one(FUNNELS, event("one_time_order.refunded"))
    assert (found.name, found.data["refund_id"]) == ("refund", WORKED["body"]["event_id"])
    assert "value" not in found.data and "items" not in found.data
    assert found.names[0] == Name("refund_id", "clickfunnels_refund", WORKED["body"]["event_id"])
    assert Name("transaction_id", "clickfunnels_order", "17") in found.names


def test_an_order_without_a_name_is_refused() -> None:
    with pytest.raises(Unreadable, match="transaction_id"):
        told(FUNNELS, event("one-time-order.completed", id=None, order_number=None))


KEYS = sorted({*WORKED["body"]["data"], *WORKED["body"]["data"]["contact"], *INVOICE, "visits", "order", "data"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.sampled_from(["one-time-order.completed", "subscription.invoice.paid", "form_submission.created", "x"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
)
def test_any_payload_is_events_or_refused(type: str, changes: dict[str, Any]) -> None:
    try:
        found = told(FUNNELS, event(type, **changes))
    except Refused as refused:
        assert str(refused)
    else:
        assert all(event.name and encode(dict(event.data)) for event in found)
