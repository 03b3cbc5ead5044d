"""Snowplow's e-commerce events and entities as GA4's."""

from __future__ import annotations

import pytest
from snowplow_hits import ECOMMERCE, contexts, described, one, packed, self_describing


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("add_to_cart", "add_to_cart"), ("remove_from_cart", "remove_from_cart"), ("product_view", "view_item"),
        ("list_view", "view_item_list"), ("list_click", "select_item"), ("checkout_step", "begin_checkout"),
        ("transaction", "purchase"), ("refund", "refund"), ("promo_view", "view_promotion"),
        ("trns_error", "trns_error"),
    ],
)  # fmt: skip
def test_ecommerce_events(type: str, name: str) -> None:
    data = {"type": type, "name": "Related"}
    event = one(e="ue", ue_pr=self_describing(f"{ECOMMERCE}/snowplow_ecommerce_action", data))
    assert (event.name, event.data["item_list_name"]) == (name, "Related")


def test_entities() -> None:
    cart = described(f"{ECOMMERCE}/cart", {"cart_id": "C", "total_value": 50, "currency": "EUR"})
    user = described(f"{ECOMMERCE}/user", {"id": "U", "email": "a@b.de"})
    action = f"{ECOMMERCE}/snowplow_ecommerce_action"
    data = one(e="ue", ue_pr=self_describing(action, {"type": "checkout_step"}), co=contexts(cart, user)).data
    assert (data["cart_id"], data["value"], data["currency"]) == ("C", 50, "EUR")
    assert (data["user_id"], data["user_data"]) == ("U", {"email_address": "a@b.de"})
    data = one(e="ue", ue_pr=self_describing(action, {"type": "add_to_cart"}), cx=packed(contexts(cart))).data
    assert (data["cart_id"], "value" in data) == ("C", False)



def test_products_are_items_and_a_transaction_names_the_order() -> None:
    product = {"id": "A", "name": "Shirt", "price": 5, "quantity": 2, "currency": "EUR", "category": "C/D"}
    told = [
        described(f"{ECOMMERCE}/product", product),
        described(f"{ECOMMERCE}/product", {"id": "B"}),
        described(f"{ECOMMERCE}/transaction", {"transaction_id": "T-1", "revenue": 12.5, "currency": "EUR"}),
    ]
    action = self_describing(f"{ECOMMERCE}/snowplow_ecommerce_action", {"type": "transaction"})
    data = one(e="ue", ue_pr=action, co=contexts(*told)).data
    assert (data["transaction_id"], float(data["value"]), data["currency"]) == ("T-1", 12.5, "EUR")
    assert [item["item_id"] for item in data["items"]] == ["A", "B"]
    assert data["items"][0]["item_name"] == "Shirt"


def test_an_event_of_another_vendor_with_that_name_is_none_of_these() -> None:
    event = one(e="ue", ue_pr=self_describing("iglu:com.acme/snowplow_ecommerce_action", {"type": "transaction"}))
    assert event.name == "snowplow_ecommerce_action"


def test_a_product_of_another_vendor_is_no_item() -> None:
    told = contexts(described("iglu:com.acme/product", {"id": "A"}), described(f"{ECOMMERCE}/page", {"id": "B"}))
    action = self_describing(f"{ECOMMERCE}/snowplow_ecommerce_action", {"type": "transaction"})
    assert "items" not in one(e="ue", ue_pr=action, co=told).data


@pytest.mark.parametrize("type", ["", None, 5])
def test_an_action_without_a_type_keeps_its_own_name(type: object) -> None:
    action = self_describing(f"{ECOMMERCE}/snowplow_ecommerce_action", {"type": type})
    assert one(e="ue", ue_pr=action).name == "snowplow_ecommerce_action"
    other = self_describing(f"{ECOMMERCE}/another_event", {"type": "transaction"})
    assert one(e="ue", ue_pr=other).name == "another_event"
