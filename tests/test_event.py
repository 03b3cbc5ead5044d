from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import unquote, unquote_to_bytes

import pytest

from container.event import Event, Request, new_id, unquoted


def test_ids_sort_by_time_and_never_repeat() -> None:
    ids = [new_id(1_795_428_000 + i) for i in range(100)]
    assert ids == sorted(ids)
    assert {len(id) for id in ids} == {26}
    assert len({new_id(5.0) for _ in range(1000)}) == 1000


def test_the_first_value_of_a_query_parameter_counts() -> None:
    request = Request(query_string="a=1&a=2&empty=&flag&x=%C3%BC+%FF")
    assert dict(request.query) == {"a": "1", "empty": "", "flag": "", "x": "ü �"}


def plainly(text: str) -> str:
    text = text.replace("+", " ")
    return unquote_to_bytes(text).decode("utf-8", "replace") if text.isascii() else unquote(text)


@pytest.mark.parametrize(
    "text",
    ["%252F", "%2%46", "%%3A", "%3%3A", "%25%33A", "%2F%2f", "%C3%3A", "é%3A%C3é", "a%20b+c%2B", "%E2%82%AC", "%"],
)
def test_decoding_in_a_hurry_gives_what_decoding_gives(text: str) -> None:
    assert unquoted(text) == plainly(text)
    long = text * 200  # too long to be remembered
    assert unquoted(long) == plainly(long)


def test_decoding_any_mixture_of_escapes() -> None:
    dice = random.Random(4)
    parts = ["%", "2", "F", "5", "3A", "%2F", "%3A", "%20", "%25", "%C3", "%BC", "é", "+", "x", "=", "%3D", "%3f"]
    for _ in range(3000):
        text = "".join(dice.choices(parts, k=dice.randrange(8)))
        assert unquoted(text) == plainly(text), text


def test_a_request_of_a_client_keeps_what_was_worked_out() -> None:
    request = Request(query_string="a=1", headers={"cookie": "b=2"})
    cookies = request.cookies
    claimed = request.with_client("web", "Web", "browser")
    assert claimed.cookies is cookies and claimed.query == {"a": "1"}
    assert request.client == ""
    assert claimed == replace(request, client="web", client_name="Web", source="browser")


def test_cookies_are_read_and_broken_ones_left_out() -> None:
    request = Request(headers={"cookie": '_ga=GA1.1.5.6; broken; =x; _fbp="fb.1.2.3"; _ga=second; a=b=c'})
    assert dict(request.cookies) == {"_ga": "GA1.1.5.6", "_fbp": "fb.1.2.3", "a": "b=c"}
    assert dict(Request().cookies) == {}


def test_an_event_without_a_time_of_its_own_happened_when_it_came() -> None:
    request = Request(received=5.0)
    assert Event("E", {"event_name": "x"}, request).timestamp == 5.0
    assert Event("E", {"event_name": "x", "timestamp": 3}, request).timestamp == 3.0


def test_a_time_that_is_none_counts_as_not_stated() -> None:
    for odd in ("ORD-1", None, [], {}):
        assert Event("E", {"event_name": "x", "timestamp": odd}, Request(received=5.0)).timestamp == 5.0


def test_a_changed_event_is_a_new_one() -> None:
    event = Event("E", {"event_name": "a"}, Request())
    assert event.with_data({"event_name": "b"}).name == "b"
    assert event.name == "a"
