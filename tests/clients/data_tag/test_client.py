"""The Data tag's client against its documented examples, and what else may come to `/data`."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from data_tag_hits import CLIENT, SERVER, asked, one
from hypothesis import given
from hypothesis import strategies as st

from container.clients.client import Answer
from container.clients.data_tag import DataTagClient
from container.clients.data_tag.client import PIXEL
from container.errors import Refused

DATA = Path(__file__).parents[2] / "data"
CASES = json.loads((DATA / "vendors" / "source_01_data_tag.json").read_text(), parse_float=Decimal)["cases"]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize("case", CASES, ids=["dtdc", "post", "form"])
def test_the_documented_requests(case: dict[str, Any]) -> None:
    headers = {name.lower().replace("-", "_"): value for name, value in case.get("headers", {}).items()}
    body = case["body_raw"].encode() if "body_raw" in case else case.get("body")
    request = asked(case["method"], urlsplit(case["url"]).query, body, **headers)
    (event,) = CLIENT.events(request)
    expected = {**case.get("becomes", {}), **case.get("body", {}), **case.get("derived", {})}
    assert {key: event.data.get(key) for key in expected} == expected
    assert event.notes == ()


def test_the_documented_answer_and_cookie() -> None:
    case = CASES[1]
    request = asked("POST", "v=2&event=purchase", case["body"])
    events = CLIENT.events(request)
    answer = CLIENT.answer(request, events)
    told = json.loads(answer.body)
    assert answer.status == case["response"]["status"]
    assert told == {"timestamp": 1795428000, "unique_event_id": events[0].data["unique_event_id"]}
    assert re.fullmatch(r"1795428000123_\d{9}", told["unique_event_id"])
    (cookie,) = events[0].cookies
    assert (cookie.name, cookie.lifetime, cookie.http_only) == ("_dcid", 63_072_000, False)
    assert re.fullmatch(r"dcid\.1\.1795428000123\.\d{9}", cookie.value)
    assert events[0].data["client_id"] == cookie.value
    assert cookie.needs == ("analytics_storage",)


def test_a_captured_hit() -> None:
    hit = json.loads((DATA / "clients" / "ga4_hits" / "h03.json").read_text())
    (event,) = CLIENT.events(asked(hit["method"], hit["query"]))
    wanted = {
        "event_name": "page_view", "v": "2", "page_location": "https://shop.stape.men/",
        "page_hostname": "shop.stape.men", "page_title": "shop.stape.men", "page_referrer": "",
        "page_encoding": "UTF-8", "event_id": "1766756340193_17667565323034",
    }  # fmt: skip
    assert {key: event.data[key] for key in wanted} == wanted
    assert "dtdc" not in event.data


def test_claims() -> None:
    assert CLIENT.claims("GET", "/data") and CLIENT.claims("POST", "/data")
    assert not CLIENT.claims("PUT", "/data") and not CLIENT.claims("GET", "/data/")
    more = DataTagClient(id="x", name="x", source="browser", paths=("/data", "/more"))
    assert more.claims("GET", "/more") and more.claims("GET", "/data")


@pytest.mark.parametrize("alias", ["ip", "ipOverride", "ip_override"])
def test_addresses(alias: str) -> None:
    assert one({alias: "198.51.100.1"}).data["ip_override"] == "198.51.100.1"
    assert one({}).data["ip_override"] == "203.0.113.7"
    event = one({alias: "here"})
    assert (event.data["ip_override"], event.notes) == ("203.0.113.7", ("`ip_override` left out: not an IP address",))


def test_language_and_user_agent_of_the_request() -> None:
    data = one({}, accept_language="De-at,en;q=0.5").data
    assert (data["language"], data["user_agent"]) == ("de", "Mozilla/5.0")
    assert one({"language": "fr"}, accept_language="de").data["language"] == "fr"


def test_client_ids() -> None:
    assert one({"client_id": "body"}, cookie="_dcid=kept").data["client_id"] == "body"
    assert one({}, cookie="_dcid=kept; _dcid_temp=temp").data["client_id"] == "kept"
    event = one({}, cookie="_dcid_temp=temp")
    assert event.data["client_id"] == "temp"
    assert [(cookie.name, cookie.value, cookie.lifetime) for cookie in event.cookies] == [
        ("_dcid", "temp", 63_072_000), ("_dcid_temp", "", 0),
    ]  # fmt: skip
    silent = DataTagClient(id="x", name="x", source="browser", generates=False)
    assert "client_id" not in one({}, client=silent).data
    assert one({}, client=silent).cookies == ()


def test_cookies_that_are_renewed_or_copied() -> None:
    kept = "stape=abc; FPID=FPID2.2.x%3D.1"
    client = DataTagClient(id="x", name="x", source="browser", exposes_fpid=True, http_only=True)
    cookies = {cookie.name: cookie for cookie in one({}, client=client, cookie=kept).cookies}
    assert list(cookies) == ["_dcid", "stape", "FPIDP"]
    assert (cookies["stape"].value, cookies["FPIDP"].value) == ("abc", "FPID2.2.x%3D.1")
    assert (cookies["_dcid"].http_only, cookies["FPIDP"].http_only) == (True, False)
    assert [cookie.name for cookie in one({}, cookie=kept).cookies] == ["_dcid", "stape"]


def test_common_cookies_give_the_click_ids() -> None:
    common = {"_fbp": "fb.1.1.2", "_fbc": "fb.1.1000.Xy", "ttclid": "T", "FPGCLAW": "2.1.kG$i5", "odd": ["x"]}
    data = one({"common_cookie": common, "page_location": "https://s.de/?gclid=U"}, cookie="_fbp=fb.1.9.9").data
    found = {key: data[key] for key in ("fbp", "fbc", "fbclid", "ttclid", "gclid")}
    assert found == {"fbp": "fb.1.1.2", "fbc": "fb.1.1000.Xy", "fbclid": "Xy", "ttclid": "T", "gclid": "U"}


@pytest.mark.parametrize(
    ("said", "granted"), [(True, True), ("granted", True), ("Denied", False), ("false", False), ("1", True), (0, False)]
)
def test_consent(said: Any, granted: bool) -> None:
    event = one({"consent_state": {"ad_storage": said, "unheard_of": True, "ad_user_data": None}})
    assert (event.consent, event.notes) == ({"ad_storage": granted}, ())


@pytest.mark.parametrize("said", ["maybe", [True], 5, {"a": 1}])
def test_a_consent_nobody_can_read_is_none_given(said: Any) -> None:
    event = one({"consent_state": {"ad_storage": said}})
    assert event.consent == {"ad_storage": False}
    assert event.notes == ("`consent_state.ad_storage` is neither granted nor denied: it counts as denied",)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"user_data": "x@y.de"}, "user_data"),
        ({"consent_state": "granted"}, "consent_state"),
        ({"common_cookie": [1]}, "common_cookie"),
        ({"items": "SKU"}, "items"),
        ({"transaction_id": ["1"]}, "transaction_id"),
        ({"event_id": {"a": 1}}, "event_id"),
        ({"client_id": True}, "client_id"),
    ],
)
def test_what_cannot_be_is_left_out_and_noted(told: dict[str, Any], name: str) -> None:
    event = one(told)
    assert event.data.get(name) != told[name]
    assert len(event.notes) == 1 and event.notes[0].startswith(f"`{name}` left out: not a")


def test_a_list_is_several_events_and_answered_with_a_list() -> None:
    request = asked("POST", "v=2&shared=1", [{"event_name": "a"}, {"event_name": "b"}])
    events = CLIENT.events(request)
    assert [(event.name, event.data["shared"]) for event in events] == [("a", "1"), ("b", "1")]
    told = json.loads(CLIENT.answer(request, events).body)
    assert [one["unique_event_id"] for one in told] == [event.data["unique_event_id"] for event in events]


def answered(method: str = "POST", query: str = "v=2", host: str = "sst.shop.de", **options: Any) -> Answer:
    client = DataTagClient(id="x", name="x", source="browser", **options)
    request = asked(method, query, {"event_name": "a"} if method == "POST" else None, host=host)
    return client.answer(request, client.events(request))


def test_answers() -> None:
    assert answered("GET").body == PIXEL and answered("GET").headers["content-type"] == "image/gif"
    assert json.loads(answered("GET", reply_to_get=True).body)["timestamp"] == 1795428000
    assert json.loads(answered(reply="event_data").body)["event_name"] == "a"
    assert answered(reply="empty").body == b""
    assert answered(status=201).status == 201
    refused = answered(status=403, message="no")
    assert (refused.status, refused.body) == (403, b"no")


def test_a_stream_for_who_asks_for_one() -> None:
    for method in ("GET", "POST"):
        answer = answered(method, "v=2&richsstsse")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream")
        lines = answer.body.decode().split("\n")
        assert lines[0] == "event: message" and lines[2:] == ["", ""]
        told = json.loads(lines[1].removeprefix("data: "))["response"]
        assert told["status_code"] == 200 and json.loads(told["body"])["timestamp"] == 1795428000


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("", "https://shop.de/"),
        ("https://www.shop.de/a?b=1", "https://www.shop.de/a?b=1"),
        ("https://evil.example/", "https://shop.de/"),
        ("https://shop.de.evil.example/", "https://shop.de/"),
        ("https://shop.de@evil.example/", "https://shop.de/"),
        ("//evil.example/", "https://shop.de/"),
        ("javascript:alert(1)//shop.de", "https://shop.de/"),
        ("https://shop.de/\r\nX-Evil: 1", "https://shop.de/"),
        ("https://[::1", "https://shop.de/"),
    ],
)
def test_redirects_stay_on_the_site(wanted: str, target: str) -> None:
    query = f"v=2&to={quote(wanted)}"
    answer = answered("GET", query, status=302, redirect_to="https://shop.de/", redirect_parameter="to")
    assert (answer.status, answer.headers["location"]) == (302, target)


def test_a_redirect_without_a_target_is_none() -> None:
    assert answered("GET", status=301).status == 200


def test_a_server_speaks_of_its_customer_not_of_itself() -> None:
    event = one({"ip": "198.51.100.1"}, client=SERVER, cookie="_fbp=fb.1.1.2; _dcid=x", accept_language="de")
    assert event.data["ip_override"] == "198.51.100.1"
    assert not {"user_agent", "language", "fbp"} & set(event.data)
    assert event.data["client_id"] != "x"


def test_bots() -> None:
    assert one({}, user_agent=BOT).bot
    assert not one({}, client=SERVER, user_agent=BOT).bot


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "event_name", "timestamp", "consent_state", "page_location", "user_data", "items", "ecommerce", "client_id",
        "common_cookie", "ip", "e_v", "value", "unique_event_id", "transaction_id", "name",
    ]
)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.text(), st.binary(), st.booleans())
def test_anything_is_events_or_refused(body: dict[str, Any], text: str, raw: bytes, is_form: bool) -> None:
    query = f"v=2&{quote(text)}={text.encode('utf-8', 'replace').decode()}"
    form = {"content_type": "application/x-www-form-urlencoded"} if is_form else {}
    for request in (
        asked("POST", query, body, cookie=text),
        asked("POST", query, raw, **form),
        asked("GET", f"dtdc={quote(raw)}"),
        asked("GET", f"dtcd={quote(json.dumps(body))}"),
    ):
        for client in (CLIENT, SERVER):
            try:
                events = client.events(request)
            except Refused as refused:
                assert str(refused)
            else:
                assert all(event.name and "timestamp" in event.data for event in events)
                assert client.answer(request, events).status == 200
