"""What `check` says about a template: each mistake by its code, at its line."""

from __future__ import annotations

import pytest
from writing import Workbench, event_scope

from container.call import Rate
from container.errors import Invalid
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


def test_names_of_let_may_stand_in_any_order() -> None:
    bench = Workbench()
    names = 'name: "{{ b }}"\n  a: "{{ event.x }}"\n  b: "{{ a }}"'
    found = bench.template(GOOD.replace('name: "{{ event.event_name }}"', names))
    assert bench.codes == [] and found.order == ("a", "b", "name")


def test_a_mistake_in_the_contract_brings_no_others() -> None:
    bench = Workbench()
    contract = GOOD.replace("contract: {type: object}", "contract: {properties: {data: {x-hashed: mail}}}")
    bench.binding(contract.replace("{{ name }}", "{{ event.email }}"), 'account: "1"')
    assert bench.codes == ["unknown-hash-rule"]


# --- what a tag gives for its parameters

PARAMS = """
params:
  required: [account]
  properties:
    account: {type: string}
    count: {type: integer, default: 3}
    price: {type: number}
    on: {type: boolean}
    many: {type: array}
    kind: {type: string, enum: [web, app], default: web}
    free: {type: tree}
    part: {type: object}
target: "{{ params.account }} t"
request:
  url: https://e.org/
  json: {p: "{{ params.account }}", count: "{{ params.count }}", price: "{{ params.price }}", on: "{{ params.on }}",
    many: "{{ params.many }}", kind: "{{ params.kind }}", free: "{{ params.free }}"}
"""


def given(params: str, **event: object) -> dict[str, object]:
    bench = Workbench()
    binding = bench.binding(PARAMS, params)
    assert binding is not None and bench.codes == [], bench.codes
    return binding.aim(event_scope(**event)).render()[0].content  # type: ignore[no-any-return]


def test_texts_are_what_is_written() -> None:
    for written in ("0123", "NO", "1.10", "on"):
        assert given(f"account: {written}")["p"] == written


def test_numbers_and_booleans_are_read() -> None:
    found = given('account: a\ncount: "7"\nprice: 1.50\non: "true"\nmany: x\nfree: {a: [1, yes]}')
    assert (found["count"], str(found["price"]), found["on"], found["many"]) == (7, "1.50", True, ["x"])
    assert found["free"] == {"a": [1, "yes"]}


def test_defaults() -> None:
    found = given("account: a")
    assert (found["count"], found["kind"]) == (3, "web")
    assert given('account: a\ncount: "{{ event.n }}"', n="5")["count"] == 5


def test_values_of_the_event_are_read_too() -> None:
    assert given('account: a\non: "{{ event.x == 1 }}"', x=1)["on"] is True
    assert given('account: "{{ event.x }}"', x=12)["p"] == "12"


def test_values_of_the_event_that_do_not_fit() -> None:
    for value in ("soon", [1], {"a": 1}):
        with pytest.raises(Invalid, match="params.count"):
            given('account: a\ncount: "{{ event.n }}"', n=value)
    with pytest.raises(Invalid, match="`account` is required"):
        given('account: "{{ event.n }}"')


@pytest.mark.parametrize(
    ("params", "code", "line"),
    [
        ("acount: a\naccount: a", "unknown-parameter", 1),
        ("count: 3", "missing-parameter", 1),
        ('account: ""', "empty-parameter", 1),
        ("account:", "empty-parameter", 1),
        ("account: a\ncount: three", "wrong-parameter", 2),
        ("account: a\ncount: 1.5", "wrong-parameter", 2),
        ("account: a\non: maybe", "wrong-parameter", 2),
        ("account: a\nkind: wep", "wrong-parameter", 2),
        ("account: a\npart: text", "wrong-parameter", 2),
        ("account: [a]", "wrong-parameter", 1),
        ('account: "{{ env.NOTHING }}"', "missing-environment", 1),
        ('account: "{{ var.none }}"', "unknown-name", 1),
    ],
)
def test_mistakes_of_a_tag(params: str, code: str, line: int) -> None:
    bench = Workbench()
    template = bench.template(PARAMS)
    indented = "\n".join(f"  {row}" for row in params.splitlines())
    bench.tag(f"template: own\ntriggers: [all_events]\nparams:\n{indented}", {"own": template})
    place = (code, "tags/tag.yaml", 3 if code == "missing-parameter" else line + 3)
    if code == "unknown-name":
        assert [found[1:] for found in bench.places] == [place[1:]]
    else:
        assert bench.places == [place]


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
