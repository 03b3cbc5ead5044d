"""Conditions: every operator, groups, records, what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from speaking import condition, condition_problems, context, holds, node, scope

from container.language.conditions import OPERATORS, SCHEMA, Check, compile_conditions
from container.language.expression import Scope

EVENT: dict[str, Any] = {
    "event_name": "purchase",
    "page_path": "/Test/a",
    "value": Decimal("149.90"),
    "ten": 10,
    "text": "9",
    "zero": 0,
    "no": False,
    "empty": "",
    "market": "DE",
    "markets": ["DE", "AT"],
    "limit": "100",
}

CASES = {
    "equals": [
        ("event.event_name", "purchase", True),
        ("event.event_name", "Purchase", False),
        ("event.event_name", "[refund, purchase]", True),
        ("event.ten", "'10'", True),
        ("event.ten", "10.0", True),
        ("event.value", "149.9", True),
        ("event.value", "'149.90'", False),
        ("event.no", "false", True),
        ("event.missing", "x", False),
        ("event.empty", "x", False),
        ("event.market", '"{{ event.markets }}"', True),
        ("event.market", '"{{ event.missing }}"', False),
        ("event.missing", '"{{ event.missing }}"', False),
    ],
    "contains": [
        ("event.page_path", "est", True),
        ("event.page_path", "EST", False),
        ("event.page_path", "[x, /a]", True),
        ("event.ten", "1", True),
        ("event.missing", "a", False),
    ],
    "starts_with": [("event.page_path", "/T", True), ("event.page_path", "a", False), ("event.missing", "a", False)],
    "ends_with": [("event.page_path", "/a", True), ("event.page_path", "/T", False), ("event.missing", "a", False)],
    "matches_regex": [
        ("event.page_path", "'^/T'", True),
        ("event.page_path", "'^T'", False),
        ("event.page_path", "['^x', 't/a$']", True),
        ("event.value", r"'^\d+\.9$'", True),
        ("event.missing", "'.*'", False),
        ("event.empty", "'.*'", False),
    ],
    "less_than": [
        ("event.value", "150", True),
        ("event.value", "149.90", False),
        ("event.text", "10", True),
        ("event.text", "'10'", True),
        ("event.event_name", "10", False),
        ("event.missing", "10", False),
        ("event.ten", '"{{ event.limit }}"', True),
        ("event.ten", '"{{ event.event_name }}"', False),
    ],
    "at_most": [("event.value", "149.90", True), ("event.value", "149", False), ("event.missing", "1", False)],
    "greater_than": [
        ("event.value", "0", True),
        ("event.zero", "0", False),
        ("event.value", "[1000, 100]", True),
        ("event.missing", "0", False),
    ],
    "at_least": [("event.zero", "0", True), ("event.missing", "0", False)],
    "is": [
        ("event.zero", "present", True),
        ("event.no", "present", True),
        ("event.empty", "present", False),
        ("event.missing", "absent", True),
        ("event.empty", "absent", True),
        ("event.value", "absent", False),
    ],
}


def test_every_operator_has_cases() -> None:
    assert list(CASES) == list(OPERATORS)


@pytest.mark.parametrize(
    ("value", "operator", "operand", "expected"),
    [(value, operator, operand, expected) for operator, rows in CASES.items() for value, operand, expected in rows],
)
def test_operators(value: str, operator: str, operand: str, expected: bool) -> None:
    yaml = f'- {{value: "{{{{ {value} }}}}", {operator}: {operand}}}'
    assert holds(yaml, EVENT) is expected
    (check,) = condition(yaml).explain(scope(EVENT))
    assert check.passed is expected
    assert holds(f"- not: {yaml.removeprefix('- ')}", EVENT) is not expected


@pytest.mark.parametrize("operator", ["equals", "contains", "starts_with", "ends_with", "matches_regex"])
def test_ignore_case(operator: str) -> None:
    yaml = f'- {{value: "{{{{ event.event_name }}}}", {operator}: PURCHASE, ignore_case: true}}'
    assert holds(yaml, EVENT)
    assert not holds(yaml.replace("true", "false"), EVENT)
    later = yaml.replace("PURCHASE", '"{{ event.upper }}"')
    if operator != "matches_regex":
        assert holds(later, {**EVENT, "upper": "PURCHASE"})


def test_text_around_expressions() -> None:
    yaml = '- {value: "{{ event.market }}-{{ event.ten }}", equals: DE-10}'
    assert holds(yaml, EVENT)
    assert not holds(yaml, {})


def test_all_of_a_list_must_hold() -> None:
    yaml = """
    - {value: "{{ event.ten }}", equals: 10}
    - {value: "{{ event.market }}", equals: DE}
    """
    assert holds(yaml, EVENT)
    assert not holds(yaml, {**EVENT, "market": "NO"})
    assert holds("[]", EVENT)


def test_one_condition_without_a_list() -> None:
    assert holds('{value: "{{ event.ten }}", equals: 10}', EVENT)


def test_groups() -> None:
    yaml = """
    - any:
        - {value: "{{ event.market }}", equals: NO}
        - all:
            - {value: "{{ event.market }}", equals: DE}
            - not: {value: "{{ event.page_path }}", starts_with: /shop}
    """
    assert holds(yaml, EVENT)
    assert holds(yaml, {"market": "NO", "page_path": "/shop"})
    assert not holds(yaml, {"market": "DE", "page_path": "/shop"})


def test_not_of_several_is_not_all_of_them() -> None:
    yaml = '- not: [{value: "{{ event.a }}", equals: 1}, {value: "{{ event.b }}", equals: 1}]'
    assert holds(yaml, {"a": 1, "b": 2})
    assert not holds(yaml, {"a": 1, "b": 1})


def test_the_match_is_a_name() -> None:
    yaml = r"""
    - {value: "{{ event.host }}", matches_regex: '^(\w+)\.shop\.(no|de)$'}
    """
    over = condition(yaml).match(Scope(event={"host": "oslo.shop.no"}))
    assert over is not None
    assert over.local["match"] == ["oslo.shop.no", "oslo", "no"]
    assert condition(yaml).match(Scope(event={"host": "oslo.shop.se"})) is None


def test_the_last_match_counts_and_none_under_not() -> None:
    yaml = """
    - {value: "{{ event.a }}", matches_regex: '(.)$'}
    - any: [{value: "{{ event.b }}", matches_regex: 'zzz'}, {value: "{{ event.b }}", matches_regex: '^(.)'}]
    - not: {value: "{{ event.a }}", matches_regex: '(nothing)'}
    """
    over = condition(yaml).match(Scope(event={"a": "one", "b": "two"}))
    assert over is not None
    assert over.local["match"] == ["t", "t"]


def test_without_a_regex_the_scope_stays() -> None:
    over = scope(EVENT)
    assert condition('- {value: "{{ event.ten }}", equals: 10}').match(over) is over


def test_the_record() -> None:
    found = condition(
        """
- {value: "{{ event.value }}", greater_than: 0}
- not: {value: "{{ event.page_path }}", matches_regex: '^/test', ignore_case: true}
- any:
    - {value: "{{ var.market }}", equals: [DE, "{{ event.other }}"]}
    - {value: "{{ event.coupon }}", is: present}
""",
    ).explain(Scope(event=EVENT, known={"market": "NO"}))
    assert found == [
        Check("event.value greater_than 0", True, {"event.value": Decimal("149.90")}, "a.yaml:2"),
        Check("not event.page_path matches_regex ^/test", False, {"event.page_path": "/Test/a"}, "a.yaml:3"),
        Check("var.market equals [DE, event.other]", False, {"var.market": "NO", "event.other": None}, "a.yaml:5"),
        Check("event.coupon is present", False, {"event.coupon": None}, "a.yaml:6"),
    ]


def test_expressions_are_all_there() -> None:
    found = condition(
        '- any: [{value: "{{ event.a }}", equals: "{{ var.b }}"}, {not: {value: "{{ event.c }}", is: absent}}]'
    )
    assert [one.text for one in found.expressions()] == ["event.a", "var.b", "event.c"]


@pytest.mark.parametrize(
    ("yaml", "code", "column", "hint"),
    [
        ('- {value: event.value, equals: "1"}', "constant-value", 11, '"{{ event.value }}"'),
        ("- {value: market, equals: DE}", "constant-value", 11, "{{ event.…"),
        ('- {value: "{{ event.a }}", equal: DE}', "unknown-operator", 28, "`equals`"),
        ('- {value: "{{ event.a }}", regex: DE}', "unknown-operator", 28, "`matches_regex`"),
        ('- {value: "{{ event.a }}", contians: DE}', "unknown-operator", 28, "`contains`"),
        ('- {value: "{{ event.a }}", does_not_contain: DE}', "unknown-operator", 28, "not: {value: …, contains: …}"),
        ('- {value: "{{ event.a }}", not_equals: DE}', "unknown-operator", 28, "not: {value: …, equals: …}"),
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
        ("- any: []", "bad-condition", 8, "event.value"),
        ("- not: []", "bad-condition", 8, "event.value"),
        ('- {any: [{value: "{{ event.a }}", is: present}], not: {}}', "bad-condition", 50, "of its own"),
        ("- event.value > 0", "bad-condition", 3, "value:"),
    ],
)
def test_refused(yaml: str, code: str, column: int, hint: str) -> None:
    found = condition_problems(yaml)
    assert (code, column) in [(one.code, one.column) for one in found], found
    assert any(hint in one.hint for one in found), found


def test_all_problems_at_once() -> None:
    found = condition_problems(
        """
- {value: "{{ foo }}", equals: ''}
- {value: "{{ event.a }}", equal: 1}
- any: [{value: "{{ event.b }}", matches_regex: '('}]
"""
    )
    assert [(one.line, one.code) for one in found] == [
        (2, "unknown-name"),
        (2, "empty-operand"),
        (3, "unknown-operator"),
        (4, "bad-regex"),
    ]


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
    ("example", "fine"),
    [
        ([{"value": "{{ event.a }}", "equals": ["DE", 5]}], True),
        ([{"not": {"value": "{{ event.a }}", "is": "present"}}], True),
        ([{"any": [{"all": [{"value": "{{ event.a }}", "less_than": 5, "ignore_case": True}]}]}], True),
        ([{"value": "{{ event.a }}"}], False),
        ([{"value": "{{ event.a }}", "equal": 1}], False),
        ([{"value": "{{ event.a }}", "is": "there"}], False),
        ([{"any": []}], False),
    ],
)
def test_schema(example: Any, fine: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(example) is fine
