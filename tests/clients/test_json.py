"""The json client."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.checks import DEEPEST
from container.clients.json import MOST_EVENTS, JSONClient
from container.errors import BadSignature, Refused, TooLarge, Unreadable
from container.event import Event, Request

SERVER = JSONClient(id="api", name="API", source="server", path="/events", token="s3cret")
OPEN = JSONClient(id="page", name="Page", source="browser", path="/events", open=True)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def sent(body: Any, client: JSONClient = OPEN, **headers: str) -> list[Event]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.events(Request("POST", "/events", "", named, "192.0.2.1", received=1795428000.0, body=raw))


def one(body: Any, client: JSONClient = OPEN, **headers: str) -> Event:
    (event,) = sent(body, client, **headers)
    return event


def test_claims() -> None:
    assert OPEN.claims("POST", "/events")
    assert not OPEN.claims("GET", "/events")
    assert not OPEN.claims("POST", "/events/")


def test_one_event() -> None:
    event = one({"event_name": "purchase", "value": 149.90, "items": [{"item_id": "A"}], "transaction_id": "O-1"})
    assert event.name == "purchase"
    assert event.data["value"] == Decimal("149.9")
    assert event.data["items"] == [{"item_id": "A"}]
    assert (event.request.client, event.request.client_name, event.request.source) == ("page", "Page", "browser")
    assert (event.names, event.consent, event.delivery_id, event.notes) == ((), {}, "", ())


def test_a_list() -> None:
    events = sent([{"event_name": "a"}, {"event_name": "b"}])
    assert [event.name for event in events] == ["a", "b"]
    assert events[0].id != events[1].id


LINES = b'{"event_name": "a"}\r\n\n  {"event_name": "b", "x": {"y": 1}}\n'


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl; charset=utf-8", "text/plain", ""])
def test_one_event_a_line(kind: str) -> None:
    events = sent(LINES, content_type=kind)
    assert [event.name for event in events] == ["a", "b"]
    assert events[1].data["x"] == {"y": 1}


def test_one_line_of_lines() -> None:
    assert one(b'{"event_name": "a"}\n', content_type="application/x-ndjson").name == "a"
    with pytest.raises(Unreadable, match="line 1: an event is an object"):
        sent(b'[{"event_name": "a"}]', content_type="application/x-ndjson")
    with pytest.raises(Unreadable):
        sent(b"\n \n", content_type="application/x-ndjson")


def test_an_event_written_over_lines_is_one() -> None:
    assert one(b'{\n"event_name": "a", "items": [\n{"item_id": "1"\n},\n{"item_id": "2"}\n]\n}\n').name == "a"


@pytest.mark.parametrize("bad", [b"{", b"5", b'{"event_name": ""}', b'{"event_name": "\xff"}', b'{"value": 1e999}'])
def test_the_line_that_is_wrong_is_named(bad: bytes) -> None:
    with pytest.raises(Unreadable, match="^line 3: "):
        sent(b'{"event_name": "a"}\n{"event_name": "b"}\n' + bad, content_type="application/x-ndjson")


def test_too_many_lines() -> None:
    with pytest.raises(TooLarge):
        sent(b'{"event_name": "a"}\n' * (MOST_EVENTS + 1))


def test_event_is_taken_for_event_name() -> None:
    assert one({"event": "lead"}).data == {
        "event_name": "lead", "timestamp": 1795428000, "ip_override": "192.0.2.1", "user_agent": "",
    }  # fmt: skip
    assert one({"event": "x", "event_name": "lead"}).data["event"] == "x"


@pytest.mark.parametrize("name", [None, "", "  ", 5, ["x"], True, "x" * 201])
def test_names_that_are_none(name: Any) -> None:
    with pytest.raises(Unreadable, match="event 2: `event_name`"):
        sent([{"event_name": "a"}, {"event_name": name}])
    with pytest.raises(Unreadable, match="^`event_name`"):
        sent({"event_name": name})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b'{"event_name": NaN}', "NaN"),
        (b'{"event_name": "a", "value": 1e999}', "out of range"),
        (b'{"event_name": "a", "value": ' + b"9" * 400 + b"}", "out of range"),
        (b'{"event_name": "a", "x": [[' + b"9" * 4000 + b"]]}", "out of range"),
        (b"[]", "no event"),
        (b"5", "is an object"),
        (b'"purchase"', "is an object"),
        (b"null", "is an object"),
        (b'[{"event_name": "a"}, []]', "event 2: an event is an object"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_bodies_that_cannot_be_read(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sent(body)


def nested(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return {"event_name": "a", "x": value}


def test_limits() -> None:
    assert len(sent([{"event_name": "a"}] * MOST_EVENTS)) == MOST_EVENTS
    with pytest.raises(TooLarge, match=f"{MOST_EVENTS} is the most"):
        sent([{"event_name": "a"}] * (MOST_EVENTS + 1))
    assert one(nested(DEEPEST - 1)).name == "a"
    with pytest.raises(Unreadable, match=f"deeper than {DEEPEST}"):
        sent(nested(DEEPEST))


@pytest.mark.parametrize("header", ["", "s3cret", "Bearer", "Bearer wrong", "Basic s3cret", "Bearer s3cre", "Bearer é"])
def test_the_token_is_asked_for(header: str) -> None:
    with pytest.raises(BadSignature) as refused:
        sent({"event_name": "a"}, SERVER, authorization=header)
    assert refused.value.status == 401
    assert "s3cret" not in str(refused.value)


def test_the_token_opens() -> None:
    assert one({"event_name": "a"}, SERVER, authorization="Bearer s3cret").name == "a"


def test_an_empty_token_opens_nothing() -> None:
    client = JSONClient(id="x", name="x", source="server", path="/events")
    for header in ("", "Bearer ", "Bearer x"):
        with pytest.raises(BadSignature):
            sent({"event_name": "a"}, client, authorization=header)


def test_the_token_comes_before_the_body() -> None:
    with pytest.raises(BadSignature):
        sent(b"{", SERVER)


def test_a_server_speaks_of_its_customer_not_of_itself() -> None:
    told = {"event_name": "a", "ip_override": "198.51.100.1", "user_agent": "Visitor"}
    headers = {"authorization": "Bearer s3cret", "user_agent": "curl/8", "cookie": "_fbp=fb.1.1.2"}
    data = one(told, SERVER, **headers).data
    assert (data["ip_override"], data["user_agent"]) == ("198.51.100.1", "Visitor")
    assert not {"ip_override", "user_agent", "fbp"} & set(one({"event_name": "a"}, SERVER, **headers).data)


def test_a_browser_speaks_of_itself() -> None:
    told = {"event_name": "a", "ip_override": "198.51.100.1", "page_location": "https://shop.de/x?gclid=AbC"}
    data = one(told, user_agent="Visitor", cookie="_fbp=fb.1.1.2; _fbc=fb.1.1000.Xy").data
    wanted = {
        "ip_override": "192.0.2.1", "user_agent": "Visitor", "page_hostname": "shop.de", "page_path": "/x",
        "gclid": "AbC", "fbp": "fb.1.1.2", "fbc": "fb.1.1000.Xy", "fbclid": "Xy",
    }  # fmt: skip
    assert {key: data[key] for key in wanted} == wanted


def test_page_of_a_servers_event() -> None:
    told = {"event_name": "a", "page_location": "https://shop.de/x?ttclid=T"}
    data = one(told, SERVER, authorization="Bearer s3cret").data
    assert (data["page_hostname"], data["page_path"], data["ttclid"]) == ("shop.de", "/x", "T")


def test_bots_are_browsers() -> None:
    assert one({"event_name": "a"}, user_agent=BOT).bot
    assert not one({"event_name": "a", "user_agent": BOT}, SERVER, authorization="Bearer s3cret", user_agent=BOT).bot


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"timestamp": 1795427000}, 1795427000),
        ({"timestamp": 1795427000123}, Decimal("1795427000.123")),
        ({"timestamp": 1795427000123456}, Decimal("1795427000.123456")),
        ({"timestamp": "2026-11-23T05:00:00-05:00"}, 1795428000),
        ({"event_time": 1795427000}, 1795427000),
        ({"timestamp_micros": 1795427000000000}, 1795427000),
        ({"timestamp": "", "event_time": 1795427000}, 1795427000),
        ({}, 1795428000),
    ],
)
def test_times(told: dict[str, Any], expected: Any) -> None:
    event = one({"event_name": "a", **told})
    assert event.data["timestamp"] == expected
    assert event.notes == ()


@pytest.mark.parametrize("told", ["soon", 5, [1], True, {"a": 1}])
def test_times_that_are_none(told: Any) -> None:
    event = one({"event_name": "a", "timestamp": told})
    assert event.data["timestamp"] == 1795428000
    assert len(event.notes) == 1


def test_consent() -> None:
    state = {
        "ad_storage": True, "analytics_storage": "granted", "ad_user_data": "DENIED", "ad_personalization": False,
        "security_storage": None, "functionality_storage": "",
    }  # fmt: skip
    event = one({"event_name": "a", "consent_state": state})
    assert event.consent == {
        "ad_storage": True, "analytics_storage": True, "ad_user_data": False, "ad_personalization": False,
    }  # fmt: skip
    assert event.data["consent_state"] == state


def test_consent_types_nobody_knows_are_left_out_and_said() -> None:
    event = one({"event_name": "a", "consent_state": {"ads": "perhaps", "ad_storage": True}})
    assert event.consent == {"ad_storage": True}
    assert event.notes == ("`consent_state.ads` left out: no such consent type",)


def test_consent_under_another_key_is_noted_and_says_nothing() -> None:
    event = one({"event_name": "a", "consent": {"ad_storage": True}})
    assert event.consent == {}
    assert event.notes == ("`consent` says nothing here: what the visitor said stands in `consent_state`",)
    assert one({"event_name": "a", "consent": {"x": 1}, "consent_state": {"ad_storage": True}}).notes == ()


@pytest.mark.parametrize("state", ["granted", [], True, {"ad_storage": "yes"}, {"ad_storage": 1}, {"ad_storage": []}])
def test_a_statement_that_cannot_be_read_is_not_the_same_as_none(state: Any) -> None:
    with pytest.raises(Unreadable, match="consent_state"):
        sent({"event_name": "a", "consent_state": state})


def test_answer() -> None:
    answer = OPEN.answer(Request(), [])
    assert (answer.status, json.loads(answer.body)) == (200, {"accepted": True})
    assert answer.headers["content-type"] == "application/json"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["event_name", "event", "timestamp", "event_time", "consent_state", "page_location", "user_agent", "ip_override"]
)
EVENTS = st.dictionaries(KEYS, VALUES) | VALUES


@given(st.binary() | st.one_of(EVENTS, st.lists(EVENTS)).map(lambda body: json.dumps(body).encode()), st.text())
def test_anything_is_events_or_refused(body: bytes, header: str) -> None:
    for client in (OPEN, SERVER):
        try:
            events = sent(body, client, authorization="Bearer s3cret", cookie=header, user_agent=header)
        except Refused as refused:
            assert str(refused)
        else:
            assert all(event.name and "timestamp" in event.data for event in events)


@pytest.mark.parametrize("name", ["transaction_id", "order_id", "event_id", "refund_id"])
@pytest.mark.parametrize("value", [True, ["1"], {"a": 1}])
def test_a_name_is_a_text_or_a_number(name: str, value: Any) -> None:
    with pytest.raises(Unreadable, match=f"event 2: `{name}` must be a text or a number"):
        sent([{"event_name": "a"}, {"event_name": "a", name: value}])


@pytest.mark.parametrize("value", [None, "", "A-1", 5, 1.5])
def test_names_that_are_taken(value: Any) -> None:
    assert one({"event_name": "a", "transaction_id": value}).data["transaction_id"] == value


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"user_data": "jane@example.com"}, "`user_data` must be an object"),
        ({"user_data": [1]}, "`user_data` must be an object"),
        ({"items": "SKU-1"}, "`items` must be a list of objects"),
        ({"items": 5}, "`items` must be a list of objects"),
    ],
)
def test_what_no_vendor_could_be_told(told: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as refused:
        one({"event_name": "purchase", **told})
    assert "jane" not in str(refused.value)


@pytest.mark.parametrize(
    "told", [{"user_data": None}, {"user_data": ""}, {"user_data": []}, {"items": None}, {"items": {}}]
)
def test_nothing_is_nothing(told: dict[str, Any]) -> None:
    assert one({"event_name": "purchase", **told}).name == "purchase"


def test_an_amount_that_is_none_is_noted_and_kept_for_a_transformation() -> None:
    event = one({"event_name": "purchase", "value": "12,50", "tax": "1.50", "shipping": None})
    assert event.data["value"] == "12,50"
    assert event.notes == ("`value` is not a number as in 12.50",)


def test_an_address_that_is_none_is_left_out() -> None:
    event = one({"event_name": "a", "ip_override": "198.51.100.1\r\nX: y"}, SERVER, authorization="Bearer s3cret")
    assert "ip_override" not in event.data
    assert event.notes == ("`ip_override` left out: not an IP address",)
