from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from delivering import served
from gallery import worked
from ports import free_port

from container.cli.sink import command
from container.cli.sink.app import Sink, make_sink
from container.cli.sink.faults import parse

META, TIKTOK, GA4 = "graph.facebook.com", "business-api.tiktok.com", "www.google-analytics.com"
TOKENS = {META: ("authorization", "Bearer T"), TIKTOK: ("access-token", "T")}


class Caller:
    def __init__(self, app: Sink) -> None:
        self.app = app
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:9000")

    async def __call__(
        self, host: str, path: str, body: Any = None, *, token: bool = True, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        sent = {"x-tagport-host": host, **(headers or {})}
        if token and host in TOKENS:
            sent.setdefault(*TOKENS[host])
        return await self.client.post(path, json=body, headers=sent)

    async def meta(self, *events: Any, **options: Any) -> httpx.Response:
        return await self(META, "/v26.0/1/events", {"data": list(events)}, **options)

    async def tiktok(self, *events: Any, **changes: Any) -> httpx.Response:
        body = {"event_source": "web", "event_source_id": "C1", "data": list(events), **changes}
        return await self(TIKTOK, "/open_api/v1.3/event/track/", body)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    found = Caller(make_sink())
    yield found
    await found.client.aclose()


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


def purchase(**changes: Any) -> dict[str, Any]:
    event = {
        "event_name": "Purchase",
        "event_time": int(time.time()),
        "user_data": {"em": ["0" * 64]},
        "custom_data": {"value": 149.9, "currency": "EUR"},
    }
    return {key: value for key, value in {**event, **changes}.items() if value is not None}


def bought(**changes: Any) -> dict[str, Any]:
    return {"event": "Purchase", "event_time": 1795428000, **changes}


class TestMeta:
    async def test_counts_the_events_it_received(self, caller: Caller) -> None:
        answer = await caller.meta(purchase(), purchase())
        assert (answer.status_code, answer.json()["events_received"]) == (200, 2)

    @pytest.mark.parametrize(
        ("event", "code", "subcode"),
        [
            (purchase(custom_data={"currency": "EUR"}), 100, 2804009),
            (purchase(custom_data={"value": "149.9", "currency": "EUR"}), 100, 2804009),
            (purchase(custom_data={"value": 1}), 100, 2804009),
            (purchase(custom_data=None), 100, 2804009),
            (purchase(event_time=int(time.time()) - 8 * 86400), 100, 2804003),
            (purchase(event_time=str(int(time.time()))), 100, None),
            (purchase(user_data={}), 100, 2804050),
            (purchase(event_name=None), 100, None),
            ("no event", 100, None),
        ],
    )
    async def test_one_bad_event_refuses_all(self, caller: Caller, event: Any, code: int, subcode: int | None) -> None:
        answer = await caller.meta(purchase(), event)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert (error["code"], error.get("error_subcode")) == (code, subcode)

    async def test_a_store_may_tell_62_days_later(self, caller: Caller) -> None:
        event = purchase(event_time=int(time.time()) - 60 * 86400, action_source="physical_store")
        assert (await caller.meta(event)).status_code == 200

    async def test_wants_a_token_and_some_events(self, caller: Caller) -> None:
        answer = await caller.meta(purchase(), token=False)
        assert answer.json()["error"]["code"] == 190
        assert (await caller.meta()).json()["error"]["code"] == 100
        assert (await caller.meta(*[purchase()] * 1001)).status_code == 400
        answer = await caller(META, "/v26.0/1/events?access_token=T", {"data": [purchase()]}, token=False)
        assert answer.status_code == 200


class TestTikTok:
    async def test_the_truth_is_in_the_code(self, caller: Caller) -> None:
        answer = await caller.tiktok(bought())
        assert (answer.status_code, answer.json()["code"]) == (200, 0)

    @pytest.mark.parametrize(
        ("event", "message"),
        [
            (
                bought(properties={"contents": [{"content_id": "1"}, {"content_id": 2}]}),
                "Batch.1.properties.contents.1.content_id: Not a valid string",
            ),
            ({"event_time": 1}, "Batch.1.event: Missing data for required field."),
            (bought(event_time="now"), "Batch.1.event_time: Not a valid integer."),
        ],
    )
    async def test_one_bad_event_refuses_all(self, caller: Caller, event: Any, message: str) -> None:
        answer = await caller.tiktok(bought(), event)
        assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (200, 40002, message)

    async def test_wants_a_token_a_pixel_and_some_events(self, caller: Caller) -> None:
        answer = await caller(TIKTOK, "/", {"data": [bought()]}, token=False)
        assert answer.json()["code"] == 40105
        assert (await caller.tiktok(bought(), event_source_id="")).json()["code"] == 40002
        assert (await caller.tiktok()).json()["code"] == 40002


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


async def test_an_unknown_host_is_fine_with_everything(caller: Caller) -> None:
    assert (await caller("crm.example", "/x", [1])).status_code == 200


class TestRecords:
    async def test_every_call_is_one_flushed_line(self) -> None:
        class Log(io.StringIO):
            flushed = ""

            def flush(self) -> None:
                self.flushed = self.getvalue()

        log = Log()
        caller = Caller(make_sink(log))
        await caller(TIKTOK, "/open_api/v1.3/event/track/?a=1&b=2&b=3&c=", {"data": [], "ü": 1.50})
        record = json.loads(log.flushed)
        assert log.flushed.count("\n") == 1
        assert list(record) == ["at", "host", "method", "path", "query", "headers", "body"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["at"])
        assert (record["host"], record["method"]) == (TIKTOK, "POST")
        assert record["path"] == "/open_api/v1.3/event/track/"
        assert record["query"] == {"a": "1", "b": ["2", "3"], "c": ""}
        assert record["headers"]["content-type"] == "application/json"
        assert record["body"] == {"data": [], "ü": 1.5}
        await caller.client.aclose()

    async def test_a_body_that_is_no_json_is_kept_as_text(self, caller: Caller) -> None:
        await caller.client.post("/", content=b"grant_type=x\xff")
        await caller.client.get("/")
        assert [one["body"] for one in caller.app.calls] == ["grant_type=x\ufffd", None]
        assert caller.app.calls[1]["host"] == "127.0.0.1:9000"

    async def test_secrets_are_masked(self, caller: Caller) -> None:
        await caller(
            GA4, "/mp/collect?measurement_id=G-1&api_secret=S3CRET", {"access_token": "S3CRET", "client_id": "1"},
            headers={"authorization": "Bearer S3CRET", "Access-Token": "S3CRET"},
        )  # fmt: skip
        record = caller.app.calls[0]
        assert "S3CRET" not in str(record)
        assert record["query"] == {"measurement_id": "G-1", "api_secret": "***"}
        assert record["headers"]["authorization"] == "Bearer ***"
        assert record["body"] == {"access_token": "***", "client_id": "1"}

    async def test_they_are_shown_on_request(self) -> None:
        caller = Caller(make_sink(show_secrets=True))
        await caller.meta(purchase())
        assert caller.app.calls[0]["headers"]["authorization"] == "Bearer T"
        await caller.client.aclose()


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

    async def test_the_calls_can_be_read_and_forgotten(self, caller: Caller) -> None:
        await caller.meta(purchase())
        assert (await caller.client.get("/_calls")).json() == list(caller.app.calls)
        await caller.client.delete("/_calls")
        assert list(caller.app.calls) == []


class TestCommand:
    def test_help_explains_the_rules(self) -> None:
        found = CliRunner().invoke(command, ["--help"])
        assert found.exit_code == 0
        for word in ("hangup", "retry-after=2", "meta:429:20%", "/_calls", "/_faults"):
            assert word in found.output

    def test_a_wrong_rule_is_refused(self) -> None:
        found = CliRunner().invoke(command, ["--fault", "meta:often"])
        assert found.exit_code == 2
        assert "'often' is no effect" in found.output

    def test_it_runs_and_appends_to_the_file(self, tmp_path: Path) -> None:
        port = free_port()
        log = tmp_path / "calls.jsonl"
        log.write_text('{"kept": true}\n')
        arguments = ["sink", "--port", str(port), "--log", str(log), "--fault", "tiktok:code=40100"]
        with subprocess.Popen([sys.executable, "-m", "container.cli", *arguments], stderr=subprocess.PIPE) as process:
            try:
                answer = self._post(port, TIKTOK)
            finally:
                process.terminate()
                assert process.stderr is not None
                process.stderr.read()
        assert json.loads(answer)["code"] == 40100
        kept = [json.loads(line) for line in log.read_text().splitlines()]
        assert kept[0] == {"kept": True}
        assert (kept[1]["host"], kept[1]["body"]) == (TIKTOK, {"a": 1})

    def _post(self, port: int, host: str) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/x", b'{"a":1}', {"x-tagport-host": host, "content-type": "application/json"}
        )
        for _ in range(200):
            try:
                with urllib.request.urlopen(request) as answer:
                    body: bytes = answer.read()
                    return body
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the sink does not listen")
