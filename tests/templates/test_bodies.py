"""Bodies as they are sent: JSON, in the two pieces that calls are joined from; forms; text."""

from __future__ import annotations

import json

import pytest
from writing import envelope, refused, rendered

from container.call import Secret


def test_json() -> None:
    written = 'account: "{{ params.account }}", value: "{{ event.value }}", none: "{{ event.none }}"'
    found = rendered(f"json: {{{written}}}", value=10)
    assert found.envelope.method == "POST"
    assert found.envelope.headers == (("Content-Type", ("application/json",)),)
    assert found.envelope.body([], str) == b'{"account":"1","value":10}'
    assert found.item == b""


def test_a_secret_in_the_body() -> None:
    found = envelope('json: {a: 1, token: "{{ params.token }}", b: 2}')
    assert found.before == ('{"a":1,"token":', Secret("TOKEN", "json"), ',"b":2}')
    assert json.loads(found.body([], lambda name: 'q"x')) == {"a": 1, "token": 'q"x', "b": 2}


BATCH = "batch: {join: data, most: 3}"


JOINED = 'json: {first: "{{ params.account }}", data: [{id: "{{ event.id }}"}], token: "{{ params.token }}"}'


def test_a_secret_inside_a_value_cannot_be_sent() -> None:
    hidden = {"k": Secret("TOKEN")}
    assert refused('json: {a: 1, b: "{{ event.hidden }}"}', hidden=hidden).startswith("json.b")
    assert refused('json: {b: "{{ event.hidden }}", data: [{a: 1}]}', BATCH, hidden=hidden).startswith("json.b")
    assert refused('json: {data: [{b: "{{ event.hidden }}"}]}', BATCH, hidden=hidden).startswith("json.data[0]")


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        ('data: [{a: 1}]', '{"data":[', "]}"),
        ('x: 1, data: [{a: 1}]', '{"x":1,"data":[', "]}"),
        ('data: [{a: 1}], y: [2]', '{"data":[', '],"y":[2]}'),
        ('x: é, data: [{a: 1}], y: 2, z: 3', '{"x":"é","data":[', '],"y":2,"z":3}'),
    ],
)
def test_what_stands_around_the_joined_element(written: str, before: str, after: str) -> None:
    found = rendered(f"json: {{{written}}}", BATCH)
    assert (found.envelope.before, found.envelope.after) == ((before,), (after,))
    assert found.stored == found.envelope.stored()


def test_a_joined_request_in_two_pieces() -> None:
    one, other = (rendered(JOINED, BATCH, id=id) for id in ("a", "b"))
    assert one.envelope.stored() == other.envelope.stored()
    assert (one.item, other.item) == (b'{"id":"a"}', b'{"id":"b"}')
    body = one.envelope.body([one.item, other.item], lambda name: "t")
    assert json.loads(body) == {"first": "1", "data": [{"id": "a"}, {"id": "b"}], "token": "t"}


def test_an_event_of_which_nothing_is_left() -> None:
    assert refused(JOINED, BATCH).startswith("json.data")
    assert refused('json: {a: "{{ event.none }}"}').startswith("json")


def test_a_form() -> None:
    found = rendered('form: {a: "{{ event.x }}", token: "{{ params.token }}", list: [1, 2]}', x="ä&=")
    assert found.envelope.headers == (("Content-Type", ("application/x-www-form-urlencoded",)),)
    assert found.envelope.before == ("a=%C3%A4%26%3D&token=", Secret("TOKEN", "url"), "&list=1&list=2")


def test_text() -> None:
    found = rendered('text: "value {{ event.value }}"', value=5)
    assert found.envelope.body([], str) == b"value 5"
    assert refused('text: "value {{ event.value }}"').startswith("text")
