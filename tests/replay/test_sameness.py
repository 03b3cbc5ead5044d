"""Calls of two containers, field by field."""

from __future__ import annotations

from typing import Any

from container.replay.sameness import Accepted, compare, fields, in_order


def call(tag: str = "meta", event: str = "Purchase", **data: Any) -> dict[str, Any]:
    body = {"data": [{"event_name": event, **data}]}
    return {"tag": tag, "method": "POST", "url": "https://meta.example/v1?k=1", "headers": {"A": "b"}, "body": body}


def test_a_call_as_fields() -> None:
    assert fields(call(value=5)) == {
        "method": '"POST"'.strip('"'),
        "host": "meta.example",
        "path": "/v1",
        "query.k": '"1"',
        "headers.a": '"b"',
        "body.data[0].event_name": '"Purchase"',
        "body.data[0].value": "5",
    }


def test_the_same() -> None:
    found = compare([[call()], []], [[call()], []], [[call()], []])
    assert found.calls == 1
    assert found.found == {}


def test_a_value_a_missing_field_and_a_missing_call() -> None:
    ours = [[call(value=5, x=1)], [call("tiktok")], []]
    theirs = [[call(value=6)], [], [call("ga4")]]
    found = {key: (one.a, one.b, one.first) for key, one in compare(ours, ours, theirs).found.items()}
    assert found == {
        ("meta", "body.data[0].value"): ("5", "6", 1),
        ("meta", "body.data[0].x"): ("1", "nothing", 1),
        ("tiktok", "call"): ("sent", "nothing", 2),
        ("ga4", "call"): ("nothing", "sent", 3),
    }


def test_what_changes_by_itself_is_left_out() -> None:
    found = compare([[call(time=1, value=5)]], [[call(time=2, value=5)]], [[call(time=3, value=6)]])
    assert [field for _, field in found.found] == ["body.data[0].value"]


def test_equal_differences_are_counted_together() -> None:
    ours, theirs = [[call(value=5)]] * 3, [[call(value=6)]] * 3
    (difference,) = compare(ours, ours, theirs).found.values()
    assert difference.count == 3


def test_accepted_with_a_reason() -> None:
    found = compare([[call(value=5, x=1)]], [[call(value=5, x=1)]], [[call(value=6, x=2)]])
    found.accept([Accepted("m*", "body.data[0].value", "net")])
    assert [one.field for one in found.open] == ["body.data[0].x"]


def test_a_recording_is_cut_at_the_requests_by_host_and_event() -> None:
    ours = [[call(event="PageView")], [call(event="Purchase")]]
    recording = [{**call(event="Purchase"), "tag": ""}, {**call(event="PageView"), "tag": ""}]
    cut = in_order(ours, recording)
    assert [[one["body"]["data"][0]["event_name"] for one in calls] for calls in cut] == [["PageView"], ["Purchase"]]
    assert compare(ours, ours, cut).found == {}
    strange = {**call(event="Other"), "tag": ""}
    assert in_order(ours, [strange]) == [[], [strange]]
