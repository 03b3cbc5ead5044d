"""What becomes of a Universal Analytics hit: GTM's names of event data, and the names GA4 has for what happened.

A hit may be a page view that carries a purchase: then it is two events, as in GA4. Parameters that have no name of
their own are kept under `x-ga-mp1-`, where the templates of server containers look for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.clients.common import Notes
from container.clients.numbers import number
from container.clients.universal_analytics.goods import impressions, is_of_goods, item_of_hit, products

OTHER = "x-ga-mp1-"
TEXTS = {
    "cid": "client_id",
    "uid": "user_id",
    "dl": "page_location",
    "dh": "page_hostname",
    "dp": "page_path",
    "dr": "page_referrer",
    "dt": "page_title",
    "de": "page_encoding",
    "ul": "language",
    "sr": "screen_resolution",
    "vp": "viewport_size",
    "uip": "ip_override",
    "ua": "user_agent",
    "gclid": "gclid",
    "dclid": "dclid",
    "ec": "event_category",
    "ea": "event_action",
    "el": "event_label",
    "cu": "currency",
    "v": "x-ga-protocol_version",
    "tid": "x-ga-measurement_id",
    "gtm": "x-ga-gtm_version",
    "gcs": "x-ga-gcs",
    "gcd": "x-ga-gcd",
    "npa": "x-ga-npa",
}
ORDER_TEXTS = {
    "ti": "transaction_id",
    "ta": "affiliation",
    "tcc": "coupon",
    "pal": "item_list_name",
    "col": "checkout_option",
}
ORDER_NUMBERS = {"tr": "value", "tt": "tax", "ts": "shipping", "cos": "checkout_step"}
KEPT = ("ev", "tr", "pa")  # under `x-ga-mp1-` as well, for templates that read them there

HITS = {
    "pageview": "page_view",
    "screenview": "screen_view",
    "social": "share",
    "exception": "exception",
    "timing": "timing_complete",
    "transaction": "purchase",
    "item": "transaction_item",
}  # `event`: its action
ACTIONS = {
    "purchase": "purchase",
    "refund": "refund",
    "add": "add_to_cart",
    "remove": "remove_from_cart",
    "detail": "view_item",
    "click": "select_item",
    "checkout": "begin_checkout",
    "checkout_option": "checkout_option",
}
SEEN = "view_item_list"
READ = frozenset((*TEXTS, *ORDER_TEXTS, *ORDER_NUMBERS, "ev", "t", "pa", "qt", "in", "ic", "iv", "ip", "iq"))

Data = dict[str, Any]


def read(query: Mapping[str, str], notes: Notes) -> list[Data]:
    """The events of one hit."""
    kind = query["t"]
    shared: Data = {f"{OTHER}{name}": value for name, value in query.items() if _is_other(name)}
    shared |= {key: query[name] for name, key in TEXTS.items() if name in query}
    shared |= {f"{OTHER}{name}": query[name] for name in KEPT if name in query}
    order = _order(query, notes)
    action = ACTIONS.get(query.get("pa", ""))
    if kind in ("transaction", "item"):
        items = [item_of_hit(query, notes)] if kind == "item" else []
        return [_event(HITS[kind], shared, order, items)]
    if action:
        goods = [_event(action, shared, order, products(query, notes))]
    elif seen := impressions(query, notes):
        goods = [_event(SEEN, shared, order, seen)]
    else:
        return [_event(_name(kind, query), shared, {**_value(query, notes), **order}, [])]
    return goods if kind == "event" else [_event(_name(kind, query), shared, {}, []), *goods]


def _event(name: str, shared: Data, order: Data, items: list[Data]) -> Data:
    goods = {"items": items} if items else {}
    return {**shared, **order, **goods, "event_name": name}


def _name(kind: str, query: Mapping[str, str]) -> str:
    """An event is called by its action."""
    return HITS.get(kind) or query.get("ea") or kind


def _order(query: Mapping[str, str], notes: Notes) -> Data:
    found: Data = {key: query[name] for name, key in ORDER_TEXTS.items() if query.get(name)}
    for name, key in ORDER_NUMBERS.items():
        if query.get(name):
            _put_number(found, key, name, query[name], notes)
    return found


def _value(query: Mapping[str, str], notes: Notes) -> Data:
    """An event's own value."""
    found: Data = {}
    if query.get("ev"):
        _put_number(found, "value", "ev", query["ev"], notes)
    return found


def _put_number(data: Data, key: str, name: str, value: str, notes: Notes) -> None:
    found = number(value)
    if found is None:
        notes.left_out(name, "not a number")
    else:
        data[key] = found


def _is_other(name: str) -> bool:
    return name not in READ and not is_of_goods(name)
