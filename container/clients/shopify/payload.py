"""Reading Shopify's payloads: every field may be missing, null or of another type; nothing is made up for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from container.clients.clicks import add_clicks, ga_client_id, ga_session
from container.clients.common import Notes
from container.clients.numbers import Number, as_number, number
from container.event import CLICK_IDS

Payload = Mapping[str, Any]

LONGEST_ID = 100  # characters
MOST_LINES = 1000  # of a cart or an order; Shopify allows 500

# Note attributes that go under their own name, with or without the underscore that hides them in the shop's checkout.
ATTRIBUTES = frozenset((*CLICK_IDS, "fbc", "fbp", "ttp", "event_id", "client_id", "ga_session_id"))


def text(value: Any) -> str | None:
    """A text that holds something; numbers become one."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if value.bit_length() < 4 * LONGEST_ID else None


def identifier(value: Any) -> str | None:
    """An id as text, never as a float; `gid://shopify/Order/577` is 577."""
    found = text(value)
    if found is None or len(found) > LONGEST_ID:
        return None
    return found.rpartition("/")[2] if found.startswith("gid://") else found


def first_text(*values: Any) -> str | None:
    """The first of them that is a text and holds something."""
    return next((found for found in map(text, values) if found), None)


def part(payload: Payload, *keys: str) -> Payload:
    """The object at the end of a way of keys; an empty one where there is none."""
    found: Any = payload
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(payload: Payload, key: str) -> list[Payload]:
    """The objects of a list; an empty list where there is none."""
    found = payload.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def money(payload: Payload, key: str, notes: Notes) -> Number | None:
    """An amount in the shop's currency. Shopify writes them as texts."""
    value = payload.get(key)
    found = as_number(value)
    if found is None and value not in (None, ""):
        notes.left_out(key, "not a number")
    return found


def present(**fields: Any) -> dict[str, Any]:
    """The fields that hold something: neither None nor an empty list or object."""
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def items(lines: Iterable[Payload], item_ids: Iterable[str], notes: Notes) -> list[dict[str, Any]]:
    """The lines of an order or a checkout as items."""
    return [item(line, tuple(item_ids), notes) for line in lines]


def item(line: Payload, item_ids: Iterable[str], notes: Notes) -> dict[str, Any]:
    """One line as a GA4 item; its id is the first of `item_ids` that the line has."""
    ids = (identifier(line.get(name)) for name in item_ids)
    return present(
        item_id=next((found for found in ids if found), None) or identifier(line.get("id")),
        item_name=first_text(line.get("title"), line.get("name")),
        item_brand=text(line.get("vendor")),
        item_variant=text(line.get("variant_title")),
        price=money(line, "price", notes),
        quantity=money(line, "quantity", notes),
    )


def user_data(payload: Payload) -> dict[str, Any]:
    """The customer as GTM's `user_data`, raw: what the vendors want hashed they hash by their own rules."""
    customer = part(payload, "customer")
    addresses = [part(payload, "billing_address"), part(payload, "shipping_address"), part(customer, "default_address")]
    home = next((one for one in addresses if one), {})
    phones = [one.get("phone") for one in addresses]
    return present(
        email_address=first_text(payload.get("email"), payload.get("contact_email"), customer.get("email")),
        phone_number=first_text(payload.get("phone"), customer.get("phone"), *phones),
        address=_address(home, customer),
    )


def _address(home: Payload, customer: Payload) -> dict[str, Any]:
    return present(
        first_name=first_text(home.get("first_name"), customer.get("first_name")),
        last_name=first_text(home.get("last_name"), customer.get("last_name")),
        street=text(home.get("address1")),
        city=text(home.get("city")),
        region=first_text(home.get("province_code"), home.get("province")),
        postal_code=text(home.get("zip")),
        country=first_text(home.get("country_code"), home.get("country")),
    )


def browser(payload: Payload) -> dict[str, Any]:
    """What is known of the browser: address, user agent, and the ids that the shop's pages left in the order."""
    details = part(payload, "client_details")
    data = present(
        ip_override=first_text(payload.get("browser_ip"), details.get("browser_ip")),
        user_agent=text(details.get("user_agent")),
    )
    attributes = note_attributes(payload)
    for name, value in attributes.items():
        plain = name.removeprefix("_")
        if plain in ATTRIBUTES:
            data.setdefault(plain, value)
    _add_analytics(data, attributes)
    for url in (payload.get("landing_site"), payload.get("referring_site")):
        add_clicks(data, url if isinstance(url, str) else "", {})
    add_clicks(data, "", attributes)
    return data


def note_attributes(payload: Payload) -> dict[str, str]:
    """`note_attributes`, the order's free fields, as name → value: a list of pairs, or an object in some payloads."""
    found = payload.get("note_attributes")
    if isinstance(found, Mapping):
        pairs = list(found.items())
    else:
        pairs = [(one.get("name"), one.get("value")) for one in parts(payload, "note_attributes")]
    read = [(name, text(value)) for name, value in pairs if isinstance(name, str)]
    return {name: value for name, value in read if value}


def _add_analytics(data: dict[str, Any], attributes: Mapping[str, str]) -> None:
    """Client id and session from the values of Google's cookies."""
    if client_id := ga_client_id(attributes.get("_ga", "")):
        data.setdefault("client_id", client_id)
    for name, value in attributes.items():
        session, count = ga_session(value) if name.startswith("_ga_") else ("", "")
        if session:
            data.setdefault("ga_session_id", session)
            if (counted := number(count)) is not None:
                data.setdefault("ga_session_number", counted)
