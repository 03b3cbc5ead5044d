"""Snowplow's e-commerce events and entities as GA4's: `transaction` is `purchase`, a product is an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from container.clients.snowplow.schemas import Described
from container.language.values import present

VENDOR = "com.snowplowanalytics.snowplow.ecommerce"
ACTION = "snowplow_ecommerce_action"
EVENTS = {
    "transaction": "purchase",
    "refund": "refund",
    "add_to_cart": "add_to_cart",
    "remove_from_cart": "remove_from_cart",
    "product_view": "view_item",
    "list_view": "view_item_list",
    "list_click": "select_item",
    "checkout_step": "begin_checkout",
    "promo_view": "view_promotion",
    "promo_click": "select_promotion",
}
PRODUCT = {
    "id": "item_id",
    "name": "item_name",
    "brand": "item_brand",
    "category": "item_category",
    "variant": "item_variant",
    "position": "index",
    "creative_id": "creative_name",
}  # all others, such as price, quantity and currency, keep their names
ENTITIES: Mapping[str, Mapping[str, str]] = {
    "transaction": {
        "transaction_id": "transaction_id",
        "revenue": "value",
        "currency": "currency",
        "tax": "tax",
        "shipping": "shipping",
        "discount_code": "coupon",
        "payment_method": "payment_type",
    },
    "refund": {"transaction_id": "transaction_id", "refund_amount": "value", "currency": "currency"},
    "cart": {"cart_id": "cart_id", "total_value": "value", "currency": "currency"},
    "promotion": {
        "id": "promotion_id",
        "name": "promotion_name",
        "creative_id": "creative_name",
        "slot": "creative_slot",
    },
    "checkout_step": {"coupon_code": "coupon", "payment_method": "payment_type", "delivery_method": "shipping_tier"},
    "user": {"id": "user_id"},
}


def ecommerce_name(event: Described) -> str | None:
    """The name GA4 has for an e-commerce event; None for all others."""
    if event.vendor != VENDOR or event.name != ACTION:
        return None
    said = event.data.get("type")
    return EVENTS.get(said, said) if isinstance(said, str) and said else None


def from_ecommerce(event: Described, entities: Sequence[Described]) -> dict[str, Any]:
    """What event and entities say, under GA4's names. A cart's total is no value of the product that went into it."""
    found: dict[str, Any] = {}
    for entity in entities:
        for key, name in ENTITIES.get(entity.name, {}).items() if entity.vendor == VENDOR else ():
            if present(entity.data.get(key)) and not (entity.name == "cart" and key == "total_value" and _one(event)):
                found.setdefault(name, entity.data[key])
    items = [_item(one.data) for one in entities if one.vendor == VENDOR and one.name == "product"]
    if items:
        found["items"] = items
        if present(items[0].get("currency")):
            found.setdefault("currency", items[0]["currency"])
    if present(event.data.get("name")):
        found["item_list_name"] = event.data["name"]
    for entity in entities:
        if entity.vendor == VENDOR and entity.name == "user" and isinstance(entity.data.get("email"), str):
            found["user_data"] = {"email_address": entity.data["email"]}
    return found


def _one(event: Described) -> bool:
    return event.data.get("type") in ("add_to_cart", "remove_from_cart")


def _item(data: Mapping[str, Any]) -> dict[str, Any]:
    return {PRODUCT.get(name, name): value for name, value in data.items() if value is not None}
