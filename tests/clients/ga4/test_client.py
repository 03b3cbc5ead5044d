"""The ga4 client's odd cases; ordinary hits are in `test_hit.py`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.ga4 import GA4Client
from container.clients.ga4.client import MOST_EVENTS, MOST_PARAMETERS, MOST_READ
from container.errors import Refused, TooLarge, Unreadable
from container.event import Event, Request

CLIENT = GA4Client(id="web", name="Our GA4", source="browser")
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SHARED = "v=2&tid=G-1"


def hit(query: str, body: bytes = b"", **headers: str) -> list[Event]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return CLIENT.events(Request("POST", "/g/collect", query, named, "192.0.2.1", received=1795428000.0, body=body))


def data(more: str, **headers: str) -> dict[str, Any]:
    (event,) = hit(f"{SHARED}&en=x&{more}", b"", **headers)
    return dict(event.data)


def notes(more: str) -> tuple[str, ...]:
    (event,) = hit(f"{SHARED}&en=x&{more}")
    return event.notes


@pytest.mark.parametrize(
    ("method", "path", "claimed"),
    [
        ("GET", "/g/collect", True),
        ("POST", "/metrics/x/g/collect", True),
        ("PUT", "/g/collect", False),
        ("GET", "/xg/collect", False),
        ("GET", "/g/collect/", False),
        ("GET", "/g/collect2", False),
        ("GET", "", False),
    ],
)
def test_claims(method: str, path: str, claimed: bool) -> None:
    assert CLIENT.claims(method, path) is claimed


def test_the_printed_hit_means_the_order_that_was_bought() -> None:
    path = Path(__file__).parents[2] / "data" / "vendors" / "google_04_g_collect_hit.json"
    printed = json.loads(path.read_text())["request"]
    query = printed["url"].partition("?")[2]
    (event,) = CLIENT.events(Request("GET", "/g/collect", query, received=1795428000.0))
    assert event.request.query == printed["decoded_query"]
    wanted = {
        "event_name": "purchase", "transaction_id": "ORD-1001", "event_id": "purchase.ORD-1001",
        "value": Decimal("149.9"), "tax": Decimal("23.9"), "currency": "EUR", "client_id": "1234567890.1795000000",
        "user_id": "user-4711", "ga_session_id": "1795427000", "engagement_time_msec": 1234,
        "page_location": "https://shop.example.com/thank-you", "page_hostname": "shop.example.com",
        "page_path": "/thank-you", "page_title": "Thank you", "timestamp": 1795428000,
        "items": [
            {"item_id": "SKU-1", "item_name": "Shirt", "item_brand": "Acme", "item_category": "Apparel",
             "price": Decimal("49.95"), "quantity": 2},
            {"item_id": "SKU-2", "item_name": "Cap", "price": 50, "quantity": 1},
        ],
    }  # fmt: skip
    assert {key: event.data[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "`v` must be 2"),
        ("v=1&tid=G-1&en=x", "`v` must be 2"),
        ("v=2&en=x", "`tid`"),
        ("v=2&tid=&en=x", "`tid`"),
        ("v=2&tid=G-1", "`en`"),
        ("v=2&tid=G-1&en=", "`en`"),
    ],
)
def test_what_is_no_hit(query: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        hit(query)


def test_the_client_is_named_in_the_events_request() -> None:
    (event,) = hit(f"{SHARED}&en=x")
    assert (event.request.client, event.request.client_name, event.request.source) == ("web", "Our GA4", "browser")


def test_lines_win_over_the_query_and_empty_ones_are_skipped() -> None:
    body = b"\r\nen=a&dt=Own&ep.x=1\r\n\r\n  \nen=b\n"
    first, second = hit(f"{SHARED}&en=q&dt=Shared", body)
    assert [first.name, second.name] == ["a", "b"]
    assert [first.data["page_title"], second.data["page_title"]] == ["Own", "Shared"]
    assert first.request.query == {"en": "a", "dt": "Own", "ep.x": "1", "v": "2", "tid": "G-1"}
    assert "x" not in second.data
    assert first.id != second.id
    assert first.request.query == Request(query_string=first.request.query_string).query


@pytest.mark.parametrize("body", [b"", b"\r\n", b" \n\n", b"\xef\xbb\xbf"])
def test_the_query_is_the_event_where_the_body_is_empty(body: bytes) -> None:
    assert [event.name for event in hit(f"{SHARED}&en=q", body)] == ["q"]


def test_a_line_takes_the_querys_name_where_it_has_none() -> None:
    assert [event.name for event in hit(f"{SHARED}&en=q", b"ep.x=1\nen=b")] == ["q", "b"]


def test_a_line_without_a_name_is_left_out_and_said() -> None:
    (event,) = hit(SHARED, b"ep.x=1\nen=b")
    assert event.name == "b"
    assert "no event name" in event.notes[0]
    with pytest.raises(Unreadable, match="no line of the body"):
        hit(SHARED, b'{"events": []}')


def test_a_name_that_is_too_long_is_no_name() -> None:
    long = "x" * 201
    with pytest.raises(Unreadable, match="longer than 200 characters"):
        hit(f"{SHARED}&en={long}")
    assert [event.name for event in hit(f"{SHARED}&en={long[1:]}")] == [long[1:]]
    (event,) = hit(SHARED, f"en={long}\nen=b".encode())
    assert event.name == "b"
    assert "no event name" in event.notes[0]


def test_limits() -> None:
    line = "\n".join(["en=x"] * MOST_EVENTS).encode()
    assert len(hit(SHARED, line)) == MOST_EVENTS
    with pytest.raises(TooLarge, match=f"{MOST_EVENTS} is the most"):
        hit(SHARED, line + b"\nen=x")
    many = "&".join(f"ep.p{at}=1" for at in range(2000))
    with pytest.raises(TooLarge, match=f"{MOST_PARAMETERS} is the most"):
        hit(f"{SHARED}&en=x&{many}")
    with pytest.raises(TooLarge, match=f"{MOST_PARAMETERS} is the most"):
        hit(SHARED, f"en=x&{many}".encode())
    some = "&".join(f"ep.p{at}=1" for at in range(MOST_READ // MOST_EVENTS))
    with pytest.raises(TooLarge, match=f"{MOST_READ} is the most"):
        hit(f"{SHARED}&{some}", line)


def test_user_data_nests_and_other_dots_do_not() -> None:
    found = data("ep.user_data.email_address=a%40b.de&ep.user_data.address.city=Ulm&ep.a.b=1&ep.user_data._tag_mode=X")
    assert found["user_data"] == {"email_address": "a@b.de", "address": {"city": "Ulm"}, "_tag_mode": "X"}
    assert found["a.b"] == "1"


@pytest.mark.parametrize(
    "more",
    [
        "ep.user_data=x&ep.user_data.email_address=e",
        "ep.user_data.email_address=e&ep.user_data=x",
        "ep.user_data.email_address=e&ep.user_data.email_address.x=e",
    ],
)
def test_user_data_that_contradicts_itself(more: str) -> None:
    assert isinstance(data(more)["user_data"], dict)


def test_user_data_nested_too_deeply() -> None:
    deep = ".".join(["ep.user_data", *"abcdef"])
    assert "user_data" not in data(f"{deep}=1")
    assert "nested deeper" in notes(f"{deep}=1")[0]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "9" * 30, "abc", "", "1,5", "0x1"])
def test_numbers_that_are_none_are_left_out_and_said(value: str) -> None:
    found = data(f"_et={value}&epn.value={value}&upn.age={value}&_p={value}&tfd={value}&_s={value}")
    keys = {"engagement_time_msec", "value", "x-ga-page_id", "x-ga-tfd", "x-ga-request_count"}
    assert not keys & set(found)
    assert "x-ga-mp2-user_properties" not in found
    assert notes(f"epn.value={value}") == ("`epn.value` left out: not a number",)


def test_numbers() -> None:
    found = data("epn.value=149.90&epn.count=3&epn.small=-0.5&upn.age=25&sct=ss")
    assert found["value"] == Decimal("149.90")
    assert found["count"] == 3
    assert found["small"] == Decimal("-0.5")
    assert found["x-ga-mp2-user_properties"] == {"age": 25}
    assert found["ga_session_number"] == "ss"


def test_names_in_notes_are_harmless() -> None:
    assert notes("epn.john%40shop.de=x") == ("a parameter left out: not a number",)


def test_an_event_parameter_never_replaces_what_the_protocol_says() -> None:
    found = data("cid=1.2&ep.client_id=forged&ep.event_name=forged&cu=EUR&ep.currency=USD&ep.items=x&pr1=idA")
    assert (found["client_id"], found["event_name"], found["currency"]) == ("1.2", "x", "EUR")
    assert found["items"] == [{"item_id": "A"}]


def test_a_hits_time_is_its_arrival() -> None:
    assert data("ep.timestamp=1600000000")["timestamp"] == 1795428000
    assert notes("ep.timestamp=1600000000") == ("`ep.timestamp` left out: a hit's time is its arrival",)


def test_addresses() -> None:
    assert data("", user_agent="UA")["user_agent"] == "UA"
    assert data("")["user_agent"] == ""
    assert data("")["ip_override"] == "192.0.2.1"
    assert data("_uip=198.51.100.7")["ip_override"] == "198.51.100.7"
    assert data("_uip=%3A%3A")["ip_override"] == "192.0.2.1"
    assert data("ep.ip_override=198.51.100.8")["ip_override"] == "198.51.100.8"


@pytest.mark.parametrize(
    ("eu", "expected"),
    [("AAAAAAQ", [34]), ("Q", "Q"), ("IA", [5]), ("", ""), ("A" * 70, "A" * 70), ("%25%25", "%%"), ("AA", [])],
)
def test_feature_bits(eu: str, expected: Any) -> None:
    assert data(f"_eu={eu}")["x-ga-system_properties"]["eu"] == expected


@pytest.mark.parametrize(
    ("ur", "expected"),
    [("BR-SP", {"country": "BR", "region": "SP"}), ("DE", {"country": "DE"}), ("", None), ("-SP", None)],
)
def test_region(ur: str, expected: Any) -> None:
    assert data(f"ur={ur}").get("event_location") == expected


def test_unknown_names_pass() -> None:
    found = data("tt=internal&_x=1&prx=2&pr=3&pr%C2%B2=4&ep.=5&ep=6&xx.y=7&em=tv.1~em.abc&sst.=8")
    assert {name: found[f"x-ga-mp2-{name}"] for name in ("tt", "_x", "prx", "pr", "pr²", "ep.", "ep", "xx.y", "sst.")}
    assert found["x-ga-em"] == "tv.1~em.abc"


def test_items_are_in_order_and_numbered_from_one() -> None:
    assert data("pr10=idC&pr2=idB&pr1=idA")["items"] == [{"item_id": "A"}, {"item_id": "B"}, {"item_id": "C"}]
    assert "items" not in data("pr0=idA&pr201=idB&pr99999999999999999999=idC")
    assert len(notes("pr0=idA&pr201=idB")) == 2


def test_consent_of_the_page_is_in_the_tagging_servers_block() -> None:
    found = data("gcs=G110&gcu=1&gcut=2&sst.ude=0")["x-sst-system_properties"]
    assert found == {
        "ude": "0",
        "request_start_time_ms": 1795428000000,
        "consent": {
            "consentGrantedState": {
                "ad_storage": True,
                "analytics_storage": False,
                "ad_user_data": True,
                "ad_personalization": True,
            },
            "isUpdate": True,
            "updateType": "2",
        },
    }


def test_broken_encoding_is_read_and_said() -> None:
    found = data("dt=%ff%zz&ep.a=%C3")
    assert found["page_title"] == "\ufffd%zz"
    assert len(notes("dt=%ff%zz&ep.a=%C3")) == 3
    (event,) = hit(SHARED, b"en=x&dt=\xff\xfe")
    assert event.data["page_title"] == "\ufffd\ufffd"


def test_click_ids_of_page_and_cookies() -> None:
    found = data(
        "dl=https%3A%2F%2Fx.de%2F%3Fgclid%3DAbC&ep.ttp=own",
        cookie="_fbp=fb.1.1.2; _fbc=fb.1.1000.Xy; _ttp=t; _gcl_aw=GCL.9.old; FPGCLGB=2.1.kWb$i8; ttclid=E.C.P.x",
    )
    wanted = {"gclid": "AbC", "wbraid": "Wb", "fbc": "fb.1.1000.Xy", "fbclid": "Xy", "fbp": "fb.1.1.2", "ttp": "own",
              "ttclid": "E.C.P.x"}  # fmt: skip
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(("source", "bot"), [("browser", True), ("server", False)])
def test_bots_are_browsers(source: str, bot: bool) -> None:
    client = GA4Client(id="x", name="x", source=source)
    request = Request("GET", "/g/collect", f"{SHARED}&en=x", {"user-agent": BOT})
    assert client.events(request)[0].bot is bot


@pytest.mark.parametrize(
    ("query", "status"),
    [("v=2&richsstsse", 200), ("richsstsse=1&v=2", 200), ("v=2", 204), ("ep.x=richsstsse", 204)],
)
def test_answer(query: str, status: int) -> None:
    answer = CLIENT.answer(Request("GET", "/g/collect", query), [])
    assert answer.status == status
    if status == 200:
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.body == b'event: message\ndata: {"response":{"status_code":200,"body":""}}\n\n'


NAMES = st.sampled_from(
    [
        *("v", "tid", "en", "dl", "gcs", "gcd", "_et", "_eu", "_ee", "_uip", "ur", "sct", "uafvl", "uamb"),
        *("pr1", "pr2", "ep.x", "ep.user_data.a", "epn.y", "up.z", "upn.z", "sst.q"),
    ]
)
PAIRS = st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=12)


@given(PAIRS, st.binary(max_size=300), st.text(max_size=60))
def test_anything_is_events_or_refused(pairs: list[tuple[str, str]], body: bytes, raw: str) -> None:
    for query in (raw, f"{SHARED}&en=x&" + "&".join(f"{name}={value}" for name, value in pairs)):
        for sent in (b"", body, b"en=y&" + body):
            headers = {"cookie": raw, "sec-ch-ua": raw, "user-agent": raw}
            request = Request("POST", "/g/collect", query, headers, body=sent)
            try:
                events = CLIENT.events(request)
            except Refused as refused:
                assert str(refused)
            else:
                assert all(event.name and "timestamp" in event.data for event in events)
            assert CLIENT.answer(request, []).status in (200, 204)
