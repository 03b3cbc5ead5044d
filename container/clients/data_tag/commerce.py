"""What a Data tag's event says of goods: items, their sum, and the `ecommerce` objects of Universal Analytics.

As Stape's Data client: `value` is the sum of price and quantity where none is stated, `currency` the first item's, and
the fields of an only item stand at the top as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import Number, as_number, sane
from container.language.values import present

ACTIONS = ("purchase", "checkout", "checkout_option", "add", "remove", "detail", "click", "refund")
ACTION_FIELDS = {
    "id": "transaction_id",
    "revenue": "value",
    "tax": "tax",
    "shipping": "shipping",
    "affiliation": "affiliation",
    "coupon": "coupon",
    "list": "item_list_name",
}
PRODUCT_FIELDS = {
    "id": "item_id",
    "name": "item_name",
    "brand": "item_brand",
    "category": "item_category",
    "variant": "item_variant",
    "position": "index",
    "list": "item_list_name",
}  # all others, such as price and quantity, keep their names
ONLY_ITEM = {  # item → event
    "item_id": "item_id",
    "item_name": "item_name",
    "item_brand": "item_brand",
    "quantity": "item_quantity",
    "item_category": "item_category",
    "price": "item_price",
}
MOST_ITEMS = 10_000

Item = Mapping[str, Any]


def add_commerce(data: dict[str, Any], notes: Notes) -> None:
    """Put in what the goods say and the event itself does not state."""
    ecommerce = data.get("ecommerce")
    if isinstance(ecommerce, dict):
        _fill(data, _from_ecommerce(ecommerce))
        _fill(data, _as_universal_analytics(ecommerce))
    items = _items(data, notes)
    if not items:
        return
    if not present(data.get("value")) and (total := _total(items)) is not None:
        data["value"] = total
    _fill(data, {"currency": items[0].get("currency")})
    if len(items) == 1:
        _fill(data, {ONLY_ITEM[name]: value for name, value in items[0].items() if name in ONLY_ITEM})


def _items(data: dict[str, Any], notes: Notes) -> list[Item]:
    """The event's items; what is no list of objects is left out."""
    said = data.get("items")
    if isinstance(said, dict):
        said = [said]
    if not present(said):
        return []
    found: list[Item] = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    found = found[:MOST_ITEMS]
    if not isinstance(said, list) or len(found) < len(said):
        notes.left_out("items", f"not a list of objects, or more than {MOST_ITEMS}")
    data["items"] = found
    if not found:
        del data["items"]
    return found


def _total(items: Iterable[Item]) -> Number | None:
    """The sum of price and quantity; None where no item has a price."""
    total: Number | None = None
    for item in items:
        price, quantity = as_number(item.get("price")), as_number(item.get("quantity", 1))
        if price is not None:
            total = (total or 0) + Decimal(price) * (1 if quantity is None else quantity)
    return None if total is None else sane(_plain(Decimal(total)))


def _plain(value: Decimal) -> Number:
    whole = int(value) if value.is_finite() else value
    return whole if whole == value else value


def _from_ecommerce(said: Mapping[str, Any]) -> dict[str, Any]:
    """GA4's object, whose names are the event's already, or Universal Analytics' with an action and products."""
    if "items" in said:
        return dict(said)
    action: Item = next((said[name] for name in ACTIONS if isinstance(said.get(name), dict)), {})
    fields = action.get("actionField")
    found = {"currency": said.get("currencyCode")}
    if isinstance(fields, dict):
        found |= {ACTION_FIELDS[name]: value for name, value in fields.items() if name in ACTION_FIELDS}
    products = action.get("products") or said.get("impressions")
    if isinstance(products, list):
        found["items"] = [_product(one) if isinstance(one, dict) else one for one in products]
    return found


def _as_universal_analytics(said: Mapping[str, Any]) -> dict[str, Any]:
    """Where templates of the time look for an action and a revenue."""
    found: dict[str, Any] = {"x-ga-mp1-pa": next((name for name in ACTIONS if isinstance(said.get(name), dict)), None)}
    purchase = said.get("purchase")
    fields = purchase.get("actionField") if isinstance(purchase, dict) else None
    if isinstance(fields, dict):
        found |= {"revenue": fields.get("revenue"), "x-ga-mp1-tr": fields.get("revenue")}
    return found


def _product(said: Item) -> dict[str, Any]:
    """A product's own `item_id` wins over its `id`."""
    return {PRODUCT_FIELDS.get(name, name): value for name, value in said.items() if name not in PRODUCT_FIELDS} | {
        PRODUCT_FIELDS[name]: value
        for name, value in said.items()
        if name in PRODUCT_FIELDS and PRODUCT_FIELDS[name] not in said
    }


def _fill(data: dict[str, Any], found: Mapping[str, Any]) -> None:
    """What is there stays."""
    for name, value in found.items():
        if present(value) and not present(data.get(name)):
            data[name] = value
