"""Requests whose method, body, query or headers only the tag or the event decides."""

from __future__ import annotations

from typing import Any

import pytest
from writing import Workbench, event_scope

from container.call import Envelope, Secret
from container.errors import Invalid
from container.templates.rendering import Rendered

TEMPLATE = """
params:
  required: [account]
  properties:
    account: {type: string}
    method: {type: string}
    query: {type: object}
    headers: {type: object}
    json: {type: tree}
    form: {type: object}
let:
  method: {$if: "{{ params.method }}", $value: "{{ params.method }}", $else: POST}
  all_headers: {$base: "{{ params.headers }}", X-Own: "1"}
target: "{{ params.account }} {{ event.event_name }}"
request:
  method: "{{ method }}"
  url: https://e.org/in
  query: "{{ params.query }}"
  headers: "{{ all_headers }}"
  json: "{{ params.json }}"
  form: "{{ params.form }}"
"""


def rendered(params: str, **event: Any) -> Rendered:
    bench = Workbench()
    binding = bench.binding(TEMPLATE, 'account: "1"\n' + params)
    assert binding is not None and bench.codes == [], bench.codes
    return binding.aim(event_scope(**event)).render()[0]


def body(envelope: Envelope) -> bytes:
    return envelope.body([], str)


def test_the_query_is_a_mapping_of_the_event() -> None:
    found = rendered('method: GET\nquery: {order: "{{ event.order }}", none: "{{ event.none }}"}', order="a b")
    assert found.envelope.url == ("https://e.org/in?order=a%20b",)
    assert (found.envelope.method, found.part, found.content) == ("GET", "query", {"order": "a b"})


def test_a_get_that_was_asked_for_sends_no_body() -> None:
    found = rendered('method: GET\njson: {a: "{{ event.x }}"}', x=1).envelope
    assert (found.method, body(found)) == ("GET", b"")
    assert found.headers == (("X-Own", ("1",)),)


def test_of_several_bodies_the_first_that_is_present() -> None:
    as_json = rendered('json: {a: "{{ event.x }}"}\nform: {b: "2"}', x=1)
    assert (as_json.part, body(as_json.envelope)) == ("json", b'{"a":1}')
    assert as_json.envelope.headers[-1] == ("Content-Type", ("application/json",))
    as_form = rendered('json: "{{ event.none }}"\nform: {b: "2", c: [x, y]}')
    assert (as_form.part, body(as_form.envelope)) == ("form", b"b=2&c=x&c=y")
    assert as_form.envelope.headers[-1] == ("Content-Type", ("application/x-www-form-urlencoded",))


def test_a_type_of_its_own_stays() -> None:
    found = rendered('headers: {content-type: text/plain}\nform: {b: "2"}').envelope
    assert found.headers == (("content-type", ("text/plain",)), ("X-Own", ("1",)))


def test_secrets_in_headers_are_references() -> None:
    found = rendered('headers: {Authorization: "Bearer {{ secret.TOKEN }}"}\nform: {b: "2"}').envelope
    assert found.headers[0] == ("Authorization", ("Bearer ", Secret("TOKEN")))


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ('form: {a: "{{ event.none }}"}', "json"),  # nothing is left of any body
        ('method: "{{ event.none }}"', "json"),
        ('method: "{{ event.verb }}"\nform: {a: "1"}', "method"),
        ('headers: {X-A: "{{ event.lines }}"}\nform: {a: "1"}', "headers.X-A"),
    ],
)
def test_what_cannot_be_sent(params: str, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        rendered(params, verb="SEND", lines="a\nb")
    assert caught.value.path == path


def test_personal_data_in_what_the_tag_gives_is_told() -> None:
    bench = Workbench()
    bench.binding(TEMPLATE, 'account: "1"\nquery: {mail: "{{ event.user_data.email_address }}"}')
    bench.binding(TEMPLATE, 'account: "1"\njson: {mail: "{{ event.user_data.email_address }}"}')
    assert bench.codes == ["raw-personal-data", "raw-personal-data"]


def test_hashed_personal_data_may_go_anywhere() -> None:
    found = rendered("json: {mail: \"{{ event.user_data.email_address | hashed(email) }}\"}",
                     user_data={"email_address": "Mary@Example.org"})  # fmt: skip
    assert b"c99d460ac05ca0e90b04b9450fc1a35d4ded0cc3460188260a8435248b9b8f6b" in body(found.envelope)
