"""One value and one operator, as it may be written."""

from __future__ import annotations

from typing import Any

import pytest
from speaking import condition, condition_problems, context, holds, node, scope

from container.language.conditions import compile_conditions

EVENT: dict[str, Any] = {"market": "DE", "ten": 10}


def test_text_around_expressions() -> None:
    yaml = '- {value: "{{ event.market }}-{{ event.ten }}", equals: DE-10}'
    assert holds(yaml, EVENT)
    assert not holds(yaml, {})


@pytest.mark.parametrize(
    ("yaml", "code", "column", "hint"),
    [
        ('- {value: event.value, equals: "1"}', "constant-value", 11, '"{{ event.value }}"'),
        ("- {value: market, equals: DE}", "constant-value", 11, "{{ event.…"),
        ('- {value: "{{ event.a }}", equal: DE}', "unknown-operator", 28, "`equals`"),
        ('- {value: "{{ event.a }}", regex: DE}', "unknown-operator", 28, "`matches_regex`"),
        ('- {value: "{{ event.a }}", less_than: 1,50}', "unknown-operator", 41, "decimals with a point: 1.50"),
        ('- {value: "{{ event.a }}", contians: DE}', "unknown-operator", 28, "`contains`"),
        ('- {value: "{{ event.a }}", does_not_contain: DE}', "unknown-operator", 28, "not: {value: …, contains: …}"),
        ('- {value: "{{ event.a }}", not_equals: DE}', "unknown-operator", 28, "not: {value: …, equals: …}"),
        ('- {value: "{{ event.a }}", is_not: DE}', "unknown-operator", 28, "`is: absent` or `is: present`, or not:"),
        ('- {value: "{{ event.a }}", equals: DE, contains: D}', "bad-condition", 40, "two conditions"),
        ('- {value: "{{ event.a }}"}', "missing-operator", 3, "equals"),
        ("- {equals: DE}", "missing-value", 3, "value:"),
        ("- {value: [1], equals: DE}", "missing-value", 11, "value:"),
        ('- {value: "{{ event.a }}", equals: ""}', "empty-operand", 36, "is: absent"),
        ('- {value: "{{ event.a }}", equals: null}', "empty-operand", 36, "is: absent"),
        ('- {value: "{{ event.a }}", equals: []}', "empty-operand", 36, ""),
        ('- {value: "{{ event.a }}", equals: {a: 1}}', "wrong-type", 36, ""),
        ('- {value: "{{ event.a }}", less_than: ten}', "wrong-type", 39, ""),
        ('- {value: "{{ event.a }}", is: there}', "wrong-type", 32, "equals"),
        ('- {value: "{{ event.a }}", is: [present]}', "wrong-type", 33, "equals"),
        ('- {value: "{{ event.a }}", is: present, ignore_case: true}', "bad-condition", 41, "leave"),
        ('- {value: "{{ event.a }}", equals: a, ignore_case: yes}', "wrong-type", 52, ""),
        ("- {value: \"{{ event.a }}\", matches_regex: '('}", "bad-regex", 43, ""),
        ("- {value: \"{{ event.a }}\", matches_regex: ['a', '(?=x)']}", "bad-regex", 49, ""),
        ('- {value: "{{ event.a }}", matches_regex: "{{ event.b }}"}', "not-constant", 43, "env.X"),
        ('- {value: "{{ foo }}", equals: a}', "unknown-name", 15, ""),
        ('- {value: "{{ event.a }}", equals: "{{ foo }}"}', "unknown-name", 40, ""),
    ],
)
def test_refused(yaml: str, code: str, column: int, hint: str) -> None:
    found = condition_problems(yaml)
    assert (code, column) in [(one.code, one.column) for one in found], found
    assert any(hint in one.hint for one in found), found


@pytest.mark.parametrize(
    "yaml", ['{value: "{{ secret.A }}", equals: x}', '{value: "{{ event.a }}", equals: "{{ secret.A }}"}']
)
def test_a_secret_is_not_compared(yaml: str) -> None:
    known = context(environment={"A": "very secret"})
    found = compile_conditions(node(yaml), known)
    assert {one.code for one in known.problems} == {"secret-normalised"}
    assert not found.holds(scope({"a": "very secret"}))


def test_a_pattern_from_the_environment() -> None:
    assert holds('- {value: "{{ event.market }}", matches_regex: "{{ env.M }}"}', EVENT, environment={"M": "^D"})



@pytest.mark.parametrize(
    ("operand", "found"),
    [
        ('"{{ event.b }}"', True),
        ('["{{ event.none }}", "{{ event.b }}"]', True),
        ('[x, "{{ event.b }}"]', True),
        ('[y, "{{ event.none }}"]', False),
        ('"{{ event.none }}"', False),
        ('"{{ event.list }}"', True),
        ('["{{ event.list }}", z]', True),
    ],
)
def test_operands_that_only_the_event_knows(operand: str, found: bool) -> None:
    yaml = f'- {{value: "{{{{ event.a }}}}", starts_with: {operand}}}'
    assert holds(yaml, {"a": "abc", "b": "ab", "list": ["z", "a"]}) is found
    assert not holds(yaml, {"b": "ab"}), "what is absent begins with nothing"


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ('{value: "{{ event.a }}", equals: [A, "{{ event.b }}"]}', "event.a equals [A, event.b]"),
        ('{value: "{{ event.a }}-{{ event.b }}", is: present}', "{{ event.a }}-{{ event.b }} is present"),
        ("{value: '{{ event.a }}', matches_regex: '^{{2}'}", "event.a matches_regex ^{{2}"),
    ],
)
def test_what_a_record_calls_it(yaml: str, told: str) -> None:
    [check] = condition(yaml).explain(scope({}))
    assert check.check == told
