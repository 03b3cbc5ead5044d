"""Lists and groups of conditions."""

from __future__ import annotations

from typing import Any

import pytest
from speaking import condition_problems, holds

EVENT: dict[str, Any] = {"page_path": "/Test/a", "ten": 10, "market": "DE"}


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
    ("yaml", "told"),
    [
        ("- any: []", [("bad-condition", 8)]),
        ('- any: {value: "{{ event.a }}", is: present}', [("bad-condition", 8)]),
        ("- not: []", [("bad-condition", 8)]),
        ("- text", [("bad-condition", 3)]),
        ('- {not: {value: "{{ event.a }}", is: present}, ignore_case: true}', [("bad-condition", 48)]),
        ('- {any: [{value: "{{ event.a }}", is: present}], all: [{value: "{{ a }}", is: present}]}',
         [("bad-condition", 50), ("unknown-name", 68)]),
    ],
)  # fmt: skip
def test_groups_that_are_none(yaml: str, told: list[tuple[str, int]]) -> None:
    assert [(one.code, one.column) for one in condition_problems(yaml)] == told
