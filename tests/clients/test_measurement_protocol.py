"""The Measurement Protocol client: Google's own examples and everything its body may hold."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.measurement_protocol import MOST_EVENTS, MeasurementProtocolClient
from container.errors import BadSignature, Refused, TooLarge, Unreadable
from container.event import Event, Request

EXAMPLES = Path(__file__).parents[1] / "data" / "vendors"
CLIENT = MeasurementProtocolClient(id="mp", name="MP", source="server", secrets=("s3cret", "old"))
QUERY = "measurement_id=G-ABCDE12345&api_secret=s3cret"


def sent(body: Any, query: str = QUERY, client: MeasurementProtocolClient = CLIENT, **headers: str) -> list[Event]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.events(Request("POST", "/mp/collect", query, named, "192.0.2.1", received=1795428000.5, body=raw))


def one(body: dict[str, Any] | None = None, **params: Any) -> Event:
    (event,) = sent({**(body or {}), "events": [{"name": "purchase", "params": params}]})
    return event


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text())["request"]["body"]


def test_claims() -> None:
    assert CLIENT.claims("POST", "/mp/collect")
    assert not CLIENT.claims("GET", "/mp/collect")
    assert not CLIENT.claims("POST", "/debug/mp/collect")


def test_googles_purchase() -> None:
    (event,) = sent(example("google_01_ga4_mp_purchase.json"))
    assert event.data == {
        "event_name": "purchase",
        "client_id": "1234567890.1795000000",
        "user_id": "user-4711",
        "timestamp": 1795428000,
        "ga_session_id": "1795427000",
        "engagement_time_msec": 100,
        "transaction_id": "ORD-1001",
        "value": Decimal("149.9"),
        "currency": "EUR",
        "tax": Decimal("23.9"),
        "shipping": 0,
        "coupon": "NOV",
        "items": [
            {
                "item_id": "SKU-1", "item_name": "Shirt", "item_brand": "Acme", "item_category": "Apparel",
                "price": Decimal("49.95"), "quantity": 2,
            },
            {"item_id": "SKU-2", "item_name": "Cap", "price": Decimal("50.0"), "quantity": 1},
        ],
        "page_location": "https://shop.example.com/thank-you",
        "page_hostname": "shop.example.com",
        "page_path": "/thank-you",
        "ip_override": "203.0.113.7",
        "x-ga-measurement_id": "G-ABCDE12345",
        "x-ga-mp2-timestamp_micros": 1795428000000000,
        "x-ga-mp2-user_properties": {"customer_tier": "gold"},
    }  # fmt: skip
    assert event.consent == {"ad_user_data": True, "ad_personalization": False}
    assert (event.request.source, event.request.client_name, event.notes) == ("server", "MP", ())


def test_googles_user_data() -> None:
    body = example("google_02_ga4_mp_user_data.json")
    (event,) = sent(body)
    assert event.data["user_data"] == body["user_data"]
    assert event.name == "generate_lead"


def test_each_event_is_its_own() -> None:
    events = sent({"client_id": 5.5, "events": [{"name": "a"}, {"name": "b", "params": {"x": 1}}]})
    assert [(event.name, event.data["client_id"]) for event in events] == [("a", "5.5"), ("b", "5.5")]
    assert events[0].id != events[1].id
    assert "x" not in events[0].data


@pytest.mark.parametrize(
    ("body", "event", "expected"),
    [
        ({"timestamp_micros": 1795427000000000}, {}, 1795427000),
        ({"timestamp_micros": 1}, {"timestamp_micros": "1795426000000001"}, Decimal("1795426000.000001")),
        ({}, {}, Decimal("1795428000.5")),
    ],
)
def test_the_events_own_time_wins(body: dict[str, Any], event: dict[str, Any], expected: Any) -> None:
    (found,) = sent({**body, "events": [{"name": "a", **event}]})
    assert found.data["timestamp"] == expected


def test_what_the_body_says_wins_over_a_parameter() -> None:
    data = one({"client_id": "body"}, client_id="param", session_id=1795427000, session_number=3).data
    assert (data["client_id"], data["ga_session_id"], data["ga_session_number"]) == ("body", "1795427000", 3)


def test_place_and_device() -> None:
    data = one(
        {
            "user_location": {"country_id": "US", "region_id": "US-CA", "city": "Menlo Park", "continent_id": "021"},
            "device": {"category": "mobile", "language": "en-us", "screen_resolution": "390x844"},
            "validation_behavior": "RELAXED",
        }
    ).data
    assert data["event_location"] == {"country": "US", "region": "CA", "city": "Menlo Park"}
    assert (data["language"], data["screen_resolution"]) == ("en-us", "390x844")
    assert data["x-ga-mp2-device"]["category"] == "mobile"
    assert data["x-ga-mp2-validation_behavior"] == "RELAXED"


@pytest.mark.parametrize(
    ("default", "body", "expected"),
    [
        (None, {}, {}),
        ("granted", {}, {}),
        (None, {"consent": {"ad_user_data": "GRANTED"}}, {"ad_user_data": True}),
        (None, {"non_personalized_ads": True}, {"ad_personalization": False}),
        (None, {"non_personalized_ads": False}, {}),
        (
            {"ad_storage": "granted"},
            {"consent": {"ad_user_data": "DENIED"}},
            {"ad_user_data": False, "ad_storage": True},
        ),
        (
            "denied",
            {"consent": {"ad_user_data": "GRANTED"}},
            {"ad_user_data": True, "ad_storage": False, "analytics_storage": False},
        ),
        ("from_browser", {"consent": {"ad_user_data": "GRANTED"}}, {"ad_user_data": True}),
    ],
)
def test_consent(default: Any, body: dict[str, Any], expected: dict[str, bool]) -> None:
    client = MeasurementProtocolClient(
        id="mp", name="MP", source="server", secrets=("s3cret",), default_consent=default
    )
    (event,) = sent({**body, "events": [{"name": "a"}]}, client=client)
    assert event.consent == expected


@pytest.mark.parametrize("query", ["", "api_secret=", "api_secret=wrong", "api_secret=s3cre", "api_secret=S3CRET"])
def test_the_secret_is_asked_for_before_the_body_is_read(query: str) -> None:
    with pytest.raises(BadSignature) as refused:
        sent(b"{", query)
    assert "s3cret" not in str(refused.value)


def test_both_secrets_open_while_one_is_renewed_and_the_header_does_too() -> None:
    body = {"events": [{"name": "a"}]}
    assert sent(body, "api_secret=old") and sent(body, "", authorization="Bearer s3cret")
    with pytest.raises(BadSignature):
        sent(body, "api_secret=", MeasurementProtocolClient(id="x", name="x", source="server", secrets=("",)))


def test_open() -> None:
    client = MeasurementProtocolClient(id="x", name="x", source="server", open=True)
    assert client.cors and not CLIENT.cors
    assert sent({"events": [{"name": "a"}]}, "", client)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        ([], "not a JSON object"),
        ({}, "`events` must be a list"),
        ({"events": []}, "`events` must be a list"),
        ({"events": {"name": "a"}}, "`events` must be a list"),
        ({"events": [{"name": "a"}, 5]}, "event 2: an event is an object"),
        ({"events": [{"name": ""}]}, "event 1: `name` must be a text"),
        ({"events": [{"name": "x" * 201}]}, "event 1: `name` is longer"),
        ({"events": [{"name": "a", "params": []}]}, "event 1: `params` must be an object"),
        ({"events": [{"name": "a", "params": {"transaction_id": True}}]}, "`transaction_id` must be a text"),
        ({"events": [{"name": "a", "params": {"items": "x"}}]}, "`items` must be a list"),
        ({"events": [{"name": "a"}], "consent": {"ad_user_data": "MAYBE"}}, "`consent.ad_user_data` must be"),
        (b'{"events": [{"name": "a"}], "x": ' + b"[" * 30 + b"]" * 30 + b"}", "nested deeper"),
        (b'{"events": [{"name": "a", "params": {"value": 1e999}}]}', "out of range"),
    ],
)
def test_what_is_refused(body: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sent(body)


def test_too_many() -> None:
    assert len(sent({"events": [{"name": "a"}] * MOST_EVENTS})) == MOST_EVENTS
    with pytest.raises(TooLarge, match="Google takes 25"):
        sent({"events": [{"name": "a"}] * (MOST_EVENTS + 1)})


def test_what_cannot_be_read_is_left_out_and_noted() -> None:
    event = one(
        {"client_id": ["x"], "user_data": "jane@example.com", "device": 5, "ip_override": "here"},
        engagement_time_msec="NaN",
        value="12,50",
    )
    assert not {"client_id", "user_data", "engagement_time_msec", "ip_override"} & set(event.data)
    assert sorted(event.notes) == [
        "`client_id` left out: not a text",
        "`device` left out: not an object",
        "`engagement_time_msec` left out: not a number",
        "`ip_override` left out: not an IP address",
        "`user_data` left out: not an object",
        "`value` is not a number as in 12.50",
    ]


def test_the_server_itself_is_nobodys_visitor() -> None:
    (event,) = sent({"events": [{"name": "a"}]}, user_agent="python-requests/2", cookie="_fbp=fb.1.1.2")
    assert not {"ip_override", "user_agent", "fbp"} & set(event.data)
    browser = MeasurementProtocolClient(id="x", name="x", source="browser", open=True)
    (event,) = sent({"events": [{"name": "a"}]}, "", browser, user_agent="Mozilla/5.0", cookie="_fbp=fb.1.1.2")
    assert (event.data["ip_override"], event.data["user_agent"], event.data["fbp"]) == (
        "192.0.2.1", "Mozilla/5.0", "fb.1.1.2",
    )  # fmt: skip


def test_answer() -> None:
    assert CLIENT.answer(Request(), []).status == 204


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["client_id", "user_id", "consent", "user_data", "user_properties", "user_location", "device", "timestamp_micros"]
)
EVENTS = st.lists(st.fixed_dictionaries({}, optional={"name": VALUES, "params": VALUES, "timestamp_micros": VALUES}))


@given(st.dictionaries(KEYS, VALUES, max_size=4), EVENTS | VALUES)
def test_anything_is_events_or_refused(body: dict[str, Any], events: Any) -> None:
    try:
        found = sent({**body, "events": events})
    except Refused as refused:
        assert str(refused)
    else:
        assert all(event.name and "timestamp" in event.data for event in found)
