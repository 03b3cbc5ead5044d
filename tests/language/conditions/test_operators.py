"""Every operator, with every kind of value and operand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import condition, holds, scope

from container.language.conditions import OPERATORS
from container.language.conditions.operators import with_constants, with_operands

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


def test_letters_are_compared_in_any_language() -> None:
    assert with_constants("equals", ["STRASSE"], True)("Straße")
    assert with_constants("contains", ["İ"], True)("İstanbul")


def test_an_operand_that_is_nothing_is_found_nowhere() -> None:
    """Every text contains "" and begins with it."""
    for name in ("equals", "contains", "starts_with", "ends_with"):
        assert not with_operands(name, False)("a", ["", None, [], [""]])
        assert not with_constants(name, ["", None], False)("")


def test_of_operands_in_a_list_any_counts() -> None:
    assert with_operands("at_least", False)(5, ["none", [9, 4]])
    assert not with_operands("at_least", False)(5, [[9, 6]])
