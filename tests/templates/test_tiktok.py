"""TikTok's template against worked bodies and against the rules of TikTok's own server-side template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gallery import CHROME, problems, sent, template, worked

TIKTOK = "tiktok_events_api"
NOW = 1795428000.0
PARAMS = {"pixel_code": "C1ABCDEFGHIJKLMNOPQR", "access_token": "<TIKTOK_ACCESS_TOKEN>"}
BROWSER = {"ip_override": "203.0.113.7", "user_agent": CHROME}
PURCHASE = {
    "event_name": "purchase",
    "timestamp": 1795428000,
    "event_id": "purchase.ORD-1001",
    "transaction_id": "ORD-1001",
    "value": 149.9,
    "currency": "EUR",
    "page_location": "https://shop.example.com/thank-you?order=ORD-1001",
    "page_referrer": "https://shop.example.com/checkout",
    "language": "en-US",
    "user_id": "user-4711",
    "ttclid": "E.C.P.testTtclidValue0123456789abcdefABCDEF",
    "ttp": "94e2a4j9-h3ss-k2ru-pq7h-abc2NkdkZAw",
    "user_data": {
        "email_address": " John_Smith@Gmail.com ",
        "phone_number": "(650) 555-1212",
        "address": {
            "first_name": "John",
            "last_name": "Smith",
            "city": "Menlo Park",
            "region": "CA",
            "postal_code": "94025-1234",
            "country": "US",
        },
    },
    "items": [
        {"item_id": "SKU-1", "item_name": "Shirt", "item_category": "Apparel", "item_brand": "Acme",
         "price": 49.95, "quantity": 2},
        {"item_id": "SKU-2", "item_name": "Cap", "price": 50, "quantity": 1},
    ],
    **BROWSER,
}  # fmt: skip


def check(name: str, params: dict[str, Any], event: dict[str, Any]) -> None:
    assert sent(TIKTOK, {**PARAMS, **params}, event, NOW) == worked(name)["request"]


def test_a_purchase() -> None:
    params = {
        "partner_name": "PyTagContainer",
        "test_event_code": "TEST12345",
        "limited_data_use": False,
        "properties": {"description": "web order"},
    }
    check("tiktok_01_purchase_web", params, PURCHASE)


def test_a_lead_with_limited_data_use() -> None:
    event = {
        "event_name": "generate_lead",
        "timestamp": 1795428000,
        "event_id": "lead-5521",
        "page_location": "https://example.org/contact",
        "user_data": {"email_address": ["Mary@Example.org"]},
        **BROWSER,
    }
    properties = {"content_type": "product", "description": "Newsletter"}
    check("tiktok_02_lead_ldu", {"limited_data_use": True, "properties": properties}, event)


def test_a_lead_from_the_crm() -> None:
    event = {
        "event_name": "generate_lead",
        "timestamp": 1795428000,
        "event_id": "crm-7350-1",
        "lead_id": "7350123456789012345",
        "lead_event_source": "HubSpot",
        "user_data": {"email_address": "Mary@Example.org"},
    }
    check("tiktok_03_crm_lead", {"event_source": "crm", "pixel_code": "7012345678901234567"}, event)


def test_an_offline_purchase() -> None:
    event = {
        "event_name": "purchase",
        "timestamp": 1794564000,
        "event_id": "POS-77",
        "transaction_id": "POS-77",
        "value": 35,
        "currency": "USD",
        "shop_id": "store-12",
        "items": [{"item_id": "SKU-9", "price": 35, "quantity": 1}],
        "user_data": {"email_address": "Mary@Example.org", "phone_number": "+1 650 555 1212"},
    }
    found = sent(TIKTOK, {**PARAMS, "event_source": "offline", "pixel_code": "7012345678901234568"}, event, NOW)
    expected = worked("tiktok_04_offline_purchase")["request"]
    properties = expected["body"]["data"][0]["properties"]
    properties["content_type"] = properties["contents"][0]["content_type"] = "product"  # written for every item
    assert found == expected


def test_two_events_of_a_batch() -> None:
    landing = {
        "event_name": "page_view",
        "timestamp": 1795427970,
        "event_id": "pv-1",
        "page_location": "https://shop.example.com/?ttclid=E.C.P.testTtclidValue0123456789abcdefABCDEF",
        **BROWSER,
    }
    cart = {
        "event_name": "add_to_cart",
        "timestamp": 1795428000,
        "event_id": "atc-1",
        "page_location": "https://shop.example.com/p/1",
        "ttclid": "E.C.P.testTtclidValue0123456789abcdefABCDEF",
        "value": 49.95,
        "currency": "EUR",
        "items": [{"item_id": "SKU-1", "price": 49.95, "quantity": 1}],
        **BROWSER,
    }
    one, other = (sent(TIKTOK, PARAMS, event, NOW) for event in (landing, cart))
    one["body"]["data"] += other["body"]["data"]
    assert one == worked("tiktok_05_batch_pageview_addtocart")["request"]


def event_of(event: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
    (found,) = sent(TIKTOK, {**PARAMS, **(params or {})}, event, NOW)["body"]["data"]
    return found  # type: ignore[no-any-return]


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in names}


def test_ids_are_texts() -> None:
    found = event_of({**PURCHASE, "transaction_id": 1001, "items": [{"item_id": 4711}]})["properties"]
    assert found["order_id"] == "1001"
    assert found["contents"] == [{"content_id": "4711", "content_type": "product", "quantity": 1}]


def test_a_page_view_has_no_properties() -> None:
    view = without(PURCHASE, "items", "value", "currency", "transaction_id")
    assert "properties" not in event_of({**view, "event_name": "page_view"})


def test_properties_of_the_tag_win() -> None:
    assert event_of(PURCHASE, {"properties": {"value": 99}})["properties"]["value"] == 99


def test_a_web_event_needs_a_page() -> None:
    webhook = without(PURCHASE, "page_location", "page_referrer")
    assert event_of(webhook, {"website": "https://www.example.com/"})["page"] == {"url": "https://www.example.com/"}
    (found,) = problems(TIKTOK, PARAMS, webhook, NOW)
    assert "page" in found["path"] and "`website`" in found["message"]


def test_limited_data_use_needs_an_address() -> None:
    (found,) = problems(TIKTOK, {**PARAMS, "limited_data_use": True}, without(PURCHASE, "ip_override"), NOW)
    assert found["path"] == "json.data[0].user.ip"


def test_a_crm_lead_needs_its_id() -> None:
    (found,) = problems(TIKTOK, {**PARAMS, "event_source": "crm"}, PURCHASE, NOW)
    assert found["path"] == "json.data[0].lead"


def test_a_time_in_the_future_is_now() -> None:
    assert event_of({**PURCHASE, "timestamp": NOW + 500})["event_time"] == int(NOW)


@pytest.mark.parametrize(
    ("name", "tiktok"),
    [("page_view", "Pageview"), ("purchase", "Purchase"), ("generate_lead", "Lead"), ("file_download", "Download"),
     ("donate", "donate"), ("search", "Search")],
)  # fmt: skip
def test_event_names(name: str, tiktok: str) -> None:
    assert event_of({**PURCHASE, "event_name": name})["event"] == tiktok


CASES = worked("tiktok_90_responses")["cases"]
OUTCOMES = ["delivered", "delivered", "refused", "stop", "stop", "retry", "retry", "retry"]


@pytest.mark.parametrize(("case", "outcome"), list(zip(CASES, OUTCOMES, strict=True)))
def test_answers(case: dict[str, Any], outcome: str) -> None:
    text = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
    assert template(TIKTOK).rules.judge(case["status"], {}, text, 1)[0] == outcome


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [(200, '{"code": 51021}', "retry"), (200, '{"code": 59999}', "retry"), (200, "<html>", "retry"), (200, "", "retry"),
     (429, '{"code": 1}', "retry"), (500, '{"code": 0}', "retry"), (200, '{"code": 40003}', "refused"),
     (400, '{"code": 0}', "refused")],
)  # fmt: skip
def test_other_answers(status: int, text: str, outcome: str) -> None:
    assert template(TIKTOK).rules.judge(status, {}, text, 1)[0] == outcome
