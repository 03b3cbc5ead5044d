"""A template with the parameters of one tag: its target, and what is refused before it leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from writing import PARAMS, REQUEST, Workbench, event_scope, refused, rendered

from container.errors import Invalid
from container.templates.binding import bind_values


def test_the_target_begins_with_the_host() -> None:
    bench = Workbench()
    binding = bench.binding(REQUEST.format(request="json: {a: 1}", more=""), PARAMS + "\nendpoint: https://EU.example.com:8443/x")
    assert binding is not None
    assert binding.aim(event_scope()).target == "eu.example.com:8443 1 purchase"
    with pytest.raises(Invalid, match="the target is absent: `event.event_name` has no value"):
        binding.aim(event_scope(event_name=""))


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
    template = REQUEST.format(request='json: {em: "{{ event.a | hashed(email) }}"}', more=CONTRACT)
    binding = bench.binding(template, PARAMS)
    assert binding is not None and bench.codes == []
    assert binding.aim(event_scope(a=SHA.upper())).render()[0].content == {"em": SHA}


def test_raw_values_that_come_past_the_proofs_are_stopped() -> None:
    bench = Workbench()
    template = REQUEST.format(request='json: "{{ event.body }}"', more=CONTRACT)
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
    binding = bench.binding(REQUEST.format(request='json: "{{ event.body }}"', more=CONTRACT), PARAMS, raw=True)
    assert binding is not None
    assert binding.aim(event_scope(body={"em": "mary@example.org"})).render()[0].content
    with pytest.raises(Invalid):
        binding.aim(event_scope(body={"n": "five"})).render()


def test_what_is_prepared_renders_without_anything_being_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench()
    request = "json: {name: '{{ event.event_name }}', items: [{$each: '{{ event.items }}', id: '{{ item.id }}'}]}"
    binding = bench.binding(REQUEST.format(request=request, more="let: {x: '{{ event.x | lower }}'}"), PARAMS)
    assert binding is not None and bench.codes == [], bench.codes
    binding.prepare()
    monkeypatch.setattr("container.language.expression.code._compiled", None)
    found, _ = binding.aim(event_scope(event_name="purchase", items=[{"id": "1"}], x="A")).render()
    assert json.loads("".join(map(str, found.envelope.before))) == {"name": "purchase", "items": [{"id": "1"}]}


VALUES = """
params: {properties: {account: {type: string, default: "7"}, count: {type: integer}}}
target: "{{ params.account }} t"
request: {url: "https://e.org/", json: {a: "{{ params.account }}", n: "{{ params.count }}"}}
"""


def test_parameters_that_are_values() -> None:
    bench = Workbench()
    template = bench.template(VALUES)
    for given, content in (({"count": "5"}, {"a": "7", "n": 5}), ({"account": "8"}, {"a": "8"})):
        binding = bind_values(template, given, bench.context)
        assert binding is not None
        assert binding.aim(event_scope()).render()[0].content == content


@pytest.mark.parametrize(
    ("given", "told"), [({"count": "five"}, "`count` takes a whole number"), ({"none": 1}, "`none` is no parameter")]
)
def test_parameters_that_are_no_such_values(given: dict[str, Any], told: str) -> None:
    bench = Workbench()
    with pytest.raises(Invalid, match=told):
        bind_values(bench.template(VALUES), given, bench.context)


def test_parameters_may_be_given_over_a_tags_own() -> None:
    bench = Workbench()
    binding = bench.binding(REQUEST.format(request='json: {a: "{{ params.account }}"}', more=""), PARAMS)
    assert binding is not None
    other = binding.with_params({"account": "2", "endpoint": "https://test.example.com"})
    assert other.aim(event_scope()).target == "test.example.com 2 purchase"
    assert binding.aim(event_scope()).target == "api.example.com 1 purchase"
