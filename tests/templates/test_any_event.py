"""Whatever an event holds: a request the vendor takes, or a reason; never a crash, never a raw e-mail address."""

from __future__ import annotations

import json
from typing import Any

from gallery import GALLERY, template
from hypothesis import given, settings
from hypothesis import strategies as st

from container.clients.common import add_page
from container.encoding import decode
from container.templates import render

IDS = sorted(path.stem for path in GALLERY.glob("*.yaml"))
MAIL = "mary@example.org"
KEYS = (
    *("event_name", "value", "currency", "items", "user_data", "transaction_id", "page_location", "page_referrer"),
    *("fbc", "fbp", "fbclid", "ttclid", "user_id", "client_id", "timestamp", "consent_state", "page_title", "language"),
    *("email_address", "phone_number", "address", "first_name", "country", "postal_code", "birthday", "gender"),
    *("item_id", "item_name", "price", "quantity", "user_properties", "ip_override", "user_agent", "search_term"),
)
PARAMS: dict[str, dict[str, Any]] = {
    "meta_conversions_api": {"pixel_id": "1", "access_token": "t", "website": "https://e.org/", "opt_out": True},
    "tiktok_events_api": {"pixel_code": "1", "access_token": "t", "website": "https://e.org/"},
    "ga4_measurement_protocol": {"measurement_id": "1", "api_secret": "t"},
    "ga4_collect": {"measurement_id": "G-1"},
    "google_ads_conversions": {"account_id": "1234567890", "conversion_action": "1", "credentials": "t"},
    "google_ads_adjustments": {"customer_id": "1234567890", "conversion_action": "1", "credentials": "t"},
    "google_ads_click_conversions": {"customer_id": "1234567890", "conversion_action": "1", "credentials": "t"},
    "http_request": {"stream": "s", "url": "https://e.org/", "query": {"a": "1"}},
}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    st.text(max_size=20),
    st.sampled_from((MAIL, f"x {MAIL}", "mary%40example.org", "purchase", "EUR", "1.50", "fb.1.2.3", "\ud800", "..")),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
EVENTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=12)


@settings(max_examples=150, deadline=None)
@given(event=EVENTS, id=st.sampled_from(IDS))
def test_any_event(event: dict[str, Any], id: str) -> None:
    event.setdefault("event_name", "purchase")
    if not isinstance(event.get("timestamp"), int):
        event["timestamp"] = 1795428000
    found = render(template(id), PARAMS[id], decode(json.dumps(event)), 1795428000.0, lambda data, cookies: None)
    assert bool(found["requests"]) is not bool(found["problems"])
    assert MAIL not in json.dumps(found, default=str)


@settings(max_examples=60, deadline=None)
@given(url=st.text(max_size=60) | st.from_regex(r"https?://[a-z]{1,5}\.[a-z]{2}/\S{0,30}", fullmatch=True))
def test_any_page(url: str) -> None:
    event = {"event_name": "page_view", "timestamp": 1795428000, "page_location": url, "ip_override": "203.0.113.7"}
    for id in IDS:
        found = render(template(id), PARAMS[id], decode(json.dumps(event)), 1795428000.0, add_page)
        assert bool(found["requests"]) is not bool(found["problems"])
