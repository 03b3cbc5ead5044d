"""Answers that go wrong on demand, in each vendor's own words."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from calling_sink import GA4, META, TIKTOK, Caller, bought, purchase
from delivering import served
from gallery import worked

from container.cli.sink.app import make_sink
from container.cli.sink.faults import parse


def codes(text: str) -> Any:
    """Everything in an answer that says which it is, without the texts."""
    try:
        body = json.loads(text)
    except ValueError:
        return "no JSON"
    if not isinstance(body, dict):
        return "no JSON"
    error = body.get("error", body)
    details = [one.get("reason") for detail in error.get("details", ()) for one in detail.get("fieldViolations", ())]
    return [error.get(key) for key in ("code", "error_subcode", "status")] + details


class TestFaults:
    @pytest.mark.parametrize(
        ("rule", "status", "says"),
        [
            ("meta:429", 429, '"code":4'),
            ("meta:500", 500, "<html>"),
            ("meta:code=100/2804003", 400, '"error_subcode":2804003'),
            ("meta:code=2", 500, '"is_transient":true'),
            (f"{META}:503", 503, "<html>"),
            ("*:401", 401, '"code":190'),
            ("meta:slow=1ms", 200, "events_received"),
            ("meta:html", 200, "<html>"),
            ("meta:half", 200, '{"events_received'),
        ],
    )
    async def test_meta_has_them_in_its_own_words(self, rule: str, status: int, says: str) -> None:
        caller = Caller(make_sink(faults=[rule]))
        answer = await caller.meta(purchase())
        assert answer.status_code == status
        assert says in answer.text
        assert caller.app.calls[0]["fault"] == rule
        await caller.client.aclose()

    async def test_others_too(self, caller: Caller) -> None:
        assert (await caller.client.post("/_faults", json={"faults": ["tiktok:code=40105", "google:429", "oauth:400"]}))
        assert (await caller.tiktok(bought())).json()["code"] == 40105
        assert (await caller(GA4, "/mp/collect", {})).status_code == 429
        assert (await caller("datamanager.googleapis.com", "/", {})).json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert (await caller.meta(purchase())).status_code == 200
        assert (await caller.client.get("/_faults")).json()["faults"][0] == "tiktok:code=40105"

    @pytest.mark.parametrize(
        ("status", "error"), [(400, "invalid_grant"), (429, "temporarily_unavailable"), (503, None)]
    )
    async def test_a_token_is_refused_as_google_does_it(self, caller: Caller, status: int, error: str | None) -> None:
        await caller.client.post("/_faults", json=[f"oauth:{status}"])
        answer = await caller("oauth2.googleapis.com", "/token", {})
        assert answer.status_code == status
        assert (answer.json() == {"error": error}) if error else "<html>" in answer.text

    async def test_google_has_names(self, caller: Caller) -> None:
        await caller.client.post("/_faults", json=["dm:code=INVALID_POSTAL_CODE", "ads:code=TOO_RECENT_EVENT"])
        found = (await caller("datamanager.googleapis.com", "/", {})).json()["error"]
        assert found["details"][1]["fieldViolations"][0]["reason"] == "INVALID_POSTAL_CODE"
        partial = await caller("googleads.googleapis.com", "/", {})
        (error,) = partial.json()["partialFailureError"]["details"][0]["errors"]
        assert (partial.status_code, error["errorCode"]) == (200, {"conversionUploadError": "TOO_RECENT_EVENT"})

    @pytest.mark.parametrize(
        ("vendor", "host", "rules"),
        [
            ("meta", META, ["meta:code=100/2804003", "meta:code=100/2804009", "meta:code=190", "meta:code=100/33",
                            "meta:code=17/2446079", "meta:code=2", "meta:502"]),
            ("tiktok", TIKTOK, ["tiktok:code=20001", "tiktok:code=40002", "tiktok:code=40001", "tiktok:code=40105",
                                "tiktok:code=40100", "tiktok:code=50000", "tiktok:502"]),
            ("google", "datamanager.googleapis.com", ["dm:code=INVALID_HEX_ENCODING", "dm:429", "dm:401", "dm:403"]),
        ],
    )  # fmt: skip
    async def test_every_worked_answer_comes_on_demand(self, vendor: str, host: str, rules: list[str]) -> None:
        """Status and codes of each answer are those of the worked ones, in their order, after the good one."""
        cases = [case for case in worked(f"{vendor}_90_responses")["cases"] if case.get("api") in (None, "datamanager")]
        cases = cases if vendor == "google" else cases[1:]
        for rule, case in zip(rules, cases, strict=vendor != "google"):
            caller = Caller(make_sink(faults=[rule]))
            answer = await caller(host, "/", {"data": [bought()]}, headers={"authorization": "Bearer x"})
            assert answer.status_code == case["status"], rule
            assert codes(answer.text) == codes(json.dumps(case["body"])), rule
            await caller.client.aclose()

    async def test_for_a_number_of_calls_a_share_or_some_bodies(self, caller: Caller) -> None:
        await caller.client.post("/_faults", json=["meta:500:x2"])
        assert [(await caller.meta(purchase())).status_code for _ in range(4)] == [500, 500, 200, 200]
        await caller.client.post("/_faults", json=["meta:500:30%"])
        found = [(await caller.meta(purchase())).status_code for _ in range(200)]
        assert 30 < found.count(500) < 90
        await caller.client.post("/_faults", json=["meta:500:match=E7"])
        assert (await caller.meta(purchase(event_id="E7"))).status_code == 500
        assert (await caller.meta(purchase(event_id="E8"))).status_code == 200

    async def test_retry_after_goes_along(self, caller: Caller) -> None:
        await caller.client.post("/_faults", json=["meta:429:retry-after=7"])
        assert (await caller.meta(purchase())).headers["retry-after"] == "7"

    async def test_one_request_may_ask_for_its_own(self, caller: Caller) -> None:
        assert (await caller.meta(purchase(), headers={"x-sink-fault": "503"})).status_code == 503
        assert (await caller.meta(purchase(), headers={"x-sink-fault": "nonsense"})).status_code == 400

    @pytest.mark.parametrize("effect", ["hangup", "reset", "cut"])
    async def test_connections_end_without_an_answer_and_the_call_is_recorded(self, effect: str) -> None:
        async with served(f"meta:{effect}:x1") as (app, url), httpx.AsyncClient() as client:
            headers = {"x-tagport-host": META, "authorization": "Bearer T"}
            body = {"data": [purchase()]}
            with pytest.raises(httpx.TransportError):
                await client.post(f"{url}/v26.0/1/events", json=body, headers=headers)
            assert (await client.post(f"{url}/v26.0/1/events", json=body, headers=headers)).status_code == 200
            assert len(app.calls) == 2

    @pytest.mark.parametrize(
        "rule",
        [
            *("", "meta", "meta:", "meta:999", "meta:slow", "meta:slow=x", "meta:code=x", "meta:code=NAME", ":429"),
            "*:429:no",
        ],
    )
    async def test_a_wrong_rule_is_said_so(self, caller: Caller, rule: str) -> None:
        with pytest.raises(ValueError, match="no fault rule|no effect|no option"):
            parse(rule)
        answer = await caller.client.post("/_faults", json=[rule])
        assert answer.status_code == 400
        assert repr(rule) in answer.json()["error"]
