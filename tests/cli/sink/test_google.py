"""What Google's interfaces answer."""

from __future__ import annotations

from typing import Any

import pytest
from calling_sink import GA4, Caller
from gallery import worked


class TestGoogle:
    async def test_ga4_never_says_anything(self, caller: Caller) -> None:
        for host in (GA4, "region1.google-analytics.com"):
            answer = await caller(host, "/mp/collect?measurement_id=G-1&api_secret=S", {"nonsense": True})
            assert (answer.status_code, answer.content) == (204, b"")
        assert (await caller(GA4, "/g/collect?v=2&tid=G-1&en=x")).status_code == 204

    async def test_tokens_are_handed_out(self, caller: Caller) -> None:
        answer = await caller("oauth2.googleapis.com", "/token", {})
        assert answer.json() == {"access_token": "sink-token", "expires_in": 3600, "token_type": "Bearer"}

    async def test_data_manager_and_ads_want_a_token(self, caller: Caller) -> None:
        bearer = {"authorization": "Bearer sink-token"}
        for host, path in [
            ("datamanager.googleapis.com", "/v1/events:ingest"),
            ("googleads.googleapis.com", "/v26/customers/1:uploadClickConversions"),
        ]:
            assert (await caller(host, path, {"conversions": [{}]})).status_code == 401
            event = {"eventTimestamp": "2026-11-23T10:00:00Z", "adIdentifiers": {"gclid": "x"}}
            body = {"conversions": [{}], "destinations": [{}], "events": [event]}
            assert (await caller(host, path, body, headers=bearer)).status_code == 200

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"client_id": "1.2", "events": [{"name": "purchase"}]}, None),
            ({"events": [{"name": "purchase"}]}, "VALUE_REQUIRED"),
            ({"client_id": "1.2", "events": [{"name": "session_start"}]}, "NAME_RESERVED"),
            ({"client_id": "1.2", "events": [{"name": "1st"}]}, "NAME_INVALID"),
            ({"client_id": "1.2", "events": [{"name": "a"}] * 26}, "EXCEEDED_MAX_ENTITIES"),
        ],
    )
    async def test_the_validation_server_tells_what_is_wrong(self, caller: Caller, body: Any, code: str | None) -> None:
        messages = (await caller(GA4, "/debug/mp/collect", body)).json()["validationMessages"]
        assert [message["validationCode"] for message in messages] == ([code] if code else [])

    async def test_the_worked_answer_of_the_validation_server(self, caller: Caller) -> None:
        example = worked("google_03_ga4_mp_debug")
        answer = await caller(GA4, "/debug/mp/collect", example["request"]["body"])
        assert answer.json() == example["response_success"]["body"]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"userData": {"userIdentifiers": [{"emailAddress": "mary@example.org"}]}}, "INVALID_HEX_ENCODING"),
            ({"adIdentifiers": None}, "NO_IDENTIFIERS_PROVIDED"),
            ({"eventTimestamp": None}, "REQUIRED_FIELD_MISSING"),
        ],
    )
    async def test_data_manager_looks_at_events(self, caller: Caller, changes: Any, reason: str) -> None:
        event = {"eventTimestamp": "2026-11-23T10:00:00Z", "adIdentifiers": {"gclid": "x"}, **changes}
        body = {"destinations": [{}], "events": [event]}
        answer = await caller("datamanager.googleapis.com", "/", body, headers={"authorization": "Bearer x"})
        (violation,) = answer.json()["error"]["details"][1]["fieldViolations"]
        assert (answer.status_code, violation["reason"]) == (400, reason)

    async def test_data_manager_tells_what_became_of_a_request(self, caller: Caller) -> None:
        bearer = {"authorization": "Bearer x"}
        answer = await caller("datamanager.googleapis.com", "/v1/requestStatus:retrieve?requestId=sink", headers=bearer)
        assert answer.json() == {"requestStatusPerDestination": [{"requestStatus": "SUCCESS"}]}

    async def test_ads_answers_each_row_by_its_order(self, caller: Caller) -> None:
        body = {"conversionAdjustments": [{"orderId": "1001"}, "no row", {}]}
        answer = await caller("googleads.googleapis.com", "/", body, headers={"authorization": "Bearer x"})
        assert answer.json()["results"] == [{"orderId": "1001"}, {"orderId": None}]
