"""GA4's template against worked bodies and the limits of Google's pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gallery import CHROME, problems, sent, template, worked

GA4 = "ga4_measurement_protocol"
NOW = 1795428000.0
PARAMS = {"measurement_id": "G-ABCDE12345", "api_secret": "<API_SECRET>"}
PURCHASE = {
    "event_name": "purchase",
    "timestamp": 1795428000,
    "client_id": "1234567890.1795000000",
    "user_id": "user-4711",
    "ga_session_id": "1795427000",
    "engagement_time_msec": 100,
    "user_properties": {"customer_tier": "gold"},
    "consent_state": {"ad_user_data": True, "ad_personalization": False, "analytics_storage": True},
    "transaction_id": "ORD-1001",
    "value": 149.9,
    "currency": "EUR",
    "tax": 23.9,
    "shipping": 0,
    "coupon": "NOV",
    "page_location": "https://shop.example.com/thank-you",
    "ip_override": "203.0.113.7",
    "user_agent": CHROME,
    "x-ga-gcs": "G111",
    "items": [
        {"item_id": "SKU-1", "item_name": "Shirt", "item_brand": "Acme", "item_category": "Apparel", "price": 49.95,
         "quantity": 2},
        {"item_id": "SKU-2", "item_name": "Cap", "price": 50, "quantity": 1},
    ],
}  # fmt: skip
JOHN = {
    "email_address": " John.Smith+shop@Gmail.com",
    "phone_number": "+1 (650) 555-1212",
    "address": {
        "first_name": "John",
        "last_name": "Smith",
        "street": "1 Hacker Way",
        "city": "Menlo Park",
        "region": "CA",
        "postal_code": "94025",
        "country": "US",
    },
}


def as_on_the_wire(request: dict[str, Any]) -> dict[str, Any]:
    """The worked request with its secret percent-encoded, as everything in a query is."""
    return {**request, "url": request["url"].replace("<API_SECRET>", "%3CAPI_SECRET%3E")}


def test_a_purchase() -> None:
    assert sent(GA4, PARAMS, PURCHASE, NOW) == as_on_the_wire(worked("google_01_ga4_mp_purchase")["request"])


def test_user_data() -> None:
    event = {
        "event_name": "generate_lead",
        "timestamp": 1795428000,
        "client_id": "1234567890.1795000000",
        "user_id": "user-4711",
        "ga_session_id": "1795427000",
        "engagement_time_msec": 1,
        "user_data": JOHN,
    }
    expected = as_on_the_wire(worked("google_02_ga4_mp_user_data")["request"])
    found = sent(GA4, PARAMS, event, NOW)
    # Google's pages cut the dots of a Gmail address, its library also `+shop`: both hashes are named in the example.
    expected["body"]["user_data"]["sha256_email_address"] = [
        "3586de92bb3636d0885a12eff961429a32e4ebd764b96f50d85d016f9338d586"
    ]
    del found["body"]["timestamp_micros"]  # the example has none
    assert found == expected


def test_the_validation_server() -> None:
    endpoint = "https://www.google-analytics.com/debug"
    params = {**PARAMS, "endpoint": endpoint, "validation_behavior": "ENFORCE_RECOMMENDATIONS"}
    event = {"event_name": "session_start", "timestamp": NOW, "client_id": "1.2"}
    expected = as_on_the_wire(worked("google_03_ga4_mp_debug")["request"])
    # Google's answer to the worked request is NAME_RESERVED: what is sent with another name is the same.
    (found,) = problems(GA4, params, event, NOW)
    assert found["path"] == "json.events[0].name" and "none of Google's own" in found["message"]
    request = sent(GA4, params, {**event, "event_name": "my_start"}, NOW)
    del request["body"]["timestamp_micros"]
    expected["body"]["events"] = [{"name": "my_start"}]
    assert request == expected


def body_of(event: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
    return sent(GA4, {**PARAMS, **(params or {})}, event, NOW)["body"]  # type: ignore[no-any-return]


def params_of(event: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
    return body_of(event, params)["events"][0]["params"]  # type: ignore[no-any-return]


def refused(event: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, str]:
    (found,) = problems(GA4, {**PARAMS, **(params or {})}, event, NOW)
    return found


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in names}


def test_the_servers_in_the_eu() -> None:
    request = sent(GA4, {**PARAMS, "endpoint": "https://region1.google-analytics.com"}, PURCHASE, NOW)
    assert request["url"].startswith("https://region1.google-analytics.com/mp/collect?measurement_id=G-ABCDE12345&")


def test_a_client_id_is_needed() -> None:
    assert refused(without(PURCHASE, "client_id")) == {
        "path": "json.client_id",
        "message": "GA4 needs client_id (of the cookie _ga; for an app its app_instance_id)",
    }


@pytest.mark.parametrize("name", ["transaction_id", "value", "currency"])
def test_what_a_purchase_needs(name: str) -> None:
    assert refused(without(PURCHASE, name))["path"] == f"json.events[0].params.{name}"


def test_nothing_is_invented() -> None:
    found = params_of(without(PURCHASE, "ga_session_id", "engagement_time_msec"))
    assert "session_id" not in found and "engagement_time_msec" not in found
    assert "engagement_time_msec" not in params_of({**PURCHASE, "engagement_time_msec": 0})


def test_internal_keys_stay_here() -> None:
    assert not [key for key in params_of(PURCHASE) if key.startswith("x-") or key in ("user_agent", "client_id")]


def test_long_texts_are_cut() -> None:
    found = params_of({**PURCHASE, "page_title": "ä" * 150, "page_location": "https://e.org/" + "p" * 200})
    assert len(found["page_title"]) == 100 and len(found["page_location"]) == 100
    (item,) = params_of({**PURCHASE, "items": [{"item_id": "1", "item_name": "x" * 300}]})["items"]
    assert len(item["item_name"]) == 100


def test_what_the_tag_adds_is_not_cut_but_refused() -> None:
    assert refused(PURCHASE, {"event_params": {"plan": "x" * 101}})["path"] == "json.events[0].params.plan"
    assert refused(PURCHASE, {"event_params": {"a-b": 1}})["path"] == "json.events[0].params"
    many = {f"p{number}": number for number in range(25)}
    assert refused(PURCHASE, {"event_params": many})["path"] == "json.events[0].params"
    assert params_of(PURCHASE, {"event_params": {"plan": "pro", "value": 1}})["plan"] == "pro"


@pytest.mark.parametrize("name", ["add-to-cart", "1st", "ga_x", "firebase_x", "user_engagement", "x" * 41])
def test_event_names_google_does_not_take(name: str) -> None:
    assert refused({**PURCHASE, "event_name": name})["path"] == "json.events[0].name"


def test_user_data_only_of_known_users_who_did_not_refuse() -> None:
    known = {**PURCHASE, "user_data": JOHN}
    assert "user_data" in body_of(known)
    assert "user_data" not in body_of(without(known, "user_id"))
    assert "user_data" not in body_of({**known, "consent_state": {"ad_user_data": False}})
    assert "user_data" in body_of(without(known, "consent_state"))


def test_at_most_three_addresses() -> None:
    mails = [f"a{number}@example.org" for number in range(5)]
    found = body_of({**PURCHASE, "user_data": {"email_address": mails}})
    assert len(found["user_data"]["sha256_email_address"]) == 3


def test_consent_that_nobody_stated_is_left_out() -> None:
    assert "consent" not in body_of(without(PURCHASE, "consent_state"))


def test_a_place_instead_of_an_address() -> None:
    found = body_of(PURCHASE, {"user_location": {"country_id": "US", "region_id": "US-CA"}})
    assert found["user_location"] == {"country_id": "US", "region_id": "US-CA"} and "ip_override" not in found


def test_answers() -> None:
    rules = template(GA4).rules
    (case,) = [case for case in worked("google_90_responses")["cases"] if case["api"] == "ga4 mp"]
    assert rules.judge(case["status"], {}, case["body"], 1)[0] == "accepted"
    assert [rules.judge(status, {}, "", 1)[0] for status in (200, 429, 500, 503, 400, 403)] == [
        "accepted", "retry", "retry", "retry", "refused", "refused",
    ]  # fmt: skip


def test_the_validation_servers_words_are_explained() -> None:
    answer = json.dumps(worked("google_03_ga4_mp_debug")["response_success"]["body"])
    outcome, reason = template(GA4).rules.judge(200, {}, answer, 1)
    assert outcome == "refused"
    assert reason == "200 NAME_RESERVED Event at index: [0] has name [session_start] which is reserved. (events)"
    assert template(GA4).advice.of(reason).startswith("The name is one of Google's own.")
    assert template(GA4).rules.judge(200, {}, '{"validationMessages": []}', 1)[0] == "accepted"
