"""Meta's template against worked bodies (made by Meta's SDK) and against the rules of Meta's pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gallery import CHROME, problems, sent, template, worked

META = "meta_conversions_api"
NOW = 1795428000.0
PARAMS = {"pixel_id": "1234567890123456", "access_token": "<META_ACCESS_TOKEN>"}
HASHED = {"ph", "em", "fn", "ln", "ct", "st", "zp", "country", "external_id", "db", "ge"}

BROWSER = {"ip_override": "203.0.113.7", "user_agent": CHROME}
JOHN = {
    "email_address": " John_Smith@Gmail.com ",
    "phone_number": "+1 (650) 555-1212",
    "birthday": "1997-02-16",
    "gender": "Male",
    "address": {
        "first_name": "John",
        "last_name": "Smith",
        "city": "Menlo Park",
        "region": "CA",
        "postal_code": "94025-1234",
        "country": "US",
    },
}
PURCHASE = {
    "event_name": "purchase",
    "timestamp": 1795428000,
    "event_id": "purchase.ORD-1001",
    "transaction_id": "ORD-1001",
    "value": 149.9,
    "currency": "EUR",
    "page_location": "https://shop.example.com/thank-you?order=ORD-1001",
    "page_referrer": "https://shop.example.com/checkout",
    "user_id": "user-4711",
    "fbc": "fb.1.1795427400000.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
    "fbp": "fb.1.1795341600000.1098115397",
    "user_data": JOHN,
    "items": [
        {"item_id": "SKU-1", "item_name": "Shirt", "price": 49.95, "quantity": 2, "delivery_category": "home_delivery"},
        {"item_id": "SKU-2", "item_name": "Cap", "price": 50, "quantity": 1},
    ],
    **BROWSER,
}


def expected(name: str) -> dict[str, Any]:
    """The worked request. The SDK writes currencies small; Meta takes both, and ISO 4217 writes them large."""
    request: dict[str, Any] = worked(name)["request"]
    for event in request["body"]["data"]:
        if "currency" in event.get("custom_data", {}):
            event["custom_data"]["currency"] = event["custom_data"]["currency"].upper()
    return request


def check(name: str, params: dict[str, Any], event: dict[str, Any], now: float = NOW) -> None:
    assert sent(META, {**PARAMS, **params}, event, now) == expected(name)


def test_a_purchase() -> None:
    params = {"test_event_code": "TEST12345", "partner_agent": "pytagcontainer-0.1.0", "opt_out": False}
    check("meta_01_purchase_web", params, PURCHASE)


def test_a_page_view_whose_fbc_is_made_from_the_click_id() -> None:
    event = {
        "event_name": "page_view",
        "timestamp": 1795428000.123,
        "event_id": "pv-7f0c2f0e",
        "page_location": "https://www.example.com/"
        "?fbclid=IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
        "fbp": "fb.1.1795341600000.1098115397",
        **BROWSER,
    }
    check("meta_02_pageview_first_click", {}, event, NOW + 1)


def test_a_lead_with_limited_data_use() -> None:
    event = {
        "event_name": "generate_lead",
        "timestamp": 1795428000,
        "event_id": "lead-5521",
        "page_location": "https://example.org/contact",
        "value": 0,
        "currency": "EUR",
        "content_name": "Newsletter",
        "content_category": "form",
        "predicted_ltv": 120,
        "user_data": {
            "email_address": "Mary@Example.org",
            "phone_number": "+49 30 123456",
            "address": {"first_name": "Valéry"},
        },
        **BROWSER,
    }
    check("meta_03_lead_ldu", {"limited_data_use": True}, event)


def test_a_purchase_in_a_store() -> None:
    event = {
        "event_name": "purchase",
        "timestamp": 1793700000,
        "event_id": "POS-77",
        "transaction_id": "POS-77",
        "value": 35,
        "currency": "USD",
        "item_number": "1",
        "user_data": {"email_address": "Mary@Example.org", "phone_number": "+1 650 555 1212"},
    }
    check("meta_04_physical_store", {"action_source": "physical_store"}, event)


def test_a_stage_of_a_lead_in_the_crm() -> None:
    event = {
        "event_name": "Qualified Lead",
        "timestamp": 1795428000,
        "lead_id": "1234567890123456",
        "user_data": {"email_address": "Mary@Example.org"},
    }
    custom_data = {"event_source": "crm", "lead_event_source": "HubSpot"}
    check("meta_05_crm_lead_stage", {"action_source": "system_generated", "custom_data": custom_data}, event)


def test_a_purchase_by_whatsapp() -> None:
    event = {
        "event_name": "purchase",
        "timestamp": 1795428000,
        "value": 99,
        "currency": "BRL",
        "messaging_channel": "whatsapp",
        "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwLF4XvnO2E4Nx0",
        "page_id": "104700392584759",
        "whatsapp_business_account_id": "113489951590301",
    }
    check("meta_06_whatsapp_purchase", {"action_source": "business_messaging"}, event)


def event_of(event: dict[str, Any], params: dict[str, Any] | None = None, now: float = NOW) -> dict[str, Any]:
    (found,) = sent(META, {**PARAMS, **(params or {})}, event, now)["body"]["data"]
    return found  # type: ignore[no-any-return]


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in names}


@pytest.mark.parametrize(
    ("name", "meta"),
    [("page_view", "PageView"), ("gtm.dom", "PageView"), ("view_search_results", "Search"), ("donate", "Donate"),
     ("begin_checkout", "InitiateCheckout"), ("my_own", "my_own"), ("refund", "refund")],
)  # fmt: skip
def test_event_names(name: str, meta: str) -> None:
    assert event_of({**PURCHASE, "event_name": name})["event_name"] == meta


def test_a_tag_may_name_the_event() -> None:
    assert event_of({**PURCHASE, "event_name": "form_submit"}, {"event_name": "Lead"})["event_name"] == "Lead"


def test_a_time_in_the_future_is_now() -> None:
    assert event_of({**PURCHASE, "timestamp": NOW + 500}, now=NOW)["event_time"] == int(NOW)


def test_the_fbc_cookie_stays_while_its_click_is_the_newest() -> None:
    dotted = "fb.1.1795427400000.Ab.c-d_E.AQ"
    for fbclid in ("Ab.c-d_E", "Ab.c-d_E.AQ"):
        assert event_of({**PURCHASE, "fbc": dotted, "fbclid": fbclid})["user_data"]["fbc"] == dotted


def test_a_newer_click_replaces_the_fbc_cookie() -> None:
    found = event_of({**PURCHASE, "fbclid": "IwNew"})
    assert found["user_data"]["fbc"] == "fb.1.1795428000000.IwNew"


@pytest.mark.parametrize("cookie", ["undefined", "1.2.3", ""])
def test_cookies_of_another_form_are_left_out(cookie: str) -> None:
    user_data = event_of({**PURCHASE, "fbc": cookie, "fbp": cookie})["user_data"]
    assert "fbc" not in user_data and "fbp" not in user_data


def test_several_e_mails_and_hashed_twins() -> None:
    twin = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
    both = event_of({**PURCHASE, "user_data": {"email_address": ["mary@example.org", "john_smith@gmail.com"]}})
    assert both["user_data"]["em"][1] == twin and len(both["user_data"]["em"]) == 2
    hashed = event_of({**PURCHASE, "user_data": {"sha256_email_address": twin.upper()}})
    assert hashed["user_data"]["em"] == [twin]


def test_national_numbers_are_read_in_the_address_country_or_the_region_of_the_tag() -> None:
    phone = {"phone_number": "030 123456"}
    german = event_of({**PURCHASE, "user_data": {**phone, "address": {"country": "de"}}})["user_data"]["ph"]
    told = event_of({**PURCHASE, "user_data": phone}, {"phone_region": "DE"})["user_data"]["ph"]
    assert german == told == ["ac75546db905289f50bd750fd5648fec0719074ce391521b2372abeae9110668"]
    assert "ph" not in event_of({**PURCHASE, "user_data": phone})["user_data"]


def test_customer_data_of_the_tag_is_hashed_too() -> None:
    found = event_of(without(PURCHASE, "user_data"), {"user_data": {"email_address": "John_Smith@gmail.com"}})
    assert found["user_data"]["em"] == ["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"]


def test_custom_data_of_the_tag_wins() -> None:
    found = event_of(PURCHASE, {"custom_data": {"value": 99.5, "margin": "high"}})["custom_data"]
    assert (found["value"], found["margin"], found["currency"]) == (99.5, "high", "EUR")


def test_items_without_id_and_name_are_left_out_and_quantity_is_one() -> None:
    items = [{"price": 5}, {"item_name": "Cap", "price": "7.50"}, {"item_id": 4711}]
    custom_data = event_of({**PURCHASE, "items": items})["custom_data"]
    assert custom_data["contents"] == [{"id": "Cap", "quantity": 1, "item_price": 7.5}, {"id": "4711", "quantity": 1}]
    assert custom_data["content_ids"] == ["Cap", "4711"]
    assert custom_data["num_items"] == 2


def test_a_page_without_what_is_secret() -> None:
    url = "https://shop.example.com/thanks?order=1&token=abc&email=mary%40example.org&utm_source=x"
    assert event_of({**PURCHASE, "page_location": url})["event_source_url"] == (
        "https://shop.example.com/thanks?order=1&utm_source=x"
    )


def test_an_event_that_names_no_page() -> None:
    webhook = without(PURCHASE, "page_location", "page_referrer")
    shop = event_of(webhook, {"website": "https://www.example.com/"})
    assert (shop["action_source"], shop["event_source_url"]) == ("website", "https://www.example.com/")
    host = event_of({**webhook, "page_hostname": "shop.example.com"})
    assert (host["action_source"], host["event_source_url"]) == ("website", "https://shop.example.com/")
    nothing = event_of(webhook)
    assert nothing["action_source"] == "other" and "event_source_url" not in nothing


# --- what Meta would refuse


def refused(event: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, str]:
    (found,) = problems(META, {**PARAMS, **(params or {})}, event, NOW)
    return found


@pytest.mark.parametrize("name", ["value", "currency"])
def test_a_purchase_needs_value_and_currency(name: str) -> None:
    found = refused(without(PURCHASE, name))
    assert found["path"] == f"json.data[0].custom_data.{name}"
    assert found["message"] == "Meta requires value and currency for a Purchase"


@pytest.mark.parametrize(
    "user_data",
    [
        {"address": {"city": "Berlin", "country": "DE", "region": "BE", "postal_code": "10115"}, "gender": "f"},
        {"birthday": "1997-02-16"},
        {"address": {"first_name": "Mary"}, "gender": "f"},
        {"address": {"last_name": "Smith"}, "gender": "f"},
    ],
)
def test_customer_data_that_are_too_broad(user_data: dict[str, Any]) -> None:
    broad = without(PURCHASE, "ip_override", "fbc", "fbp", "user_id")
    if "gender" in user_data and "city" not in user_data["address"]:
        broad = without(broad, "user_agent")
    found = refused({**broad, "user_data": user_data})
    assert found["path"] == "json.data[0].user_data" and "too broad" in found["message"]
    assert event_of({**broad, "user_data": user_data, "fbp": "fb.1.1795341600000.1"})["user_data"]["fbp"]


def test_nobody_to_be_found() -> None:
    found = refused(without(PURCHASE, "ip_override", "user_agent", "fbc", "fbp", "user_id", "user_data"))
    assert found["path"] == "json.data[0].user_data"


def test_a_website_event_needs_an_address() -> None:
    found = refused(without(PURCHASE, "page_location"), {"action_source": "website"})
    assert found["path"] == "json.data[0].event_source_url" and "`website`" in found["message"]


def test_limited_data_use_in_the_usa_needs_a_state() -> None:
    found = refused(PURCHASE, {"limited_data_use": True, "data_processing_country": 1})
    assert found["path"] == "json.data[0].data_processing_options_state"
    told = {"limited_data_use": True, "data_processing_country": 1, "data_processing_state": 1000}
    assert event_of(PURCHASE, told)["data_processing_options_state"] == 1000


def test_a_required_parameter() -> None:
    (found,) = problems(META, {"access_token": "x"}, PURCHASE, NOW)
    assert found["path"] == "params.pixel_id"


def test_an_e_mail_where_none_may_be() -> None:
    found = refused({**PURCHASE, "content_name": "for mary@example.org"})
    assert found == {
        "path": "json.data[0].custom_data.content_name",
        "message": "this holds an e-mail address, which may only be sent hashed",
    }


# --- what Meta answers

CASES = worked("meta_90_responses")["cases"]
OUTCOMES = ["delivered", "refused", "refused", "stop", "stop", "retry", "retry", "retry"]


@pytest.mark.parametrize(("case", "outcome"), list(zip(CASES, OUTCOMES, strict=True)))
def test_answers(case: dict[str, Any], outcome: str) -> None:
    text = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
    found, reason = template(META).rules.judge(case["status"], {}, text, 1)
    assert found == outcome
    assert reason.startswith(str(case["status"]))


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [(400, 10, "stop"), (400, 250, "stop"), (400, 104, "stop"), (400, 102, "stop"), (400, 3, "stop"),
     (400, 1, "retry"), (400, 80004, "retry"), (400, 613, "retry"), (400, -1, "retry"), (429, 100, "retry"),
     (400, 100, "refused"), (400, 299, "stop"), (400, 300, "refused")],
)  # fmt: skip
def test_codes(status: int, code: int, outcome: str) -> None:
    text = f'{{"error": {{"message": "m", "code": {code}}}}}'
    assert template(META).rules.judge(status, {}, text, 1)[0] == outcome


def test_fewer_events_received_than_sent_is_no_delivery() -> None:
    assert template(META).rules.judge(200, {}, '{"events_received": 1}', 2)[0] == "refused"
    assert template(META).rules.judge(200, {}, '{"events_received": 2}', 2)[0] == "delivered"


def test_what_the_delivery_goes_by() -> None:
    rules = template(META).rules
    assert (rules.most, rules.split_on_refusal, rules.limit(b"{}")) == (50, True, 7 * 86400)
