"""Snowplow's client: requests recorded from its Python tracker, and the tracker protocol's documented fields."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowplow_hits import CLIENT, ECOMMERCE, NOW, PAYLOAD, SERVER, TP2, one, sent

from container.clients.snowplow.client import MOST_EVENTS, PIXEL
from container.errors import Refused, TooLarge, Unreadable
from container.event import Event, Request

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "clients" / "snowplow_tracker.json").read_text())
REQUESTS = RECORDED["requests"]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def recorded(request: dict[str, Any]) -> Event:
    asked = Request(request["method"], request["path"], request["query"], {"content-type": request["content_type"]},
                    "192.0.2.9", received=NOW, body=request["body"].encode())  # fmt: skip
    assert SERVER.claims(asked.method, asked.path)
    (event,) = SERVER.events(asked)
    return event


@pytest.mark.parametrize("first", [0, 3], ids=["post", "get"])
def test_what_its_python_tracker_really_sends(first: int) -> None:
    page, video, order = (recorded(request) for request in REQUESTS[first : first + 3])
    assert {key: page.data[key] for key in (
        "event_name", "page_location", "page_title", "page_referrer", "page_hostname", "page_path", "gclid", "user_id",
        "client_id", "language", "ip_override", "user_agent", "x-sp-app_id", "x-sp-name_tracker", "x-sp-domain_userid",
    )} == {
        "event_name": "page_view", "page_location": "https://shop.example.com/a?gclid=G1", "page_title": "Köln",
        "page_referrer": "https://r.example/", "page_hostname": "shop.example.com", "page_path": "/a", "gclid": "G1",
        "user_id": "u-1", "client_id": "dom-1", "language": "de", "ip_override": "198.51.100.1",
        "user_agent": "Visitor", "x-sp-app_id": "shop", "x-sp-name_tracker": "sp", "x-sp-domain_userid": "dom-1",
    }  # fmt: skip
    assert len(page.data["event_id"]) == 36
    assert (video.name, video.data["value"], video.data["event_category"]) == ("play", Decimal("3.5"), "video")
    wanted = {"transaction_id": "T-1", "value": Decimal("149.9"), "currency": "EUR", "tax": 10, "shipping": 5}
    assert order.name == "purchase"
    assert {key: order.data[key] for key in wanted} == wanted
    assert order.data["items"] == [
        {"item_id": "A", "item_name": "Shirt", "price": Decimal("149.9"), "quantity": 1, "currency": "EUR",
         "item_brand": "Acme"},
    ]  # fmt: skip
    prefix = "com_snowplowanalytics_snowplow_ecommerce"
    assert order.data[f"x-sp-self_describing_event_{prefix}_snowplow_ecommerce_action_1"] == {"type": "transaction"}
    assert order.data[f"x-sp-contexts_{prefix}_transaction_1"][0]["revenue"] == Decimal("149.9")
    assert [event.notes for event in (page, video, order)] == [(), (), ()]


def test_claims() -> None:
    assert CLIENT.claims("POST", TP2) and CLIENT.claims("GET", "/i")
    assert CLIENT.claims("POST", "/com.example/track") and CLIENT.claims("GET", "/com.example/track")
    assert not CLIENT.claims("GET", TP2) and not CLIENT.claims("POST", "/i")


def test_a_browser_and_a_server() -> None:
    cookie = "_fbp=fb.1.1.2; sp=net-1"
    event = one(headers={"cookie": cookie})
    assert (event.data["ip_override"], event.data["user_agent"], event.data["fbp"]) == (
        "203.0.113.7", "Mozilla/5.0", "fb.1.1.2",
    )  # fmt: skip
    assert [(kept.name, kept.value, kept.needs) for kept in event.cookies] == [("sp", "net-1", ("analytics_storage",))]
    assert one(headers={"cookie": cookie, "sp_anonymous": "*"}).cookies == ()
    event = one(SERVER, {"cookie": cookie})
    assert not {"ip_override", "user_agent", "fbp"} & set(event.data) and event.cookies == ()
    assert one(headers={"user_agent": BOT}).bot and not one(SERVER, {"user_agent": BOT}).bot


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"ue_px": "!!"}, "`ue_px` left out: not base64 of UTF-8 text"),
        ({"ue_pr": "{"}, "`ue_pr` left out: the body is not JSON: "),
        ({"ue_pr": '{"data": {"schema": "x", "data": {}}}'}, "`ue_pr` left out: not a self-describing event"),
        ({"co": '{"data": 5}'}, "`co` left out: not a list of entities"),
        ({"co": '{"data": [5]}'}, "an entity without a schema and an object was left out"),
        ({"ue_pr": '{"data": ' + "[" * 30 + "]" * 30 + "}"}, "`ue_pr` left out: nested deeper than 20 levels"),
        ({"se_va": "1.234,50"}, "`se_va` left out: not a number"),
        ({"url": ["x"]}, "`url` left out: not a text"),
        ({"ip": "here"}, "`ip_override` left out: not an IP address"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_noted(fields: dict[str, Any], note: str) -> None:
    event = one(**fields)
    assert event.name == "page_view"
    assert len(event.notes) == 1 and event.notes[0].startswith(note)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a tracker's payload"),
        (b'{"schema": "x", "data": []}', "not a tracker's payload"),
        (b'{"schema": "iglu:com.acme/x", "data": [{"e": "pv"}]}', "`schema` must begin with"),
        (json.dumps({"schema": PAYLOAD, "data": [{"e": "pv"}, 5]}).encode(), "event 2: an event is an object"),
        (json.dumps({"schema": PAYLOAD, "data": [{"url": "x"}]}).encode(), "event 1: the event's type"),
        (json.dumps({"schema": PAYLOAD, "data": [{"e": "x" * 201}]}).encode(), "event 1: `event_name` is longer"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sent(body)


def test_a_pixel_without_an_event_is_refused() -> None:
    with pytest.raises(Unreadable, match="^the event's type"):
        CLIENT.events(Request("GET", "/i", "url=x"))


def test_limits() -> None:
    assert len(sent([{"e": "pv"}] * MOST_EVENTS)) == MOST_EVENTS
    with pytest.raises(TooLarge):
        sent([{"e": "pv"}] * (MOST_EVENTS + 1))


def test_answers() -> None:
    assert CLIENT.answer(Request("POST", TP2), []).body == b"ok"
    assert CLIENT.answer(Request("GET", "/i"), []).body == PIXEL


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
DESCRIBED = st.fixed_dictionaries(
    {"schema": st.sampled_from([f"{ECOMMERCE}/product/jsonschema/1-0-0", f"{ECOMMERCE}/x/jsonschema/1-0-0", "x"])},
    optional={"data": st.dictionaries(st.sampled_from(["id", "type", "name", "price", "currency"]), VALUES)},
)
FIELDS = st.sampled_from(["e", "url", "dtm", "stm", "ttm", "ip", "ua", "se_va", "se_ac", "tr_id", "ti_pr", "duid"])


@given(st.lists(st.dictionaries(FIELDS | st.text(max_size=4), VALUES, max_size=5), max_size=3), st.lists(DESCRIBED))
def test_anything_is_events_or_refused(told: list[dict[str, Any]], entities: list[dict[str, Any]]) -> None:
    attached = {"co": json.dumps({"data": entities}), "ue_pr": json.dumps({"data": entities[0] if entities else 5})}
    for data in (told, [{"e": "ue", **attached, **fields} for fields in told]):
        try:
            events = sent(data)
        except Refused as refused:
            assert str(refused)
        else:
            assert all(event.name and "timestamp" in event.data for event in events)


@given(st.text(), st.sampled_from(["cx", "ue_px", "co", "url", "e"]))
def test_any_pixel(text: str, name: str) -> None:
    query = f"e=pv&{name}={quote(text, errors='replace')}"
    (event,) = CLIENT.events(Request("GET", "/i", query, received=NOW))
    assert event.name == "page_view"
