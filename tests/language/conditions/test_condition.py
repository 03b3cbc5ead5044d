"""Compiled conditions: what holds, what a record tells, and what a pattern has matched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from speaking import condition, holds, scope

from container.language.conditions import Check
from container.language.expression import Scope

EVENT: dict[str, Any] = {"page_path": "/Test/a", "value": Decimal("149.90"), "ten": 10, "market": "DE"}


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



def test_under_not_a_check_passes_where_its_condition_does_not_hold() -> None:
    yaml = '- not: [{not: {value: "{{ event.a }}", equals: 1}}, {value: "{{ event.b }}", equals: 2}]'
    found = condition(yaml).explain(scope({"a": 1, "b": 2}))
    assert [(check.check, check.passed) for check in found] == [
        ("event.a equals 1", True),
        ("not event.b equals 2", False),
    ]
    assert holds(yaml, {"a": 1, "b": 2})


def test_the_first_of_several_patterns_that_is_found_has_the_match() -> None:
    yaml = """- {value: "{{ event.a }}", matches_regex: ['z(.)', 'o(.)', '(.)$']}"""
    over = condition(yaml).match(scope({"a": "one"}))
    assert over is not None and over.local["match"] == ["on", "n"]
