"""Events as other tools write them: what a vendor would refuse and can be left out does not cost the conversion."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from gallery import problems, sent

NOW = 1795428000.0
META, TIKTOK = "meta_conversions_api", "tiktok_events_api"
GA4, ADS = "ga4_measurement_protocol", "google_ads_conversions"
PARAMS: dict[str, dict[str, Any]] = {
    META: {"pixel_id": "1", "access_token": "t"},
    TIKTOK: {"pixel_code": "C1", "access_token": "t"},
    GA4: {"measurement_id": "G-1", "api_secret": "s"},
    ADS: {"account_id": "1234567890", "conversion_action": "1", "credentials": "c"},
}
FBP = "fb.1.1795341600000.109"
ORDER = {
    "event_name": "purchase",
    "timestamp": NOW,
    "event_id": "p-1",
    "transaction_id": "1001",
    "value": 149.9,
    "currency": "EUR",
    "page_location": "https://shop.example.com/thanks",
    "client_id": "1.2",
    "fbp": FBP,
    "gclid": "EAIaIQ",
}


def body(template: str, event: dict[str, Any], **params: Any) -> dict[str, Any]:
    return sent(template, {**PARAMS[template], **params}, event, NOW)["body"]  # type: ignore[no-any-return]


def event_of(template: str, event: dict[str, Any], **params: Any) -> dict[str, Any]:
    found = body(template, event, **params)
    (one,) = found.get("data") or found["events"]
    return one  # type: ignore[no-any-return]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# Numbers where texts are meant, as JSON from a shop's own code has them


@pytest.mark.parametrize("template", [META, TIKTOK])
def test_an_event_id_that_is_a_number(template: str) -> None:
    assert event_of(template, {**ORDER, "event_id": 5, "transaction_id": 7})["event_id"] == "5"


def test_an_event_without_order_named_by_a_number() -> None:
    lead = {"event_name": "generate_lead", "event_id": 5000, "gclid": "EAIaIQ"}
    assert event_of(ADS, lead)["transactionId"] == "5000"


def test_words_that_are_numbers_or_switches() -> None:
    event = {**ORDER, "search_term": 501, "content_name": 7, "content_category": 3, "status": True, "event_source": 1}
    found = event_of(META, event)["custom_data"]
    named = ("search_string", "content_name", "content_category", "status", "event_source")
    assert [found[name] for name in named] == ["501", "7", "3", "true", "1"]


# The page


@pytest.mark.parametrize("template", [META, TIKTOK])
@pytest.mark.parametrize("page", ["/thanks", "thanks", "android-app://com.example.shop/thanks", "about:blank"])
def test_half_a_page_gives_way_to_the_shop(template: str, page: str) -> None:
    found = event_of(template, {**ORDER, "page_location": page}, website="https://shop.example.com/")
    assert "https://shop.example.com/" in (found.get("event_source_url"), found.get("page", {}).get("url"))


# Currencies


@pytest.mark.parametrize("template", [META, TIKTOK, GA4, ADS])
@pytest.mark.parametrize(("told", "sent_as"), [("eur", "EUR"), (" Eur ", "EUR"), ("€", "EUR"), ("undefined", None)])
def test_currencies(template: str, told: str, sent_as: str | None) -> None:
    found = json.dumps(body(template, {**ORDER, "event_name": "add_to_cart", "currency": told}))
    assert (f'"currency": "{sent_as}"' in found) is (sent_as is not None)
    assert "undefined" not in found


def test_a_purchase_whose_currency_is_none_says_so() -> None:
    (found,) = problems(META, PARAMS[META], {**ORDER, "currency": "$"}, NOW)
    assert found["message"] == "Meta requires value and currency for a Purchase"


# Browser ids and addresses


@pytest.mark.parametrize("broken", ["undefined", "fb.1.1795341600.109", "fb.1..x", "fbp", "fb.1.1795341600000."])
def test_cookies_that_are_none(broken: str) -> None:
    event = {**ORDER, "fbp": broken, "fbc": broken, "user_data": {"email_address": "mary@example.org"}}
    assert event_of(META, event)["user_data"] == {"em": [sha("mary@example.org")]}
    click = event_of(META, {**event, "fbclid": "IwAR.x"})["user_data"]
    assert click["fbc"] == "fb.1.1795428000000.IwAR.x"


def test_a_cookie_of_a_deep_sub_domain() -> None:
    assert event_of(META, {**ORDER, "fbc": "fb.3.1795427400000.IwAR"})["user_data"]["fbc"] == "fb.3.1795427400000.IwAR"


@pytest.mark.parametrize(
    ("told", "sent_as"),
    [("10.0.0.7", None), ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("fe80::1", None), ("unknown", None),
     ("203.0.113.7, 10.0.0.1", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
     ("[2001:db8::7]:443", "2001:db8::7")],
)  # fmt: skip
def test_addresses(told: str, sent_as: str | None) -> None:
    event = {**ORDER, "ip_override": told}
    assert event_of(META, event)["user_data"].get("client_ip_address") == sent_as
    assert event_of(TIKTOK, event).get("user", {}).get("ip") == sent_as
    assert event_of(ADS, event).get("eventDeviceInfo", {}).get("ipAddress") == sent_as
    assert body(GA4, event).get("ip_override") == sent_as


# Customers


@pytest.mark.parametrize("nobody", ["undefined", "null", "0", "guest", "(not set)", "[object Object]"])
def test_ids_that_stand_for_nobody(nobody: str) -> None:
    event = {**ORDER, "user_id": nobody, "user_data": {"email_address": nobody}}
    assert event_of(META, event)["user_data"] == {"fbp": FBP}
    assert "user" not in event_of(TIKTOK, event)
    assert "user_id" not in body(GA4, event)
    assert "uid=" not in sent("ga4_collect", {"measurement_id": "G-1"}, event, NOW)["url"]


@pytest.mark.parametrize("nothing", ["", " ", "undefined", "null"])
def test_a_hash_of_nothing_is_nobodys(nothing: str) -> None:
    event = {**ORDER, "user_data": {"sha256_email_address": sha(nothing), "sha256_phone_number": sha(nothing)}}
    assert event_of(META, event)["user_data"] == {"fbp": FBP}
    assert "userData" not in event_of(ADS, event)


@pytest.mark.parametrize(
    "address",
    [{"first_name": " "}, {"last_name": "undefined"}, {"postal_code": " "}, {"country": "Atlantis"}, {"country": "X"}],
)
def test_half_an_address_does_not_cost_googles_conversion(address: dict[str, str]) -> None:
    whole = {"first_name": "Mary", "last_name": "Smith", "postal_code": "10115", "country": "Germany"}
    assert event_of(ADS, {**ORDER, "user_data": {"address": {**whole, **address}}}).get("userData") is None
    (found,) = event_of(ADS, {**ORDER, "user_data": {"address": whole}})["userData"]["userIdentifiers"]
    assert found["address"]["regionCode"] == "DE"


def test_a_countrys_name_tells_how_a_telephone_number_is_read() -> None:
    event = {**ORDER, "user_data": {"phone_number": "030 123456", "address": {"country": "Deutschland"}}}
    assert event_of(META, event)["user_data"]["ph"] == [sha("4930123456")]
    user = event_of(TIKTOK, event)["user"]
    assert (user["phone"], user["country"]) == (sha("+4930123456"), "de")


def test_cities_are_written_as_each_vendor_wants_them() -> None:
    name = {"first_name": "Ada", "last_name": "King"}
    address = {**name, "city": "Washington, D.C. 2", "postal_code": "20500", "country": "us"}
    event = {**ORDER, "user_id": "u-1", "user_data": {"address": address}}
    (ga4,) = body(GA4, event)["user_data"]["address"]
    assert ga4["city"] == "washington dc"
    analytics = {"account_id": "7", "conversion_action": "G-1", "account_type": "GOOGLE_ANALYTICS_PROPERTY"}
    (found,) = event_of(ADS, event, **analytics)["userData"]["userIdentifiers"]
    assert found["address"]["city"] == "washington dc 2"


# What belongs to others than Meta


def test_a_leads_own_number_and_a_page_of_the_shop_are_no_ids_of_meta() -> None:
    event = {**ORDER, "event_name": "generate_lead", "lead_id": 42, "page_id": 9, "ctwa_clid": "x"}
    assert event_of(META, event)["user_data"] == {"fbp": FBP}
    assert event_of(META, {**event, "lead_id": 1234567890123456})["user_data"]["lead_id"] == 1234567890123456
    alone = {"event_name": "page_view", "page_location": "https://shop.example.com/", "page_id": 9}
    assert problems(META, PARAMS[META], alone, NOW) != []


def test_a_source_and_a_channel_meta_does_not_know() -> None:
    event = {**ORDER, "action_source": "web", "messaging_channel": "sms"}
    assert event_of(META, event)["action_source"] == "website" and "sms" not in json.dumps(event_of(META, event))
    assert event_of(META, {**ORDER, "action_source": "phone_call"})["action_source"] == "phone_call"
    (found,) = problems(META, {**PARAMS[META], "action_source": "business_messaging"}, event, NOW)
    assert found["path"] == "json.data[0].messaging_channel"


@pytest.mark.parametrize("template", [META, TIKTOK])
def test_a_way_of_delivery_nobody_knows(template: str) -> None:
    items = [{"item_id": "A", "delivery_category": "drone"}]
    found = event_of(template, {**ORDER, "delivery_category": "drone", "items": items})
    assert "drone" not in json.dumps(found)
    kept = event_of(template, {**ORDER, "delivery_category": "curbside"})
    assert "curbside" in json.dumps(kept)


@pytest.mark.parametrize("template", [META, TIKTOK])
def test_the_kind_of_the_catalogues_ids(template: str) -> None:
    key = {META: "custom_data", TIKTOK: "properties"}[template]
    event = {**ORDER, "items": [{"item_id": "A"}]}
    assert event_of(template, event)[key]["content_type"] == "product"
    assert event_of(template, {**event, "content_type": "article"})[key]["content_type"] == "product"
    grouped = {**event, "content_type": "product_group"}
    assert event_of(template, grouped)[key]["content_type"] == "product_group"
    assert event_of(template, grouped, content_type="product")[key]["content_type"] == "product"


def test_what_pages_send_to_metas_own_server_tag() -> None:
    """developers.facebook.com: Conversions API for Google Tag Manager, the table of custom data parameters."""
    event = {
        "event_name": "purchase",
        "value": 10,
        "currency": "EUR",
        "page_location": "https://shop.example.com/thanks",
        "x-fb-ck-fbp": FBP,
        "x-fb-ck-fbc": "fb.1.1795427400000.IwAR",
        "x-fb-ud-subscription_id": "sub-1",
        "x-fb-cd-contents": '[{"id": "A", "quantity": 2, "item_price": 5}]',
        "x-fb-cd-content_type": "product_group",
        "x-fb-cd-content_name": "Shirt",
        "x-fb-cd-predicted_ltv": "99.5",
        "custom_properties": '{"tier": "gold"}',
    }
    found = event_of(META, event)
    assert found["user_data"] == {"fbp": FBP, "fbc": "fb.1.1795427400000.IwAR", "subscription_id": "sub-1"}
    assert found["custom_data"] == {
        "value": 10, "currency": "EUR", "tier": "gold", "content_name": "Shirt", "predicted_ltv": 99.5,
        "content_type": "product_group", "content_ids": ["A"], "num_items": 2,
        "contents": [{"id": "A", "quantity": 2, "item_price": 5}],
    }  # fmt: skip


@pytest.mark.parametrize("told", ['["A", 7]', "A, 7", ["A", 7]])
def test_catalogue_ids_of_metas_own_server_tag(told: Any) -> None:
    assert event_of(META, {**ORDER, "x-fb-cd-content_ids": told})["custom_data"]["content_ids"] == ["A", "7"]


def test_custom_properties_that_are_none() -> None:
    assert "object" not in json.dumps(event_of(META, {**ORDER, "custom_properties": "[object Object]"}))


def test_the_first_events_time_is_seconds() -> None:
    first = {"event_name": "Purchase", "event_time": "2026-11-20T10:00:00Z", "order_id": "1001"}
    found = event_of(META, {**ORDER, "original_event_data": first}, event_name="AppendValue")
    assert found["original_event_data"] == {**first, "event_time": 1795168800}


# TikTok


def test_limited_data_use_is_for_pages_and_apps() -> None:
    lead = {"event_name": "generate_lead", "limited_data_use": True, "user_data": {"email_address": "mary@example.org"}}
    assert "limited_data_use" not in event_of(TIKTOK, lead, event_source="crm", lead_id="7350123456789012345")


def test_a_status_of_tracking_tiktok_does_not_know() -> None:
    app = {"app_id": "1"}
    event = {**ORDER, "att_status": "3", "idfa": "a"}
    assert "att_status" not in event_of(TIKTOK, event, event_source="app", app=app)["user"]
    known = {**event, "att_status": "DENIED"}
    assert event_of(TIKTOK, known, event_source="app", app=app)["user"]["att_status"] == "DENIED"


# Google Analytics


def test_an_events_own_parameters_are_sent() -> None:
    event = {
        "event_name": "level_up", "client_id": "1.2", "level": 5, "character": "Ada", "first_time": True,
        "page_title": "Game", "contact": "mary@example.org", "customer_phone": "030 1", "fbclid": "x", "a-b": 1,
        "ga_x": 1, "tags": ["a"],
    }  # fmt: skip
    found = event_of(GA4, event)["params"]
    assert found == {"level": 5, "character": "Ada", "first_time": "true", "page_title": "Game"}


def test_of_many_parameters_those_everybody_needs_are_kept() -> None:
    many = {f"p{number}": number for number in range(40)}
    found = event_of(GA4, {**many, **ORDER, "items": [{"item_id": "A"}]})["params"]
    assert len(found) == 25
    assert {"transaction_id", "value", "currency", "items", "page_location"} < set(found)


def test_an_items_own_parameters_are_sent() -> None:
    item = {"item_id": "A", "item_brand": "B", "price": 5, "size": "XL", "nested": {"a": 1}, "mail": "a@example.org"}
    many = {f"p{number}": number for number in range(20)}
    (found,) = event_of(GA4, {**ORDER, "items": [{**item, **many}]})["params"]["items"]
    assert found == {"item_id": "A", "item_brand": "B", "price": 5, "size": "XL"} | {f"p{n}": n for n in range(9)}


def test_engagement_where_the_event_tells_none() -> None:
    assert "engagement_time_msec" not in event_of(GA4, ORDER)["params"]
    assert event_of(GA4, ORDER, engagement_time_msec=1)["params"]["engagement_time_msec"] == 1
    told = {**ORDER, "engagement_time_msec": 1200}
    assert event_of(GA4, told, engagement_time_msec=1)["params"]["engagement_time_msec"] == 1200


def test_user_properties_that_are_lists() -> None:
    found = body(GA4, {**ORDER, "user_properties": {"sizes": ["S", "M"], "tier": True, "none": []}})
    assert found["user_properties"] == {"sizes": {"value": "S,M"}, "tier": {"value": "true"}}


def test_client_hints_that_are_none() -> None:
    assert "device" not in event_of(TIKTOK, {**ORDER, "client_hints": "Chrome"})
    hints = {"model": "Pixel", "own": "x"}
    assert event_of(TIKTOK, {**ORDER, "client_hints": hints})["device"] == {"model": "Pixel"}


@pytest.mark.parametrize("name", ["user_id", "first_open_time", "google_tier", "ga_tier", "firebase_x"])
def test_user_properties_of_googles_own_names(name: str) -> None:
    (found,) = problems(GA4, {**PARAMS[GA4], "user_properties": {name: "x"}}, ORDER, NOW)
    assert "none of Google's own" in found["message"]


@pytest.mark.parametrize("name", ["ga_plan", "google_plan", "firebase_plan", "_plan"])
def test_parameters_of_googles_own_names(name: str) -> None:
    (found,) = problems(GA4, {**PARAMS[GA4], "event_params": {name: "x"}}, ORDER, NOW)
    assert found["path"] == "json.events[0].params"


# Google Ads


@pytest.mark.parametrize("broken", ["a b", "%7B%22", "x" * 4001])
def test_session_attributes_that_are_none(broken: str) -> None:
    assert event_of(ADS, {**ORDER, "session_attributes": broken})["adIdentifiers"] == {"gclid": "EAIaIQ"}
    kept = event_of(ADS, {**ORDER, "session_attributes": "x" * 4000})["adIdentifiers"]
    assert kept["sessionAttributes"] == "x" * 4000


def test_items_without_an_id_in_the_older_upload() -> None:
    params = {"customer_id": "1234567890", "conversion_action": "1", "credentials": "c", "merchant_id": "5"}
    event = {**ORDER, "items": [{"item_name": "Shirt"}, {"item_id": "A"}]}
    (found,) = sent("google_ads_click_conversions", params, event, NOW)["body"]["conversions"]
    assert found["cartData"]["items"] == [{"productId": "A", "quantity": 1}]


# Told in another place


@pytest.mark.parametrize("template", [META, TIKTOK, GA4, ADS])
def test_the_currency_of_an_item(template: str) -> None:
    event = {**without(ORDER, "currency"), "items": [{"item_id": "A", "price": 5, "currency": "nok"}]}
    assert '"currency": "NOK"' in json.dumps(body(template, event))


def test_tiktok_takes_the_sum_of_the_items_for_a_value() -> None:
    items = [{"item_id": "A", "price": 15.25, "quantity": 1}, {"item_id": "B", "price": "33.33", "quantity": 2}]
    event = {**without(ORDER, "value"), "event_name": "view_item", "items": items}
    assert event_of(TIKTOK, event)["properties"]["value"] == 81.91
    assert event_of(TIKTOK, {**event, "value": 0})["properties"]["value"] == 0
    assert "value" not in event_of(META, event)["custom_data"]


@pytest.mark.parametrize(("host", "found"), [("shop.example.com", True), ("www.example.com", False)])
def test_the_click_id_of_the_page_before(host: str, found: bool) -> None:
    event = {**ORDER, "page_referrer": f"https://{host}/?fbclid=IwAR.x&ttclid=E.C.P.x"}
    assert ("fbc" in event_of(META, event)["user_data"]) is found
    assert (event_of(TIKTOK, event).get("user", {}).get("ttclid") == "E.C.P.x") is found


@pytest.mark.parametrize("template", [META, TIKTOK])
def test_an_external_id_beside_the_user_data(template: str) -> None:
    user = event_of(template, {**ORDER, "external_id": "crm-1", "user_id": "u-1"})
    assert sha("crm-1") in json.dumps(user) and sha("u-1") not in json.dumps(user)


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in names}


# The whole cookie where its end is meant


@pytest.mark.parametrize("cookie", ["GA1.1.1234567890.1795000000", "GA1.2.1234567890.1795000000"])
def test_the_cookie_ga_as_client_id(cookie: str) -> None:
    event = {**ORDER, "client_id": cookie}
    assert body(GA4, event)["client_id"] == "1234567890.1795000000"
    analytics = {"account_id": "7", "conversion_action": "G-1", "account_type": "GOOGLE_ANALYTICS_PROPERTY"}
    assert event_of(ADS, event, **analytics)["clientId"] == "1234567890.1795000000"
    assert "cid=1234567890.1795000000" in sent("ga4_collect", {"measurement_id": "G-1"}, event, NOW)["url"]


def test_a_hit_whose_currency_or_session_is_none_is_sent_on() -> None:
    event = {**ORDER, "currency": "undefined", "ga_session_id": "x1", "engagement_time_msec": "NaN"}
    found = sent("ga4_collect", {"measurement_id": "G-1", "method": "GET"}, event, NOW)["url"]
    assert "cu=" not in found and "sid=" not in found and "_et=" not in found and "cid=1.2" in found
    assert "session_id" not in event_of(GA4, {**event, "currency": "EUR"})["params"]
    assert event_of(GA4, {**ORDER, "ga_session_id": 1795427000})["params"]["session_id"] == "1795427000"


@pytest.mark.parametrize("template", [META, TIKTOK, GA4, ADS])
@pytest.mark.parametrize(
    "told",
    [
        {"user_data": {"email": "mary@example.org", "phone": "+49 30 123456"}},
        {"email": "mary@example.org", "phone": "+49 30 123456"},
    ],
)
def test_shorter_names_of_customer_data(template: str, told: dict[str, Any]) -> None:
    found = json.dumps(body(template, {**ORDER, "user_id": "u-1", "user_data": {"x": 1}, **told}))
    assert sha("mary@example.org") in found
    assert sha("4930123456" if template == META else "+4930123456") in found


@pytest.mark.parametrize("template", [META, TIKTOK, GA4, ADS])
def test_an_address_that_lies_open_in_the_user_data(template: str) -> None:
    name = {"first_name": "Ada", "last_name": "King", "postal_code": "10115", "country": "DE"}
    found = json.dumps(body(template, {**ORDER, "user_id": "u-1", "user_data": name}))
    assert sha("ada") in found and sha("king") in found
    nested = {**name, "first_name": "x", "address": {"first_name": "Ada"}}
    assert sha("ada") in json.dumps(body(template, {**ORDER, "user_id": "u-1", "user_data": nested}))


# The time, as `tagport render` is told it


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("2026-11-23T09:00:00+01:00", 1795420800), (1795420800000, 1795420800), ("1795420800", 1795420800),
     ("undefined", 1795428000), (None, 1795428000), (True, 1795428000)],
)  # fmt: skip
def test_times(told: Any, seconds: int) -> None:
    assert event_of(META, {**ORDER, "timestamp": told})["event_time"] == seconds


@pytest.mark.parametrize("nothing", ["undefined", "null", "(not set)", "0"])
def test_an_order_nobody_named(nothing: str) -> None:
    event = {**ORDER, "transaction_id": nothing, "event_id": nothing}
    assert event_of(ADS, {**event, "event_id": "p-1"})["transactionId"] == "p-1"
    assert "transactionId" not in event_of(ADS, event)
    assert {"event_id", "order_id"}.isdisjoint({**event_of(META, event), **event_of(META, event)["custom_data"]})
    assert {"event_id", "order_id"}.isdisjoint({**event_of(TIKTOK, event), **event_of(TIKTOK, event)["properties"]})
    assert event_of(META, {**ORDER, "event_id": nothing})["event_id"] == "1001"
    assert "transaction_id" not in sent("ga4_collect", {"measurement_id": "G-1"}, event, NOW)["body"]
    (found,) = problems(GA4, PARAMS[GA4], event, NOW)
    assert found["message"] == "GA4 requires transaction_id, value and currency for a purchase or refund"
