"""Shapes: what they render to, what is refused, what proofs can see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import context, expression, node, rendered, scope, shape, shape_problems

from container.call import Secret
from container.language.expression import Scope
from container.language.shape import (
    ABSENT,
    EachShape,
    Leaf,
    LiteralShape,
    TextShape,
    compile_expression,
    compile_text,
    constant_text,
)
from container.language.shape.nodes import walk
from container.node import Scalar
from container.problems import Place

EVENT: dict[str, Any] = {
    "value": Decimal("149.90"),
    "zero": 0,
    "no": False,
    "empty": "",
    "nothing": {},
    "event_name": "purchase",
    "items": [{"item_id": 1, "quantity": 2}, {"item_id": "B"}, {}],
    "email": "mary@example.com",
    "emails": ["mary@example.com", "", "jo@example.com"],
    "tier": {"level": "gold", "since": 2020},
    "lines": [{"id": "a", "tags": ["x", "y"]}, {"id": "b", "tags": "z"}],
}


# scalars


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12),
        ("-1.50", Decimal("-1.50")),
        ("1e3", Decimal(1000)),
        ("'true'", "true"),
        ("'12'", "12"),
        ("012", "012"),
        ("+47", "+47"),
        (".5", ".5"),
        ("NO", "NO"),
        ("True", "True"),
        ("~", "~"),
        ("1_000", "1_000"),
        ("text", "text"),
        ("{}", {}),
        ("[]", []),
        ('"{{ event.value }}"', Decimal("149.90")),
        ('" {{ event.value }} "', Decimal("149.90")),
        ('"{{ event.zero }}"', 0),
        ('"{{ event.no }}"', False),
        ('"{{ event.value }} EUR"', "149.9 EUR"),
        ('"{{ event.event_name }}.{{ event.zero }}"', "purchase.0"),
        ('"{{ event.no }}!"', "false!"),
        ('"{{ event.tier }}!"', '{"level":"gold","since":2020}!'),
        ('"{{ event.missing }} EUR"', ABSENT),
        ('"{{ event.empty }} EUR"', ABSENT),
        ('"{{ event.missing }}"', ABSENT),
        ('"{{ event.empty }}"', ABSENT),
        ('"{{ event.nothing }}"', ABSENT),
        ('"{{ null }}"', ABSENT),
        ("|\n  {{ event.value }}\n", Decimal("149.90")),
    ],
)
def test_scalars(yaml: str, found: Any) -> None:
    result = rendered(yaml, EVENT)
    assert result == found
    assert result.__class__ is found.__class__


def test_secrets_are_parts() -> None:
    known = {"TOKEN": "very secret"}
    assert rendered('"{{ secret.TOKEN }}"', environment=known) == Secret("TOKEN")
    assert rendered('"Bearer {{ secret.TOKEN }}!"', environment=known) == ("Bearer ", Secret("TOKEN"), "!")
    over = Scope(local={"params": {"token": ("Bearer ", Secret("TOKEN"))}})
    outer = shape('"x {{ params.token }}"', locals=frozenset({"params"}))
    assert outer.render(over) == ("x ", "Bearer ", Secret("TOKEN"))


# mappings and lists


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{a: "{{ event.missing }}", b: 1}', {"b": 1}),
        ('{a: "{{ event.missing }}"}', ABSENT),
        ('{a: {b: {c: "{{ event.missing }}"}}, d: 1}', {"d": 1}),
        ('{a: ["{{ event.missing }}"], d: 1}', {"d": 1}),
        ('["{{ event.missing }}", 1]', [1]),
        ('["{{ event.missing }}"]', ABSENT),
        ('{a: null, b: "", c: {}, d: []}', {"a": None, "b": "", "c": {}, "d": []}),
        ("{$$key: 1, a$: 2}", {"$key": 1, "a$": 2}),
        ("{$$$key: 1}", {"$$key": 1}),
    ],
)
def test_what_is_absent_goes(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$each: "{{ event.items }}", $value: "{{ item.item_id | text }}"}', ["1", "B"]),
        (
            '{$each: "{{ event.items }}", id: "{{ item.item_id }}", quantity: "{{ item.quantity ?? 1 }}"}',
            [{"id": 1, "quantity": 2}, {"id": "B", "quantity": 1}],
        ),
        ('{$each: "{{ event.items }}", $value: "{{ index }}"}', [0, 1]),
        ('{$each: "{{ event.email }}", $value: "{{ item | upper }}"}', ["MARY@EXAMPLE.COM"]),
        ('{$each: "{{ event.emails }}", mail: "{{ item }}", type: literal}', 2 * [...]),
        ('{$each: "{{ event.missing }}", type: literal}', ABSENT),
        ('{$each: "{{ event.items }}", x: "{{ item.missing }}"}', ABSENT),
        ('{$each: [DE, AT], country: "{{ item }}"}', [{"country": "DE"}, {"country": "AT"}]),
        (
            '{$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: {value: "{{ item.value }}"}}',
            {"level": {"value": "gold"}, "since": {"value": 2020}},
        ),
        (
            '{$each: "{{ event.tier }}", name: "{{ item.key }}", is: "{{ item.value }}"}',
            [{"name": "level", "is": "gold"}, {"name": "since", "is": 2020}],
        ),
        ('{$each: "{{ event.tier }}", level: "{{ item.level }}"}', [{"level": "gold"}]),
        (
            '{$each: "{{ event.items }}", $key: "{{ item.item_id }}", n: "{{ item.quantity ?? 1 }}"}',
            {"1": {"n": 2}, "B": {"n": 1}},
        ),
        (
            '{$each: "{{ event.lines }}", $as: line, id: "{{ line.id }}", '
            'tags: {$each: "{{ line.tags }}", $value: "{{ line.id }}-{{ item }}"}}',
            [{"id": "a", "tags": ["a-x", "a-y"]}, {"id": "b", "tags": ["b-z"]}],
        ),
        (
            '{$each: "{{ event.items }}", $if: "{{ item.quantity }}", id: "{{ item.item_id }}"}',
            [{"id": 1}],
        ),
    ],
)
def test_each(yaml: str, found: Any) -> None:
    if isinstance(found, list) and ... in found:
        found = [{"mail": mail, "type": "literal"} for mail in EVENT["emails"] if mail]
    assert rendered(yaml, EVENT) == found


def test_each_in_a_list_is_spliced() -> None:
    yaml = """
    - {fixed: 1}
    - {$each: "{{ event.emails }}", mail: "{{ item }}"}
    - {phone: "{{ event.missing }}"}
    - {$each: "{{ event.missing }}", x: 1}
    - {$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: 1}
    """
    assert rendered(yaml, EVENT) == [
        {"fixed": 1},
        {"mail": "mary@example.com"},
        {"mail": "jo@example.com"},
        {"level": 1, "since": 1},
    ]


def test_names_of_each_end_with_it() -> None:
    yaml = '{a: {$each: "{{ event.emails }}", $value: "{{ item }}"}, b: "{{ item }}"}'
    over = scope(EVENT).with_local(item="outer")
    assert shape(yaml, locals=frozenset({"item"})).render(over)["b"] == "outer"
    assert [found.code for found in shape_problems(yaml)] == ["unknown-name"]


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$if: "{{ event.value }}", $value: [LDU], $else: []}', ["LDU"]),
        ('{$if: "{{ event.zero }}", $value: [LDU], $else: []}', []),
        ('{$if: "{{ event.missing }}", $value: [LDU]}', ABSENT),
        ('{$if: "{{ event.value > 100 }}", a: 1, b: "{{ event.missing }}"}', {"a": 1}),
        ('{$if: "{{ event.value > 200 }}", a: 1, $else: {b: 2}}', {"b": 2}),
        ("{$if: true, $value: 1}", 1),
    ],
)
def test_if(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


@pytest.mark.parametrize(
    ("yaml", "found"),
    [
        ('{$base: "{{ event.tier }}", level: silver}', {"level": "silver", "since": 2020}),
        ('{$base: "{{ event.tier }}", level: "{{ event.missing }}"}', {"level": "gold", "since": 2020}),
        ('{$base: "{{ event.missing }}", level: silver}', {"level": "silver"}),
        ('{$base: "{{ event.value }}", level: silver}', {"level": "silver"}),
        ('{$base: "{{ event.missing }}", level: "{{ event.missing }}"}', ABSENT),
        ('{$base: {a: 1, b: 2}, b: 3}', {"a": 1, "b": 3}),
        ('{$base: "{{ event.tier }}"}', {"level": "gold", "since": 2020}),
        ('{$override: "{{ event.tier }}", level: silver, x: 1}', {"level": "gold", "since": 2020, "x": 1}),
        ('{$override: {level: "", x: null}, level: silver}', {"level": "silver"}),
        ('{$override: "{{ event.missing }}", level: silver}', {"level": "silver"}),
        (
            '{$base: {a: 1, b: 1, c: 1}, b: 2, c: 2, $override: {c: 3}}',
            {"a": 1, "b": 2, "c": 3},
        ),
        (
            '{$each: "{{ event.lines }}", $base: "{{ item }}", tags: 1}',
            [{"id": "a", "tags": 1}, {"id": "b", "tags": 1}],
        ),
    ],
)
def test_base_and_override(yaml: str, found: Any) -> None:
    assert rendered(yaml, EVENT) == found


def test_rendering_changes_no_event() -> None:
    before = repr(EVENT)
    rendered('{a: {$base: "{{ event.tier }}", level: 1}, b: {$override: "{{ event.tier }}", level: 1}}', EVENT)
    assert repr(EVENT) == before


# what is refused


@pytest.mark.parametrize(
    ("yaml", "code", "column", "hint"),
    [
        ("{$foo: 1}", "unknown-directive", 2, "`$$foo`"),
        ('{$eech: "{{ event.items }}"}', "unknown-directive", 2, "`$each`"),
        ("{a: 1, $value: 2}", "bad-directive", 8, ""),
        ("{$value: 2}", "bad-directive", 2, ""),
        ("{$else: 2}", "bad-directive", 2, ""),
        ("{$key: 2}", "bad-directive", 2, ""),
        ("{$as: line}", "bad-directive", 2, ""),
        ('{$each: "{{ event.items }}", $value: 1, a: 2}', "bad-directive", 41, "$value"),
        ('{$each: "{{ event.items }}", $base: {}, $value: 2}', "bad-directive", 30, "$value"),
        ('{$each: "{{ event.items }}", $as: event, $value: 2}', "bad-directive", 35, "line"),
        ('{$each: "{{ event.items }}", $as: [a], $value: 2}', "bad-directive", 35, "line"),
        ('{"{{ event.a }}": 1}', "bad-key", 2, "$key"),
        ('{$if: [1], $value: 2}', "bad-directive", 2, "one expression"),
    ],
)
def test_refused(yaml: str, code: str, column: int, hint: str) -> None:
    found = shape_problems(yaml)
    assert (code, column) in [(one.code, one.column) for one in found]
    assert any(hint in one.message + one.hint for one in found)


def test_all_problems_at_once() -> None:
    found = shape_problems('a: "{{ foo }}"\nb: ["{{ bar }}", {$x: 1}]\nc: "{{ d"\n')
    assert [(one.line, one.code) for one in found] == [
        (1, "unknown-name"),
        (2, "unknown-name"),
        (2, "unknown-directive"),
        (3, "unpaired-braces"),
    ]


# for proofs


def test_leaves() -> None:
    found = shape(
        """
        data:
          - {$each: "{{ event.emails }}", mail: "{{ item }}"}
          - fixed: x
        map: {$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: {v: "{{ item.value }}"}}
        choice: {$if: "{{ event.zero }}", $value: "{{ event.a }}", $else: 5}
        based: {$base: "{{ event.tier }}", own: "a {{ event.b }}"}
        over: {$override: {o: 1}, own: 2}
        """
    )
    paths = [path for path, _ in found.leaves()]
    assert paths == [
        ("data", "*", "mail"),
        ("data", "*", "fixed"),
        ("map", "*", "v"),
        ("choice",),
        ("choice",),
        ("based", "*"),
        ("based", "own"),
        ("over", "o"),
        ("over", "own"),
    ]
    kinds = {type(leaf) for _, leaf in found.leaves()}
    assert kinds == {Leaf, LiteralShape, TextShape}


def test_expressions_are_all_there() -> None:
    found = shape('{$each: "{{ event.a }}", $key: "{{ item.k }}", $if: "{{ event.b }}", $value: "{{ event.c }}"}')
    assert {one.text for one in found.expressions()} == {"event.a", "item.k", "event.b", "event.c"}


def test_walk_finds_what_pairs_are_gone_through() -> None:
    found = shape('{a: {$each: "{{ event.a }}", $value: "{{ item.key }}"}, b: {$each: "{{ event.a }}", $value: 1}}')
    assert [one.pairs for one in walk(found.tree) if isinstance(one, EachShape)] == [True, False]


def test_constant() -> None:
    assert shape('{a: 1, b: "{{ env.A }}", c: "{{ secret.A }}"}', environment={"A": "1"}).constant
    assert not shape('{a: ["{{ event.a }}"]}').constant


# single texts


def test_compile_text_keeps_the_type() -> None:
    found = compile_text(Scalar(Place("a.yaml"), "{{ event.value }}", True), context())
    assert found.render(scope(EVENT)) == Decimal("149.90")


@pytest.mark.parametrize(
    ("yaml", "hint"),
    [
        ("event.value", 'write "{{ event.value }}"'),
        ('"x {{ event.value }}"', "around the braces"),
        ("[1]", "{{ event.…"),
    ],
)
def test_where_only_an_expression_makes_sense(yaml: str, hint: str) -> None:
    known = context()
    assert compile_expression(node(yaml), known) is None
    (found,) = known.problems
    assert found.code == "not-an-expression"
    assert hint in found.hint


def test_one_expression() -> None:
    known = context()
    found = compile_expression(node('"{{ event.value }}"'), known)
    assert found is not None
    assert found.tree == expression("event.value").tree
    assert compile_expression(node('"{{ foo }}"'), known) is None
    assert [one.code for one in known.problems] == ["unknown-name"]


def test_constant_text() -> None:
    known = context(environment={"HOST": "shop.example", "TOKEN": "very secret"})
    assert constant_text(Scalar(Place("a.yaml"), "https://{{ env.HOST }}/x", True), known) == "https://shop.example/x"
    assert constant_text(Scalar(Place("a.yaml"), "{{ secret.TOKEN }}", True), known) == "very secret"
    assert constant_text(Scalar(Place("a.yaml"), "0123"), known) == "0123"
    assert not len(known.problems)


@pytest.mark.parametrize(
    ("text", "code"),
    [("{{ event.a }}", "not-constant"), ("{{ secret.B }}", "missing-secret"), ("{{ x", "unpaired-braces")],
)
def test_text_that_is_not_known_at_load(text: str, code: str) -> None:
    known = context(environment={"A": "1"})
    assert constant_text(Scalar(Place("a.yaml"), text, True), known) == ""
    assert [one.code for one in known.problems] == [code]


def nested(levels: int, inner: str, around: str) -> str:
    """`inner` in so many levels of `around`."""
    for _ in range(levels):
        inner = around % inner
    return inner


def test_each_in_each() -> None:
    yaml = nested(8, '"{{ item }}"', '{$each: "{{ event.emails }}", $value: %s}')
    found = rendered(yaml, {"emails": ["a", "b"]})
    assert nested_depth(found) == 8
    (problem,) = shape_problems(nested(9, '"{{ item }}"', '{$each: "{{ event.emails }}", $value: %s}'))
    assert (problem.code, problem.hint) == ("too-deep", "give an inner part a name in `let`")


def nested_depth(found: Any) -> int:
    return 1 + nested_depth(found[0]) if isinstance(found, list) else 0


def test_what_is_written_deepest_still_renders() -> None:
    pipes = " | text" * 40
    leaf = '{a: "{{ event.email' + pipes + ' }}"}'
    ifs = nested(44, leaf, '{$if: "{{ event.email }}", $value: %s}')
    assert rendered(ifs, EVENT) == {"a": "mary@example.com"}
    assert rendered(ifs, {}) is ABSENT
