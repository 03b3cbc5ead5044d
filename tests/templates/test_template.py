"""What `check` says about a template: each mistake by its code, at its line."""

from __future__ import annotations

import pytest
from writing import Workbench

from container.call import Rate
from container.node import Node
from container.problems import Place
from container.templates import compile_templates
from container.workspace.documents import Document

GOOD = """\
title: Own
params:
  required: [account]
  properties:
    account: {type: string}
let:
  name: "{{ event.event_name }}"
target: "{{ params.account }} {{ name }}"
request:
  url: https://api.example.com/
  json: {data: [{name: "{{ name }}"}]}
batch: {join: data, most: 5, split_on_refusal: true}
age: 7d
ambiguous_retry: "{{ event.event_id }}"
contract: {type: object}
response: {retry: "{{ status >= 500 }}", delivered: "{{ status == 200 }}"}
"""


def test_a_template_without_a_mistake() -> None:
    bench = Workbench()
    found = bench.template(GOOD)
    assert bench.codes == []
    assert (found.title, found.consent, found.targets_many, found.join) == ("Own", (), False, "data")
    assert (found.rules.most, found.rules.split_on_refusal, found.rules.limit(b"{}")) == (5, True, 604800.0)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("title: Own", "titel: Own", "unknown-key", 1),
        ("required: [account]", "required: [acount]", "unknown-parameter", 3),
        ("{type: string}", "{type: text}", "not-allowed", 5),
        ("event.event_name", "event_name", "unknown-name", 7),
        ("params.account", "params.acount", "unknown-parameter", 8),
        ('"{{ params.account }} {{ name }}"', '"{{ secret.TOKEN }}"', "unknown-name", 8),
        ("json: {data", "json: {date", "unknown-join", 12),
        ('[{name: "{{ name }}"}]', '"{{ event.items }}"', "bad-join", 11),
        ('[{name: "{{ name }}"}]', '[{$each: "{{ event.items }}"}, 2]', "bad-join", 11),
        ("age: 7d", "age: 7 days", "bad-duration", 13),
        ("contract: {type: object}", "contract: {type: objekt}", "bad-contract", 15),
        ("contract: {type: object}", "contract: {properties: {em: {x-hashed: mail}}}", "unknown-hash-rule", 15),
        ("response: {retry:", "response: {again:", "unknown-key", 16),
        ('"{{ status >= 500 }}"', "five hundred", "not-an-expression", 16),
        ('"{{ status >= 500 }}"', '"{{ event.value }}"', "unknown-name", 16),
        ('name: "{{ event.event_name }}"', 'name: "{{ other }}"\n  other: "{{ name }}"', "let-circle", 7),
        ('name: "{{ event.event_name }}"', 'name: "{{ event.x }}"\n  event: 1', "reserved-name", 8),
        ("  json: {data", "  text: x\n  json: {data", "two-bodies", 11),
        ("  json: {data", "  headers: {a b: 1}\n  json: {data", "bad-header", 11),
        ("  json: {data", "  headers: {$base: 1}\n  json: {data", "bad-directive", 11),
        ("age: 7d", "auth: {scheme: bearrer}", "unknown-scheme", 13),
        ("  json: {data", "  method: SEND\n  json: {data", "not-allowed", 11),
        ("age: 7d", "online: {needs: [test], event: {}}", "unknown-parameter", 13),
        ("age: 7d", "online: {params: {test: 1}, event: {}}", "unknown-parameter", 13),
        ("  json: {data", "  timeout: soon\n  json: {data", "bad-duration", 11),
    ],
)
def test_mistakes(old: str, new: str, code: str, line: int) -> None:
    assert old in GOOD
    bench = Workbench()
    bench.template(GOOD.replace(old, new, 1))
    assert (code, "templates/own.yaml", line) in bench.places, bench.places


def test_a_mistake_in_the_contract_brings_no_others() -> None:
    bench = Workbench()
    contract = GOOD.replace("contract: {type: object}", "contract: {properties: {data: {x-hashed: mail}}}")
    bench.binding(contract.replace("{{ name }}", "{{ event.email }}"), 'account: "1"')
    assert bench.codes == ["unknown-hash-rule"]


def test_how_often_the_vendor_may_be_asked() -> None:
    bench = Workbench()
    assert bench.template(GOOD).rules.rate is None
    assert bench.template(GOOD + "rate: {requests: 20, per: 1m}\n").rules.rate == Rate(20, 60.0)
    assert bench.codes == []
    bench.template(GOOD + "rate: {requests: 0, per: 1m}\n")
    bench.template(GOOD + "rate: {requests: 20}\n")
    assert len(bench.codes) == 2


def test_a_template_of_the_gallery_is_compiled_when_somebody_asks_for_it() -> None:
    bench, asked = Workbench(), list[str]()

    def document(id: str, shipped: bool) -> Document:
        def read() -> Node:
            asked.append(id)
            return bench.node(GOOD, f"{id}.yaml")

        return Document("templates", id, read, Place(f"{id}.yaml"), shipped)

    found = compile_templates({id: document(id, id != "own") for id in ("own", "used", "left")}, bench.context)
    assert (list(found), len(found), "left" in found, "none" in found) == (["left", "own", "used"], 3, True, False)
    assert (list(found.own), asked) == (["own"], ["own"])
    assert found["used"] is found["used"] and found["used"].id == "used"
    assert (found.get("none"), asked, bench.codes) == (None, ["own", "used"], [])
