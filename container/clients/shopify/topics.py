"""What a webhook's topic makes of its payload: orders, checkouts, carts, refunds, and everything else by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import Number, sane
from container.clients.shopify.payload import (
    MOST_LINES,
    Payload,
    browser,
    first_text,
    identifier,
    item,
    items,
    money,
    part,
    parts,
    present,
    text,
    user_data,
)
from container.errors import TooLarge, Unreadable
from container.event import Name

LONGEST_TOPIC = 100  # characters
NOT_MOVED = ("failure", "error", "voided")  # transactions that moved no money

_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a webhook: its data, the time the shop states, its names, and which part of the delivery it is."""

    data: Mapping[str, Any]
    time: Any
    names: tuple[Name, ...] = ()
    part: str = ""


Reader = Callable[[Payload, tuple[str, ...], Notes], Iterable[Told]]


def read(topic: str, payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> list[Told]:
    """The events of a webhook. Raises `Unreadable` and `TooLarge`."""
    if any(len(parts(payload, key)) > MOST_LINES for key in ("line_items", "refund_line_items")):
        raise TooLarge(f"more than {MOST_LINES} lines")
    resource, _, action = topic.partition("/")
    if topic in TOPICS:
        return list(TOPICS[topic](payload, item_ids, notes))
    name = event_name(topic)
    if resource == "orders":
        return [_order(name, payload, item_ids, notes)]
    return [_other(name, resource, action, payload)]


def event_name(topic: str) -> str:
    """The name of a topic that has none in GA4: `customers/create` is shopify_customers_create."""
    plain = _NO_NAME.sub("_", topic[:LONGEST_TOPIC].lower()).strip("_")
    if not plain:
        raise Unreadable("the header X-Shopify-Topic holds no topic")
    return f"shopify_{plain}"


def order_names(payload: Payload) -> tuple[Name, ...]:
    """Everything a page may call this order. `number` is left out: it counts from 1 and is shown nowhere."""
    found = {
        "shopify_id": _order_id(payload),
        "shopify_number": identifier(payload.get("order_number")),
        "shopify_name": identifier(payload.get("name")),
        "shopify_confirmation": identifier(payload.get("confirmation_number")),
    }
    return tuple(Name("transaction_id", sort, value) for sort, value in found.items() if value)


def _order_id(payload: Payload) -> str | None:
    return identifier(payload.get("id")) or identifier(payload.get("admin_graphql_api_id"))


def _order(name: str, payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Told:
    order = _order_id(payload)
    if order is None:
        raise Unreadable("the order has no id")
    data = {
        "event_name": name,
        "transaction_id": order,
        **_bought(payload, item_ids, notes),
        **present(cart_id=text(payload.get("cart_token")), checkout_token=text(payload.get("checkout_token"))),
    }
    if name != "purchase":
        data |= present(financial_status=text(payload.get("financial_status")))
    if payload.get("test") is True:
        data["test_order"] = True
    return Told(data, _order_time(name, payload), order_names(payload))


def _order_time(name: str, payload: Payload) -> Any:
    """When it happened: the order itself, or, for what happens to it later, that."""
    placed = payload.get("processed_at") or payload.get("created_at")
    return placed if name in ("purchase", "order_created") else payload.get("updated_at") or placed


def _bought(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> dict[str, Any]:
    """What orders and checkouts have in common. Amounts are in the shop's currency, and so is `currency`."""
    codes = [code for code in (text(one.get("code")) for one in parts(payload, "discount_codes")) if code]
    value = money(payload, "total_price", notes)
    return {
        **present(
            value=money(payload, "current_total_price", notes) if value is None else value,
            currency=text(payload.get("currency")),
            tax=money(payload, "total_tax", notes),
            shipping=_shipping(payload, notes),
            coupon=",".join(codes) or None,
            items=items(parts(payload, "line_items"), item_ids, notes),
            user_id=identifier(part(payload, "customer").get("id")),
            user_data=user_data(payload),
        ),
        **browser(payload),
    }


def _shipping(payload: Payload, notes: Notes) -> Number | None:
    stated = money(part(payload, "total_shipping_price_set", "shop_money"), "amount", notes)
    if stated is not None:
        return stated
    return _sum(money(line, "price", notes) for line in parts(payload, "shipping_lines"))


def _sum(amounts: Iterable[Number | None]) -> Number | None:
    """The sum of the amounts that are there; None where none is."""
    found = [amount for amount in amounts if amount is not None]
    return sane(sum(found[1:], found[0])) if found else None


def _purchase(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    yield _order("purchase", payload, item_ids, notes)


def _order_created(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    yield _order("order_created", payload, item_ids, notes)


def _order_updated(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    yield _order("order_updated", payload, item_ids, notes)


def _checkout(name: str, payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Told:
    data = {
        "event_name": name,
        **_bought(payload, item_ids, notes),
        **present(checkout_token=text(payload.get("token")), cart_id=text(payload.get("cart_token"))),
    }
    created = payload.get("created_at")
    return Told(data, created if name == "begin_checkout" else payload.get("updated_at") or created)


def _begin_checkout(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    yield _checkout("begin_checkout", payload, item_ids, notes)


def _checkout_updated(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    yield _checkout("checkout_updated", payload, item_ids, notes)


def _cart(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    """One add_to_cart a line: only so can each be recognised as the one the page told of."""
    cart = first_text(payload.get("token"), payload.get("id"))
    known = browser(payload)
    known.pop("event_id", None)  # it can name one line at most
    time = payload.get("updated_at") or payload.get("created_at")
    for at, line in enumerate(parts(payload, "line_items")):
        one = item(line, item_ids, notes)
        data = {
            "event_name": "add_to_cart",
            **present(
                cart_id=cart,
                item_id=one.get("item_id"),
                value=_line_value(one),
                currency=first_text(_currency(line), payload.get("currency")),
                items=[one] if one else None,
            ),
            **known,
        }
        yield Told(data, time, part=str(at))


def _line_value(one: Mapping[str, Any]) -> Number | None:
    price, quantity = one.get("price"), one.get("quantity")
    return sane(price * quantity) if price is not None and quantity is not None else None


def _currency(line: Payload) -> str | None:
    return text(part(line, "price_set", "shop_money").get("currency_code"))


def _refund(payload: Payload, item_ids: tuple[str, ...], notes: Notes) -> Iterable[Told]:
    refund, order = identifier(payload.get("id")), identifier(payload.get("order_id"))
    if refund is None:
        raise Unreadable("the refund has no id")
    lines = parts(payload, "refund_line_items")
    value, currency = _refunded(payload, lines, notes)
    returned = [{**part(line, "line_item"), "quantity": line.get("quantity")} for line in lines]
    data = {
        "event_name": "refund",
        "refund_id": refund,
        **present(transaction_id=order, value=value, currency=currency, items=items(returned, item_ids, notes)),
    }
    names = [Name("refund_id", "shopify_refund_id", refund)]
    if order:
        names.append(Name("transaction_id", "shopify_id", order))
    yield Told(data, payload.get("processed_at") or payload.get("created_at"), tuple(names))


def _refunded(payload: Payload, lines: list[Payload], notes: Notes) -> tuple[Number | None, str | None]:
    """The money that went back, and its currency: by the transactions, else by the lines with their tax."""
    moved = [
        one
        for one in parts(payload, "transactions")
        if one.get("kind") in (None, "refund") and one.get("status") not in NOT_MOVED
    ]
    if moved:
        return _sum(money(one, "amount", notes) for one in moved), first_text(*(one.get("currency") for one in moved))
    amounts = [money(line, key, notes) for line in lines for key in ("subtotal", "total_tax")]
    codes = (part(line, "subtotal_set", "shop_money").get("currency_code") for line in lines)
    return _sum(amounts), first_text(*codes)


def _other(name: str, resource: str, action: str, payload: Payload) -> Told:
    """A topic without an event of its own: its id, its customer and its time."""
    customer = payload if resource == "customers" else part(payload, "customer")
    whole = {**payload, "customer": customer}
    data = {
        "event_name": name,
        **present(
            shopify_resource_id=identifier(payload.get("id")),
            user_id=identifier(customer.get("id")),
            user_data=user_data(whole),
        ),
        **browser(payload),
    }
    created, updated = payload.get("created_at"), payload.get("updated_at")
    return Told(data, created if action == "create" else updated or created)


TOPICS: Mapping[str, Reader] = {
    "orders/paid": _purchase,
    "orders/create": _order_created,
    "orders/updated": _order_updated,
    "carts/create": _cart,
    "carts/update": _cart,
    "checkouts/create": _begin_checkout,
    "checkouts/update": _checkout_updated,
    "refunds/create": _refund,
}
