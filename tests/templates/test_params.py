"""A template's parameters, and what a tag gives for them."""

from __future__ import annotations

import pytest
from writing import Workbench, event_scope

from container.errors import Invalid
from container.templates.params import Parameter

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


@pytest.mark.parametrize(
    ("type", "value", "read"),
    [
        ("string", 10.0, "10"),
        ("string", {"a": 1}, None),
        ("integer", "7.0", 7),
        ("integer", "7.5", None),
        ("boolean", "no", False),
        ("boolean", ["yes"], None),
        ("object", "{}", None),
        ("array", "x", ["x"]),
        ("array", ["x"], ["x"]),
        ("tree", [{"a": 1}], [{"a": 1}]),
    ],
)
def test_a_value_is_read_as_its_type_or_is_none(type: str, value: object, read: object) -> None:
    assert Parameter("p", type).read(value) == read


def test_what_a_parameter_takes_is_said_in_words() -> None:
    assert Parameter("p", "integer").wants == "a whole number"
    assert Parameter("p", "string", enum=("web", "app")).wants == "one of web, app"
    assert Parameter("p").wants == "a value"


def told(params: str) -> list[tuple[str, str]]:
    bench = Workbench()
    template = bench.template(PARAMS.replace("account: {type: string}", "account: {type: string, description: whose}"))
    indented = "\n".join(f"  {row}" for row in params.splitlines())
    bench.tag(f"template: own\ntriggers: [all_events]\nparams:\n{indented}", {"own": template})
    return [(problem.message, problem.hint) for problem in bench.problems]


def test_a_misspelt_parameter_counts_as_the_one_that_was_meant() -> None:
    [(message, hint)] = told("acount: a")
    assert message == "the template has no parameter `acount`"
    assert "account" in hint, "and is not missed as well"


def test_a_missing_one_is_told_with_its_description() -> None:
    assert told("count: 1") == [("the template needs the parameter `account`", "write `account: …` (whose)")]


# --- secrets

SECRETS = """
params:
  properties:
    account: {type: string}
    token: {type: string, format: secret}
target: "{{ params.account }} t"
request: {url: https://e.org/, headers: {Authorization: "Bearer {{ params.token }}"}, json: {a: "{{ params.account }}"}}
"""


def codes(params: str, variables: str = "{}") -> list[str]:
    bench = Workbench(variables)
    bench.binding(SECRETS, params)
    return bench.codes


def with_token(value: str) -> str:
    return f'account: "1"\ntoken: {value}'


def test_a_secret_parameter_takes_a_secret_and_nothing_else() -> None:
    for value in ("abc", '"{{ env.ACCOUNT }}"', '"{{ event.value }}"', '"Bearer {{ secret.TOKEN }}"'):
        assert codes(with_token(value)) == ["secret-literal"], value
    assert codes('account: "{{ secret.TOKEN }}"') == ["secret-misplaced"]


def test_a_variable_whose_every_value_is_a_secret() -> None:
    every = 'token: {lookup: "{{ event.x }}", table: {a: "{{ secret.TOKEN }}"}, default: "{{ secret.OTHER }}"}'
    some = every.replace('"{{ secret.OTHER }}"', "other")
    params = with_token('"{{ var.token }}"')
    assert codes(params, variables=every) == []
    assert codes(params, variables=some) == ["secret-literal"]


def test_a_value_of_another_form_than_the_vendor_gives_is_told_and_stops_nothing() -> None:
    digits = PARAMS.replace("account: {", "account: {pattern: '^[0-9]+$', description: its number, ")
    assert digits != PARAMS
    for account, told in (("12a3", ["unlikely-parameter"]), ("0123", [])):
        bench = Workbench()
        template = bench.template(digits)
        assert bench.tag(f"template: own\ntriggers: [all_events]\nparams: {{account: {account}}}", {"own": template})
        assert bench.codes == told
        assert [(one.severity, one.message, one.hint) for one in bench.problems] == [
            ("warning", "`account` looks wrong: the vendor will refuse `12a3`", "its number") for _ in told
        ]


def test_a_pattern_that_is_none_is_told() -> None:
    bench = Workbench()
    bench.template(PARAMS.replace("account: {", "account: {pattern: '(', "))
    assert bench.codes == ["bad-regex"]
