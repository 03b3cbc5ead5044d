"""The operators of conditions, each compiled to a test of one value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from container.language.patterns import Pattern
from container.language.values import as_text, number, present

OPERATORS: dict[str, str] = {
    "equals": "the same text",
    "contains": "this text is a part of it",
    "starts_with": "it begins with this text",
    "ends_with": "it ends with this text",
    "matches_regex": "this RE2 pattern is found anywhere in it",
    "less_than": "a smaller number",
    "at_most": "a smaller number or the same",
    "greater_than": "a greater number",
    "at_least": "a greater number or the same",
    "is": "`present`: there is a value · `absent`: null, \"\", [] or {}, or nothing at all",
}
TEXTUAL = ("equals", "contains", "starts_with", "ends_with", "matches_regex")
NUMERIC = ("less_than", "at_most", "greater_than", "at_least")

Test = Callable[[Any], bool]
Test2 = Callable[[Any, Iterable[Any]], bool]  # value, operands

_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, operand: operand in text,
    "starts_with": lambda text, operand: text.startswith(operand),
    "ends_with": lambda text, operand: text.endswith(operand),
}
_NUMBER: dict[str, Callable[[Any, Any], bool]] = {
    "less_than": operator.lt,
    "at_most": operator.le,
    "greater_than": operator.gt,
    "at_least": operator.ge,
}


def _written(value: Any, ignore_case: bool) -> str | None:
    text = as_text(value) if present(value) else None
    return text.casefold() if text and ignore_case else text


def with_constants(name: str, operands: Sequence[Any], ignore_case: bool) -> Test:
    """The test against operands known at load."""
    if name in NUMERIC:
        return _any_number(_NUMBER[name], [found for found in map(number, operands) if found is not None])
    texts = [text for text in (_written(operand, ignore_case) for operand in operands) if text]
    if name == "equals":
        known = frozenset(texts)
        return lambda value: _written(value, ignore_case) in known
    return _any_text(_TEXT[name], texts, ignore_case)


def _any_text(holds: Callable[[str, str], bool], texts: list[str], ignore_case: bool) -> Test:
    def test(value: Any) -> bool:
        text = _written(value, ignore_case)
        if text is not None:
            for operand in texts:  # a loop is twice as fast as any() over a generator
                if holds(text, operand):
                    return True
        return False

    return test


def _any_number(holds: Callable[[Any, Any], bool], operands: list[Any]) -> Test:
    def test(value: Any) -> bool:
        found = number(value)
        if found is not None:
            for operand in operands:
                if holds(found, operand):
                    return True
        return False

    return test


def with_operands(name: str, ignore_case: bool) -> Test2:
    """The test against operands that only the event knows; a list among them means any of its elements."""

    def test(value: Any, operands: Iterable[Any]) -> bool:
        flat = [one for operand in operands for one in (operand if isinstance(operand, list) else [operand])]
        return with_constants(name, flat, ignore_case)(value)

    return test


def presence(wanted: bool) -> Test:
    """`is: present` or `is: absent`."""
    return present if wanted else lambda value: not present(value)


def matching(patterns: Sequence[Pattern]) -> Test:
    """Whether one of the patterns is found."""

    def test(value: Any) -> bool:
        text = as_text(value) if present(value) else None
        return text is not None and any(pattern.holds(text) for pattern in patterns)

    return test


def groups(patterns: Sequence[Pattern], value: Any) -> list[str | None] | None:
    """The match and its groups of the first pattern that is found."""
    text = as_text(value) if present(value) else None
    if text is None:
        return None
    return next((found for found in (pattern.groups(text) for pattern in patterns) if found is not None), None)
