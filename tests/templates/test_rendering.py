"""What becomes of a request: URLs, queries, headers, bodies, and the two pieces calls are joined from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from writing import Workbench, event_scope

from container.call import Envelope, Secret
from container.errors import Invalid
from container.templates.rendering import Rendered

TEMPLATE = """
params:
  properties:
    account: {{type: string}}
    token: {{type: string, format: secret}}
    endpoint: {{type: string, format: url, default: https://api.example.com/}}
target: "{{{{ params.account }}}} {{{{ event.event_name }}}}"
request:
  url: "{{{{ params.endpoint }}}}/v1"
  {request}
{more}
"""
PARAMS = 'account: "1"\ntoken: "{{ secret.TOKEN }}"'


def rendered(request: str, more: str = "", params: str = PARAMS, **event: Any) -> Rendered:
    bench = Workbench()
    binding = bench.binding(TEMPLATE.format(request=request, more=more), params)
    assert binding is not None and bench.codes == [], bench.codes
    return binding.aim(event_scope(**event)).render()[0]


def envelope(request: str, more: str = "", params: str = PARAMS, **event: Any) -> Envelope:
    return rendered(request, more, params, **event).envelope


def refused(request: str, more: str = "", params: str = PARAMS, **event: Any) -> str:
    with pytest.raises(Invalid) as caught:
        rendered(request, more, params, **event)
    return str(caught.value)


def url(written: str, **event: Any) -> Any:
    bench = Workbench()
    template = TEMPLATE.format(request="method: GET", more="").replace('"{{ params.endpoint }}/v1"', f'"{written}"')
    binding = bench.binding(template, PARAMS)
    assert binding is not None, bench.codes
    return binding.aim(event_scope(**event)).render()[0].envelope.url


def test_what_is_put_into_a_url_is_percent_encoded() -> None:
    encoded = "a%2Fb%20c%26d%3D%C3%A9%23%3F"
    found = url("https://e.org/a+b/{{ event.x }}?y={{ event.x }}", x="a/b c&d=é#?")
    assert "".join(found) == f"https://e.org/a+b/{encoded}?y={encoded}"


@pytest.mark.parametrize("value", [None, "", "..", "."])
def test_a_part_of_a_url_that_is_absent_or_leads_elsewhere(value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        url("https://e.org/{{ event.x }}/events", x=value)
    assert caught.value.path == "url" and "event.x" in str(caught.value)


def test_a_secret_in_a_url_is_a_part_of_its_own() -> None:
    assert url("https://e.org/{{ params.token }}/x") == ("https://e.org/", Secret("TOKEN", "url"), "/x")


def test_a_query_is_appended() -> None:
    query = 'query: {a: "{{ event.x }}", none: "{{ event.none }}", key: "{{ params.token }}", list: "{{ event.many }}"}'
    found = envelope(query, x="1&2", many=["p", "q"])
    assert found.method == "GET"
    assert found.url == ("https://api.example.com/v1?a=1%262&key=", Secret("TOKEN", "url"), "&list=p&list=q")


def test_a_query_after_a_question_mark() -> None:
    bench = Workbench()
    template = TEMPLATE.format(request="query: {b: 2}", more="").replace("}}/v1", "}}/v1?a=1")
    binding = bench.binding(template, PARAMS)
    assert binding is not None
    assert binding.aim(event_scope()).render()[0].envelope.url == ("https://api.example.com/v1?a=1&b=2",)


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
    binding = bench.binding(TEMPLATE.format(request=request, more=""), PARAMS)
    assert binding is not None
    found = [binding.aim(event_scope(b=b)).render()[0].envelope for b in ("1", None, "2")]
    assert [one.url for one in found] == [("https://api.example.com/v1?a=1",)] * 3
    assert [dict(one.headers).get("X-B") for one in found] == [("1",), None, ("2",)]
    assert [dict(one.headers)["X-A"] for one in found] == [("1",)] * 3


def test_a_header_the_tag_breaks_is_told_with_every_call() -> None:
    params = 'account: "a\\nb"\ntoken: "{{ secret.TOKEN }}"'
    for _ in range(2):
        assert refused('headers: {X-A: "{{ params.account }}"}', params=params).startswith("headers.X-A")


def test_json() -> None:
    written = 'account: "{{ params.account }}", value: "{{ event.value }}", none: "{{ event.none }}"'
    found = rendered(f"json: {{{written}}}", value=10)
    assert found.envelope.method == "POST"
    assert found.envelope.headers == (("Content-Type", ("application/json",)),)
    assert found.envelope.body([], str) == b'{"account":"1","value":10}'
    assert found.item == b""


def test_a_content_type_of_ones_own() -> None:
    found = envelope('headers: {content-type: application/vnd.x+json}\n  json: {a: 1}')
    assert found.headers == (("content-type", ("application/vnd.x+json",)),)


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


def test_auth_travels_with_the_envelope() -> None:
    auth = 'auth: {scheme: basic, user: "{{ params.account }}", password: "{{ params.token }}", scopes: [a, b]}'
    found = envelope("json: {a: 1}", auth)
    parts = (("basic",), ("1",), (Secret("TOKEN"),), ("a b",))
    assert found.auth == tuple(zip(("scheme", "user", "password", "scopes"), parts, strict=True))
    assert Envelope.from_stored(found.stored()) == found


def test_timeout() -> None:
    assert envelope("timeout: 1500ms\n  json: {a: 1}").timeout == 1.5
    assert envelope("json: {a: 1}").timeout == 5.0


def test_the_target_begins_with_the_host() -> None:
    bench = Workbench()
    binding = bench.binding(TEMPLATE.format(request="json: {a: 1}", more=""), PARAMS + "\nendpoint: https://EU.example.com:8443/x")
    assert binding is not None
    assert binding.aim(event_scope()).target == "eu.example.com:8443 1 purchase"
    with pytest.raises(Invalid, match="target"):
        binding.aim(event_scope(event_name=""))


# --- what may not leave


def test_e_mails_anywhere_make_it_invalid() -> None:
    assert refused('json: {a: {b: ["{{ event.x }}"]}}', x="mail mary@example.org").startswith("json.a.b[0]")
    assert refused('json: {a: "{{ event.x }}"}', x="u=mary%40example.org").startswith("json.a")
    assert refused('json: {a: "{{ event.x }}"}', x="u=mary%2540example.org").startswith("json.a")
    assert refused('query: {a: "{{ event.x }}"}', x="mary@example.org").startswith("url")
    assert refused('headers: {X-A: "{{ event.x }}"}', x="mary@example.org").startswith("headers.X-A")
    assert refused('form: {a: "{{ event.x }}"}', x="mary@example.org").startswith("form.a")
    assert refused('text: "{{ event.x }}"', x="mary@example.org").startswith("text")
    assert refused('json: {a: {$each: "{{ event.x }}", $key: "{{ item.key }}", $value: 1}}', x={"mary@example.org": 1})


@pytest.mark.parametrize(
    "text", ["@mary", "logo@2x.png", "lodash@4.17.21", "https://maps.example/@48.85,2.35,17z", "a @ b.c"]
)
def test_what_only_looks_a_little_like_one(text: str) -> None:
    assert rendered('json: {a: "{{ event.x }}"}', x=text).content == {"a": text}


MARKS = "em: {x-hashed: email}, ems: {type: array, items: {x-hashed: email}}, n: {type: integer}"
CONTRACT = f"contract: {{properties: {{{MARKS}}}}}"
SHA = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


def test_a_hashed_place_holds_hashes_only() -> None:
    bench = Workbench()
    template = TEMPLATE.format(request='json: {em: "{{ event.a | hashed(email) }}"}', more=CONTRACT)
    binding = bench.binding(template, PARAMS)
    assert binding is not None and bench.codes == []
    assert binding.aim(event_scope(a=SHA.upper())).render()[0].content == {"em": SHA}


def test_raw_values_that_come_past_the_proofs_are_stopped() -> None:
    bench = Workbench()
    template = TEMPLATE.format(request='json: "{{ event.body }}"', more=CONTRACT)
    binding = bench.binding(template, PARAMS)
    assert binding is not None and bench.codes == []
    cases = (({"em": "0123"}, "json.em"), ({"em": [SHA, 5]}, "json.em[1]"), ({"ems": [SHA, ""]}, "json.ems[1]"))
    for body, path in cases:
        with pytest.raises(Invalid) as caught:
            binding.aim(event_scope(body=body)).render()
        assert caught.value.path == path and "hashed(email)" in caught.value.rule
    assert binding.aim(event_scope(body={"em": SHA, "ems": [SHA]})).render()[0].content


def test_personal_data_raw_lets_it_through_but_not_past_the_contract() -> None:
    bench = Workbench()
    binding = bench.binding(TEMPLATE.format(request='json: "{{ event.body }}"', more=CONTRACT), PARAMS, raw=True)
    assert binding is not None
    assert binding.aim(event_scope(body={"em": "mary@example.org"})).render()[0].content
    with pytest.raises(Invalid):
        binding.aim(event_scope(body={"n": "five"})).render()


def test_names_are_worked_out_once_and_only_where_they_are_needed() -> None:
    bench = Workbench('{a: "{{ event.a }}", b: "{{ event.b }}"}')
    template = """
        params: {properties: {account: {type: string}, a: {type: tree}, b: {type: tree}}}
        let: {twice: "{{ params.a }}", first: "{{ twice }}x", unused: "{{ params.b }}"}
        target: "{{ params.account }} t"
        request: {url: "https://e.org/", json: {x: "{{ twice }}", y: "{{ first }}", z: "{{ params.a }}"}}
    """
    binding = bench.binding(template, 'account: "1"\na: "{{ var.a }}"\nb: "{{ var.b }}"')
    assert binding is not None
    asked: list[str] = []

    class Asked(dict[str, Any]):
        """Counts each time a variable is read."""

        def __getitem__(self, name: str) -> Any:
            asked.append(name)
            return super().__getitem__(name)

    scope = event_scope()
    scope.known = Asked(a="v", b="v")
    aimed = binding.aim(scope)
    assert asked == []
    assert aimed.render()[0].content == {"x": "v", "y": "vx", "z": "v"}
    assert asked == ["a"]


def test_what_is_prepared_renders_without_anything_being_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench()
    request = "json: {name: '{{ event.event_name }}', items: [{$each: '{{ event.items }}', id: '{{ item.id }}'}]}"
    binding = bench.binding(TEMPLATE.format(request=request, more="let: {x: '{{ event.x | lower }}'}"), PARAMS)
    assert binding is not None and bench.codes == [], bench.codes
    binding.prepare()
    monkeypatch.setattr("container.language.expression.code._compiled", None)
    found, _ = binding.aim(event_scope(event_name="purchase", items=[{"id": "1"}], x="A")).render()
    assert json.loads("".join(map(str, found.envelope.before))) == {"name": "purchase", "items": [{"id": "1"}]}
