"""The kind `stripe`, `webhooks/stripe.yaml`: amounts, names, and what becomes of each type."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.encoding import encode, load
from container.errors import BadSignature, Refused
from container.event import Event, Name
from webhooks import client, example, one, told, worked

STRIPE = client("kind: stripe\n", "stripe")
WORKED = example("stripe_checkout_completed.json")


def event(type: str, object: dict[str, Any], previous: Any = None, **changes: Any) -> dict[str, Any]:
    data = {"object": object, "previous_attributes": previous}
    return {"id": "evt_9", "created": 1795428000, "livemode": True, "type": type, "data": data, **changes}


def session(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WORKED["body"]["data"]["object"]), **changes}


def names(found: Event) -> dict[str, str]:
    return {name.sort.removeprefix("stripe_"): name.value for name in found.names if name.of == "transaction_id"}


# --- the worked example


def test_the_worked_example_becomes_what_it_says() -> None:
    data = load(encode(dict(worked(STRIPE, WORKED).data)))
    assert {key: data[key] for key in WORKED["becomes"]} == WORKED["becomes"]


def test_everything_else_the_worked_example_becomes() -> None:
    found = worked(STRIPE, WORKED)
    assert {key: value for key, value in found.data.items() if key not in WORKED["becomes"]} == {
        "tax": Decimal("23.93"),
        "shipping": 0,
        "fbp": "fb.1.1795341600000.1098115397",
        "gclid": "EAIaIQobChMI8Y-test_gclid-0001ABCdefGHIjkl",
        "stripe_customer": "cus_123",
        "payment_mode": "payment",
        "user_data": {
            "email_address": "john_smith@gmail.com",
            "phone_number": "+16505551212",
            "address": {
                "first_name": "John", "last_name": "Smith", "street": "1 Hacker Way", "city": "Menlo Park",
                "region": "CA", "postal_code": "94025", "country": "US",
            },
        },
    }  # fmt: skip
    assert names(found) == {"reference": "ORD-1001", "session": "cs_live_a1", "payment": "pi_123"}
    assert (found.delivery_id, found.consent, found.bot, found.notes) == ("evt_1", {}, False, ())


def test_a_replay_of_the_worked_example_is_refused() -> None:
    with pytest.raises(BadSignature, match="300 are allowed"):
        worked(STRIPE, WORKED, received=1795428301.0)


# --- amounts


@pytest.mark.parametrize(
    ("currency", "amount", "value"),
    [
        ("eur", 14990, "149.90"),
        ("usd", 1, "0.01"),
        ("jpy", 14990, "14990"),
        ("krw", 500, "500"),
        ("mga", 500, "500"),
        ("ugx", 50000, "500"),
        ("isk", 50000, "500"),
        ("kwd", 14990, "14.990"),
        ("tnd", 5120, "5.120"),
        ("eur", 0, "0"),
    ],
)
def test_smallest_units(currency: str, amount: int, value: str) -> None:
    found = one(STRIPE, event("checkout.session.completed", session(currency=currency, amount_total=amount)))
    assert found.data["value"] == Decimal(value)
    assert found.data["currency"] == currency.upper()


@pytest.mark.parametrize(
    "changes", [{"currency": None}, {"currency": "euro"}, {"amount_total": "lots"}, {"amount_total": None}]
)
def test_an_amount_that_nobody_knows_is_absent(changes: dict[str, Any]) -> None:
    assert "value" not in one(STRIPE, event("checkout.session.completed", session(**changes))).data


# --- checkouts


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"payment_status": "paid"}, "purchase"),
        ({"payment_status": "no_payment_required"}, "purchase"),
        ({"payment_status": "unpaid"}, "order_created"),
        ({"mode": "subscription", "payment_intent": None, "invoice": "in_1"}, "purchase"),
    ],
)
def test_checkouts(changes: dict[str, Any], name: str) -> None:
    assert one(STRIPE, event("checkout.session.completed", session(**changes))).name == name


def test_a_checkout_that_only_stores_a_card_tells_nothing() -> None:
    assert told(STRIPE, event("checkout.session.completed", session(mode="setup"))) == []


def test_money_that_came_later() -> None:
    found = one(STRIPE, event("checkout.session.async_payment_succeeded", session()))
    assert (found.name, found.data["transaction_id"]) == ("purchase", "ORD-1001")


def test_the_orders_name_where_there_is_no_reference() -> None:
    found = one(STRIPE, event("checkout.session.completed", session(client_reference_id=None)))
    assert found.data["transaction_id"] == "cs_live_a1"
    changes = {"client_reference_id": None, "metadata": {"order_id": 1001}}
    found = one(STRIPE, event("checkout.session.completed", session(**changes)))
    assert found.data["transaction_id"] == "1001"
    assert names(found)["order"] == "1001"


def test_what_the_page_wrote_into_the_metadata() -> None:
    metadata = {
        "event_id": "e-1", "_ga": "GA1.1.11.22", "_ga_ABC": "GS2.1.s1795427000$o3$g1", "fbclid": "F",
        "_fbc": "fb.1.5.F", "ttclid": "T", "user_id": "u-1", "client_ip_address": "203.0.113.7",
        "client_user_agent": "Mozilla/5.0",
        "event_source_url": "https://shop.de/pay?x=1", "size": "M",
    }  # fmt: skip
    data = one(STRIPE, event("checkout.session.completed", session(metadata=metadata))).data
    wanted = {
        "event_id": "e-1", "client_id": "11.22", "ga_session_id": "1795427000", "ga_session_number": 3, "fbclid": "F",
        "fbc": "fb.1.5.F", "ttclid": "T", "user_id": "u-1", "ip_override": "203.0.113.7", "user_agent": "Mozilla/5.0",
        "page_location": "https://shop.de/pay?x=1", "page_hostname": "shop.de", "page_path": "/pay",
    }  # fmt: skip
    assert {key: data.get(key) for key in wanted} == wanted
    assert "size" not in data


def test_lines_where_a_program_expanded_them() -> None:
    price = {"id": "price_1", "unit_amount": 4995, "product": "prod_1"}
    line = {"id": "li_1", "description": "Shirt", "quantity": 2, "price": price}
    found = one(STRIPE, event("checkout.session.completed", session(line_items={"data": [line]})))
    assert found.data["items"] == [
        {"item_id": "prod_1", "item_name": "Shirt", "price": Decimal("49.95"), "quantity": 2}
    ]


@pytest.mark.parametrize(("name", "first", "last"), [("Ada", "Ada", None), ("Ada King Noel", "Ada", "King Noel")])
def test_names_of_people(name: str, first: str, last: str | None) -> None:
    found = one(STRIPE, event("checkout.session.completed", session(customer_details={"name": name})))
    address = found.data["user_data"]["address"]
    assert (address["first_name"], address.get("last_name")) == (first, last)


def test_test_mode_says_so() -> None:
    assert one(STRIPE, event("checkout.session.completed", session(), livemode=False)).data["test_order"] is True


# --- invoices

LINE = {"id": "il_1", "description": "Plan", "quantity": 1, "price": {"unit_amount": 2000, "product": "prod_1"}}
INVOICE = {
    "id": "in_1", "object": "invoice", "number": "A-0001", "amount_paid": 2000, "currency": "usd", "tax": 319,
    "billing_reason": "subscription_cycle", "customer": "cus_1", "customer_email": "a@x.de",
    "customer_name": "Ada King", "customer_phone": "+49151", "customer_address": {"city": "Ulm", "country": "DE"},
    "payment_intent": "pi_1",
    "charge": "ch_1", "subscription_details": {"metadata": {"gclid": "G1"}}, "lines": {"data": [LINE]},
}  # fmt: skip


@pytest.mark.parametrize("type", ["invoice.paid", "invoice.payment_succeeded"])
def test_an_invoice(type: str) -> None:
    found = one(STRIPE, event(type, INVOICE))
    wanted = {
        "event_name": "purchase", "transaction_id": "in_1", "value": Decimal(20), "currency": "USD",
        "tax": Decimal("3.19"), "billing_reason": "subscription_cycle", "gclid": "G1",
        "items": [{"item_id": "prod_1", "item_name": "Plan", "price": Decimal(20), "quantity": 1}],
        "user_data": {
            "email_address": "a@x.de", "phone_number": "+49151",
            "address": {"first_name": "Ada", "last_name": "King", "city": "Ulm", "country": "DE"},
        },
    }  # fmt: skip
    assert {key: found.data.get(key) for key in wanted} == wanted
    assert names(found) == {"payment": "pi_1", "invoice": "in_1", "invoice_number": "A-0001", "charge": "ch_1"}


def test_an_invoice_as_newer_versions_of_the_api_write_it() -> None:
    lines = [{"id": "il_1", "pricing": {"unit_amount_decimal": "2000", "price_details": {"product": "prod_1"}}}]
    newer = {
        **{key: value for key, value in INVOICE.items() if key not in ("payment_intent", "charge", "tax")},
        "subscription_details": None, "total_taxes": [{"amount": 300}, {"amount": 19}], "lines": {"data": lines},
        "parent": {"subscription_details": {"metadata": {"gclid": "G1"}}},
        "payments": {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
    }  # fmt: skip
    found = one(STRIPE, event("invoice.paid", newer))
    assert (found.data["tax"], found.data["gclid"]) == (Decimal("3.19"), "G1")
    assert found.data["items"] == [{"item_id": "prod_1", "price": Decimal(20)}]
    assert names(found)["payment"] == "pi_1"


# --- payments and charges

CHARGE = {
    "id": "ch_1", "object": "charge", "amount": 2000, "amount_captured": 2000, "currency": "usd", "customer": None,
    "payment_intent": "pi_1", "receipt_email": "a@x.de", "metadata": {},
    "billing_details": {"email": "b@x.de", "name": "Ada King", "phone": None, "address": {"postal_code": "89073"}},
}  # fmt: skip
PAYMENT = {
    "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_received": 2000, "currency": "usd",
    "latest_charge": "ch_1", "receipt_email": "a@x.de", "metadata": {},
}  # fmt: skip


@pytest.mark.parametrize(("type", "object"), [("charge.succeeded", CHARGE), ("payment_intent.succeeded", PAYMENT)])
def test_a_payment_alone_lends_its_names(type: str, object: dict[str, Any]) -> None:
    found = one(STRIPE, event(type, object))
    assert (found.name, found.data["transaction_id"], found.data["value"]) == ("order_updated", "pi_1", Decimal(20))
    assert names(found) == {"payment": "pi_1", "charge": "ch_1"}


@pytest.mark.parametrize(("type", "object"), [("charge.succeeded", CHARGE), ("payment_intent.succeeded", PAYMENT)])
@pytest.mark.parametrize("key", ["order_id", "order_number", "transaction_id"])
def test_a_payment_that_knows_the_order_is_a_purchase(type: str, object: dict[str, Any], key: str) -> None:
    found = one(STRIPE, event(type, {**object, "metadata": {key: "1001"}}))
    assert (found.name, found.data["transaction_id"]) == ("purchase", "1001")
    assert names(found) == {"order": "1001", "payment": "pi_1", "charge": "ch_1"}


def test_one_line_leaves_the_event_id_to_the_page() -> None:
    own = client('kind: stripe\nmap: {event_id: "{{ metadata.event_id }}"}\n')
    assert "event_id" not in one(own, event("checkout.session.completed", session())).data


def test_one_line_makes_every_payment_a_purchase() -> None:
    own = client("kind: stripe\nevents: {payment_intent.succeeded: purchase}\n")
    assert one(own, event("payment_intent.succeeded", PAYMENT)).name == "purchase"
    assert one(own, event("charge.succeeded", CHARGE)).name == "order_updated"


def test_who_paid_a_charge() -> None:
    assert one(STRIPE, event("charge.succeeded", CHARGE)).data["user_data"] == {
        "email_address": "b@x.de",
        "address": {"first_name": "Ada", "last_name": "King", "postal_code": "89073"},
    }


# --- refunds


def refunded(amount: int, before: int | None = None, refunds: list[dict[str, Any]] | None = None) -> Event:
    charge = {**CHARGE, "amount_refunded": amount, "refunds": {"data": refunds} if refunds else None}
    previous = {} if before is None else {"amount_refunded": before}
    return one(STRIPE, event("charge.refunded", charge, previous))


def test_a_refund_is_what_it_grew_by() -> None:
    first = refunded(500)
    assert (first.name, first.data["value"], first.data["refund_id"]) == ("refund", Decimal(5), "evt_9")
    assert refunded(2000, before=500).data["value"] == Decimal(15)
    assert names(first) == {"payment": "pi_1", "charge": "ch_1"}
    assert first.data["transaction_id"] == "pi_1"


def test_a_refund_that_is_listed() -> None:
    found = refunded(2000, refunds=[{"id": "re_2", "amount": 700}, {"id": "re_1", "amount": 1300}])
    assert (found.data["value"], found.data["refund_id"]) == (Decimal(7), "re_2")
    assert found.names[0] == Name("refund_id", "stripe_refund", "re_2")


# --- everything else


def test_other_types_are_named_after_themselves() -> None:
    found = one(STRIPE, event("customer.subscription.created", {"id": "sub_1", "object": "subscription"}))
    assert (found.name, found.data.get("transaction_id")) == ("stripe_customer_subscription_created", None)


def test_a_thin_event_has_no_payload() -> None:
    found = one(STRIPE, {"id": "evt_9", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"})
    assert found.name == "stripe_v1_billing_meter_no_meter_found"


KEYS = sorted({*WORKED["body"]["data"]["object"], *INVOICE, *CHARGE, "payments", "line_items", "refunds", "discounts"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)
TYPES = st.sampled_from(["checkout.session.completed", "invoice.paid", "charge.succeeded", "charge.refunded", "x.y"])


@given(TYPES, st.sampled_from([session(), INVOICE, CHARGE]), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_any_payload_is_events_or_refused(type: str, object: dict[str, Any], changes: dict[str, Any]) -> None:
    try:
        found = told(STRIPE, event(type, {**object, **changes}))
    except Refused as refused:
        assert str(refused)
    else:
        assert all(event.name and encode(dict(event.data)) for event in found)
