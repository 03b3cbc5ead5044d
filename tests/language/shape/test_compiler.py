"""From YAML to shapes: what is refused, and single texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import context, expression, nested, node, rendered, scope, shape_problems

from container.language.shape import compile_expression, compile_text, constant_text
from container.language.shape.compiler import typed
from container.node import Scalar
from container.problems import Place


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


def test_compile_text_keeps_the_type() -> None:
    found = compile_text(Scalar(Place("a.yaml"), "{{ event.value }}", True), context())
    assert found.render(scope({"value": Decimal("149.90")})) == Decimal("149.90")


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


def test_each_in_each() -> None:
    yaml = nested(8, '"{{ item }}"', '{$each: "{{ event.emails }}", $value: %s}')
    found = rendered(yaml, {"emails": ["a", "b"]})
    assert nested_depth(found) == 8
    (problem,) = shape_problems(nested(9, '"{{ item }}"', '{$each: "{{ event.emails }}", $value: %s}'))
    assert (problem.code, problem.hint) == ("too-deep", "give an inner part a name in `let`")


def nested_depth(found: Any) -> int:
    return 1 + nested_depth(found[0]) if isinstance(found, list) else 0



@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("null", None), ("12", 12), ("-0.50", Decimal("-0.50")), ("1e2", Decimal(100)), ("01", "01")],
)
def test_what_is_unquoted_is_read_as_json_and_what_is_quoted_is_text(text: str, value: Any) -> None:
    found = typed(Scalar(Place("a.yaml"), text))
    assert found == value and found.__class__ is value.__class__
    assert typed(Scalar(Place("a.yaml"), text, quoted=True)) == text


def test_a_number_that_is_none_anybody_can_hold_is_text() -> None:
    assert typed(Scalar(Place("a.yaml"), "1e999999999")) == "1e999999999"
    assert typed(Scalar(Place("a.yaml"), "١٢")) == "١٢"
