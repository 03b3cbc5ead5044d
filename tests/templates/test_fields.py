"""The names and values of a request, and what none of them may hold."""

from __future__ import annotations

import pytest
from writing import PARAMS, REQUEST, Workbench, envelope, event_scope, refused

from container.call import Envelope, Secret
from container.errors import Invalid
from container.templates.fields import as_parts, checked_pairs, encoded_pairs, pairs


def test_headers() -> None:
    written = 'Authorization: "Bearer {{ params.token }}", User-Agent: "{{ event.ua }}", X-None: "{{ event.none }}"'
    found = envelope(f"headers: {{{written}}}", ua="Mozilla\ud800")
    assert found.headers == (("Authorization", ("Bearer ", Secret("TOKEN"))), ("User-Agent", ("Mozilla?",)))


@pytest.mark.parametrize("value", ["a\r\nX-Other: 1", "a\nb", "a\0b"])
def test_headers_refuse_line_breaks(value: str) -> None:
    assert refused('headers: {X-A: "{{ event.x }}"}', x=value).startswith("headers.X-A")


def test_what_the_tag_alone_sets_is_the_same_for_every_event() -> None:
    bench = Workbench()
    request = 'query: {a: "{{ params.account }}"}\n  headers: {X-A: "{{ params.account }}", X-B: "{{ event.b }}"}'
    binding = bench.binding(REQUEST.format(request=request, more=""), PARAMS)
    assert binding is not None
    found = [binding.aim(event_scope(b=b)).render()[0].envelope for b in ("1", None, "2")]
    assert [one.url for one in found] == [("https://api.example.com/v1?a=1",)] * 3
    assert [dict(one.headers).get("X-B") for one in found] == [("1",), None, ("2",)]
    assert [dict(one.headers)["X-A"] for one in found] == [("1",)] * 3


def test_a_header_the_tag_breaks_is_told_with_every_call() -> None:
    params = 'account: "a\\nb"\ntoken: "{{ secret.TOKEN }}"'
    for _ in range(2):
        assert refused('headers: {X-A: "{{ params.account }}"}', params=params).startswith("headers.X-A")


def test_auth_travels_with_the_envelope() -> None:
    auth = 'auth: {scheme: google_credentials, credentials: "{{ params.token }}", scopes: [a, b]}'
    found = envelope("json: {a: 1}", auth)
    parts = (("google_credentials",), (Secret("TOKEN"),), ("a b",))
    assert found.auth == tuple(zip(("scheme", "credentials", "scopes"), parts, strict=True))
    assert Envelope.from_stored(found.stored()) == found


def test_a_value_as_text() -> None:
    assert as_parts(["a", "", None, 5], "x") == ("a 5",)
    assert as_parts(("Bearer ", Secret("TOKEN"), "\ud800"), "x") == ("Bearer ", Secret("TOKEN"), "?")
    with pytest.raises(Invalid, match="headers.X-A"):
        as_parts({"token": Secret("TOKEN")}, "headers.X-A")


def test_pairs_as_they_stand_in_a_url_and_as_the_contract_sees_them() -> None:
    told = (*pairs("a b", ["1&2", 3], "query"), *pairs("key", Secret("TOKEN"), "query"))
    assert encoded_pairs(told) == ("a%20b=1%262&a%20b=3&key=", Secret("TOKEN", "url"))
    assert encoded_pairs(pairs("u", "/a:b", "query"), safe="/:") == ("u=/a:b",)
    assert checked_pairs(told) == {"a b": ["1&2", "3"], "key": str(Secret("TOKEN"))}
