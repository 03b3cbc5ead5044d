"""What a Data tag's request says, however it is written."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from data_tag_hits import got, one, posted

from container.clients.data_tag.wire import MOST_EVENTS, MOST_PARAMETERS
from container.errors import TooLarge, Unreadable


def packed(value: Any, encode: Any = base64.b64encode, escaped: bool = False) -> str:
    text = json.dumps(value)
    return str(encode((quote(text) if escaped else text).encode()).decode())


@pytest.mark.parametrize(
    "dtdc",
    [
        quote(packed({"a": "ü?>>"}), safe=""),
        packed({"a": "ü?>>"}),  # a `+` that becomes a blank
        packed({"a": "ü?>>"}, base64.urlsafe_b64encode),
        packed({"a": "ü?>>"}).rstrip("="),
        packed({"a": "ü?>>"}, escaped=True),
    ],
)
def test_base64_in_every_form(dtdc: str) -> None:
    assert got(f"v=2&event_name=a&dtdc={dtdc}").data["a"] == "ü?>>"


def test_json_in_a_query() -> None:
    data = got(f"v=2&event_name=q&x=1&dtcd={quote(json.dumps({'event_name': 'j', 'value': 5}))}").data
    assert (data["event_name"], data["value"], data["x"]) == ("j", 5, "1")
    assert got("v=2&event_name=q&dtcd=").name == "q"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("dtcd={", "^`dtcd`: the body is not JSON"),
        ("dtcd=[]", "^`dtcd`: an event is an object"),
        ("dtdc=!!", "^`dtdc` is not base64"),
        ("dtdc=%2F%2F8%3D", "^`dtdc` is not base64"),
        (f"dtdc={packed(5)}", "^`dtdc`: an event is an object"),
    ],
)
def test_queries_that_cannot_be_read(query: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        got(query)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b"5", "an event is an object"),
        (b"[]", "no event"),
        (b'[{"a": 1}, 5]', "event 2: an event is an object"),
        (b'{"value": 1e999}', "out of range"),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", "nested deeper"),
        ({"event_name": "x" * 300}, "longer than 200"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
    ],
)
def test_bodies_that_cannot_be_read(body: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        posted(body)


def test_the_body_wins_over_the_query_and_both_over_what_is_made() -> None:
    data = one({"event_name": "b", "unique_event_id": "mine"}, "v=2&event_name=q&only=q").data
    assert (data["event_name"], data["only"], data["v"], data["unique_event_id"]) == ("b", "q", "2", "mine")
    assert one(None, "event_name=q").name == "q"


def test_forms() -> None:
    form = {"content_type": "application/x-www-form-urlencoded; charset=UTF-8"}
    data = one(b"event_name=a&items.1.item_id=B&items.0.item_id=A&user_data.address.city=K%C3%B6ln&x.y=1", **form).data
    assert data["items"] == [{"item_id": "A"}, {"item_id": "B"}]
    assert data["user_data"] == {"address": {"city": "Köln"}}
    assert data["x"] == {"y": "1"}
    assert one(b'{"event_name": "json"}', **form).name == "json"


def test_a_form_that_contradicts_itself_is_noted() -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    event = one(b"a=1&a.b=2&c.d=3&c=4&" + b".".join([b"e"] * 30) + b"=5&f=%zz&g=%ff", **form)
    assert (event.data["a"], event.data["c"], event.data["f"], event.data["g"]) == ("1", {"d": "3"}, "%zz", "\ufffd")
    assert len([note for note in event.notes if "left out" in note]) == 3
    assert len(event.notes) == 5


def test_limits() -> None:
    assert len(posted([{}] * MOST_EVENTS)) == MOST_EVENTS
    with pytest.raises(TooLarge):
        posted([{}] * (MOST_EVENTS + 1))
    with pytest.raises(TooLarge):
        posted(b"&".join([b"a=1"] * (MOST_PARAMETERS + 1)), content_type="application/x-www-form-urlencoded")



def test_a_form_s_numbers_are_a_lists_places_where_all_are_numbers() -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    data = one(b"a.10=x&a.9=y&b.0=x&b.c=y&d.0.0=z", **form).data
    assert (data["a"], data["b"], data["d"]) == (["y", "x"], {"0": "x", "c": "y"}, [["z"]])


def test_a_get_is_one_event_and_a_list_of_one_is_a_list() -> None:
    assert got("v=2&event_name=a").data["event_name"] == "a"
    assert [event.name for event in posted([{"event_name": "a"}])] == ["a"]
