"""Google's templates for ads against bodies made by Google's own protos, and Google's answers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from gallery import CHROME, problems, sent, template, worked

from container.call import Rate

INGEST, ADJUST, UPLOAD = "google_ads_conversions", "google_ads_adjustments", "google_ads_click_conversions"
NOW = 1795428000.0
KEY = {"credentials": "{}"}
ADS = {**KEY, "account_id": "1234567890", "conversion_action": "987654322"}
OLD = {**KEY, "customer_id": "1234567890", "conversion_action": "987654321"}
GCLID = "EAIaIQobChMI8Y-test_gclid-0001ABCdefGHIjkl"
JOHN = {
    "email_address": "John.Smith+shop@Gmail.com",
    "phone_number": "+1 (650) 555-1212",
    "address": {"first_name": "John", "last_name": "Smith", "postal_code": "94025", "country": "US"},
}
PURCHASE = {
    "event_name": "purchase",
    "timestamp": 1795428000,
    "transaction_id": "ORD-1001",
    "value": 149.9,
    "currency": "EUR",
    "gclid": GCLID,
    "user_agent": CHROME,
    "ip_override": "203.0.113.7",
    "user_data": JOHN,
    "consent_state": {"ad_user_data": True, "ad_personalization": False},
    "customer_type": "new",
    "coupon": "NOV",
    "discount": 5,
    "items": [
        {"item_id": "SKU-1", "price": 49.95, "quantity": 2},
        {"item_id": "SKU-2", "price": 50, "quantity": 1},
    ],
}


def test_a_purchase_for_google_ads() -> None:
    params = {
        **ADS,
        "login_account_id": "111-222-3333",
        "merchant_id": "5566778",
        "merchant_feed_label": "DE",
        "merchant_feed_language": "de",
        "customer_value_bucket": "HIGH",
    }
    expected = worked("google_08_dm_ingest_ads_purchase")["request"]
    found = sent(INGEST, params, PURCHASE, NOW)
    assert (found["method"], found["url"], found["body"]) == (expected["method"], expected["url"], expected["body"])


def test_the_project_of_a_users_credentials_is_a_header() -> None:
    assert "x-goog-user-project" not in sent(INGEST, ADS, PURCHASE, NOW)["headers"]
    assert sent(INGEST, {**ADS, "user_project": "p-1"}, PURCHASE, NOW)["headers"]["x-goog-user-project"] == "p-1"


def test_two_destinations_are_two_requests_that_validate_only() -> None:
    """The worked request names two destinations and one event for each, with a consent for both."""
    expected = worked("google_09_dm_ingest_two_destinations_validate")["request"]["body"]
    consent = {"ad_user_data": True, "ad_personalization": False}
    lead = {"event_name": "generate_lead", "timestamp": 1795428000, "consent_state": consent}
    first = {
        **lead, "event_id": "lead-5521", "value": 20, "currency": "EUR", "wbraid": "CjgKCAjw-test-wbraid",
        "user_data": {"email_address": "Mary@Example.org"},
    }  # fmt: skip
    phone = "a909469fabf3f43d0b7b6c42a85a6e7e8ceb36c7a2f0f1b9c15b80dc16384cb7"
    second = {**lead, "event_id": "lead-5522", "user_data": {"sha256_phone_number": phone}}
    told = [({"conversion_action": "111"}, first), ({"conversion_action": "222", "event_source": "PHONE"}, second)]
    for index, (params, event) in enumerate(told):
        found = sent(INGEST, {**ADS, **params, "validate_only": True}, event, NOW)["body"]
        destination = {key: value for key, value in expected["destinations"][index].items() if key != "reference"}
        wanted = {key: value for key, value in expected["events"][index].items() if key != "destinationReferences"}
        assert found == {
            "destinations": [destination],
            "events": [{**wanted, "consent": expected["consent"]}],
            "encoding": "HEX",
            "validateOnly": True,
        }


def test_one_request_names_both_destinations_of_the_worked_one() -> None:
    """Without references each event goes to all of them (fact sheet: `destinationReferences`, empty = all)."""
    expected = worked("google_09_dm_ingest_two_destinations_validate")["request"]["body"]["destinations"]
    params = {**ADS, "conversion_action": "111", "also": [{"conversion_action": "222"}]}
    found = sent(INGEST, params, PURCHASE, NOW)["body"]
    assert found["destinations"] == [
        {key: value for key, value in one.items() if key != "reference"} for one in expected
    ]
    assert len(found["events"]) == 1


def test_an_event_for_analytics() -> None:
    event = {
        "event_name": "purchase",
        "timestamp": 1795428000,
        "transaction_id": "ORD-1001",
        "value": 149.9,
        "currency": "EUR",
        "client_id": "1234567890.1795000000",
        "user_id": "user-4711",
        "ga_session_id": "1795427000",
        "engagement_time_msec": 100,
        "user_properties": {"customer_tier": "gold"},
        "consent_state": {"ad_user_data": True, "ad_personalization": False},
        "items": [{"item_id": "SKU-1", "price": 49.95, "quantity": 2}],
    }
    params = {
        **KEY,
        "account_id": "123456789",
        "account_type": "GOOGLE_ANALYTICS_PROPERTY",
        "conversion_action": "G-ABCDE12345",
        "event_location": {"city": "Berlin", "regionCode": "DE"},
    }
    assert sent(INGEST, params, event, NOW)["body"] == worked("google_10_dm_ingest_ga4")["request"]["body"]


def event_of(event: dict[str, Any], **params: Any) -> dict[str, Any]:
    (found,) = sent(INGEST, {**ADS, **params}, event, NOW)["body"]["events"]
    return found  # type: ignore[no-any-return]


def test_an_address_counts_only_as_a_whole() -> None:
    for missing in ("first_name", "last_name", "postal_code", "country"):
        address = {key: value for key, value in JOHN["address"].items() if key != missing}  # type: ignore[attr-defined]
        found = event_of({**PURCHASE, "user_data": {"address": address}})
        assert "userData" not in found


def test_the_best_click_id() -> None:
    ids = {"gclid": "g", "gbraid": "b", "wbraid": "w", "dclid": "d"}
    assert event_of({**PURCHASE, **ids})["adIdentifiers"] == {"gclid": "g", "dclid": "d"}
    found = event_of({**PURCHASE, **ids, "gclid": None})
    assert found["adIdentifiers"] == {"gbraid": "b", "dclid": "d"}
    assert "cartData" not in found  # Google takes no cart beside it


def test_custom_variables_and_a_value_of_the_tag() -> None:
    found = event_of(PURCHASE, custom_variables={"margin": 12.5}, value=99)
    assert found["customVariables"] == [{"variable": "margin", "value": "12.5"}]
    assert found["conversionValue"] == 99


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"account_id": "12345"}, "json.destinations[0].operatingAccount.accountId"),
        ({"conversion_action": "AW-1"}, "json.destinations[0].productDestinationId"),
        ({"transaction_id": "1"}, "json.events[0].transactionId"),
        ({"merchant_id": "shop"}, "json.events[0].cartData.merchantId"),
    ],
)
def test_what_google_would_refuse(params: dict[str, Any], path: str) -> None:
    (found,) = problems(INGEST, {**ADS, **params}, PURCHASE, NOW)
    assert found["path"] == path


# --- the older API


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_click_conversion() -> None:
    expected = worked("google_06_gads_upload_click_conversions")["request"]
    event = {key: value for key, value in PURCHASE.items() if key not in ("items", "customer_type")}
    params = {**OLD, "login_customer_id": "111-222-3333"}
    found = sent(UPLOAD, params, {**event, "user_data": {**JOHN, "address": None}}, NOW)
    assert (found["method"], found["url"]) == (expected["method"], expected["url"])
    assert found["headers"]["login-customer-id"] == "1112223333"
    (row,), (wanted,) = found["body"]["conversions"], expected["body"]["conversions"]
    assert instant(row.pop("conversionDateTime")) == instant(wanted.pop("conversionDateTime"))
    wanted["userIdentifiers"][1]["userIdentifierSource"] = "FIRST_PARTY"  # said of each, as Google's field means
    assert found["body"] == {"conversions": [wanted], "partialFailure": True}
    assert row == wanted


def test_an_enhancement() -> None:
    expected = worked("google_07_gads_enhancement_adjustment")["request"]
    event = {key: value for key, value in PURCHASE.items() if key != "user_data"}
    params = {**OLD, "conversion_action": "987654322", "adjustment_type": "ENHANCEMENT"}
    found = sent(ADJUST, params, {**event, "user_data": {**JOHN, "phone_number": None}}, NOW)
    assert (found["method"], found["url"], found["body"]) == (expected["method"], expected["url"], expected["body"])


def test_a_restatement_to_nothing() -> None:
    refund = {"event_name": "refund", "transaction_id": "ORD-1001", "timestamp": 1795428000}
    (row,) = sent(ADJUST, {**OLD, "adjusted_value": 0}, refund, NOW)["body"]["conversionAdjustments"]
    assert (row["adjustmentType"], row["restatementValue"]) == ("RESTATEMENT", {"adjustedValue": 0})


# --- what Google answers

ANSWERS = worked("google_90_responses")["cases"]
OUTCOMES = {"datamanager": ["refused", "retry", "stop", "stop", "retry"], "googleads": ["later"]}


@pytest.mark.parametrize(("api", "id"), [("datamanager", INGEST), ("googleads", UPLOAD)])
def test_answers(api: str, id: str) -> None:
    cases = [case for case in ANSWERS if case["api"] == api]
    judged = [template(id).rules.judge(case["status"], {}, json.dumps(case["body"]), 1) for case in cases]
    assert [outcome for outcome, _ in judged] == OUTCOMES[api]
    assert all(template(id).advice.of(reason) for _, reason in judged)


def test_every_worked_answer_of_google_is_looked_at() -> None:
    known = {"datamanager", "googleads", "ga4 mp", "datamanager requestStatus:retrieve"}
    assert {case["api"] for case in ANSWERS} == known


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("TOO_RECENT_EVENT", "later"), ("DUPLICATE_ORDER_ID", "delivered"), ("CLICK_NOT_FOUND", "refused"),
     ("CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "stop"), ("EXPIRED_EVENT", "refused")],
)  # fmt: skip
def test_rows_that_are_refused_in_an_answer_of_200(code: str, outcome: str) -> None:
    failure = {"errors": [{"errorCode": {"conversionUploadError": code}, "message": "m"}]}
    text = json.dumps({"partialFailureError": {"code": 3, "message": "x", "details": [failure]}, "results": [{}]})
    found, reason = template(UPLOAD).rules.judge(200, {}, text, 1)
    assert (found, reason) == (outcome, f"200 {code} x (m)")


def test_what_the_delivery_goes_by() -> None:
    rules = template(INGEST).rules
    assert (rules.most, rules.split_on_refusal, rules.limit(b"{}")) == (500, True, None)
    assert rules.rate == Rate(300, 60.0, shared=True)
    assert template(UPLOAD).rules.most == 1  # each row's error is an answer of its own


def test_the_older_upload_says_that_it_is_closed() -> None:
    assert "before 15 June 2026" in template(UPLOAD).notice and "google_ads_conversions" in template(UPLOAD).notice
