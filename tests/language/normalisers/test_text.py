"""Texts, cut and put together."""

from __future__ import annotations

from typing import Any

import pytest
from speaking import problem, value


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        ("split('|')", ["a|b", "c", None], ["a", "b", "c"]),
        ("split(',')", " , ", []),
        ("join('-')", ["a", "", 0, ["x"]], 'a-0-["x"]'),
        ("join('-')", {"a": 1}, '{"a":1}'),
        ("slice(-3)", "é€😀x", "€😀x"),
        ("slice(5)", "abc", ""),
        ("slice(1, 2)", {"a": 1, "b": 2}, {"b": 2}),
        ("replace('.', '')", "1.2.3", "123"),
        ("replace('a', event.none)", "banana", "bnn"),
        ("strip_prefix('a', 'ab')", "abc", "bc"),
        ("strip_prefix('x')", "abc", "abc"),
        ("matching('[a-z]+')", "abc1", None),
        ("matching('a|ab')", "ab", "ab"),
        ("slug", "x" * 150, "x" * 100),
        ("letters", "N\u0303andu", "n\u0303andu"),
        ("boolean", " YES ", True),
        ("boolean", 2, None),
        ("sha256", "\ud800", "8a8de823d5ed3e12746a62ef169bcf372be0ca44f0a1236abc35df05d96928e1"),
    ],
)
def test_text(text: str, given: Any, found: Any) -> None:
    assert value(f"event.a | {text}", {"a": given}) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("matching('(')", "regular expression"),
        ("replace('', 'x')", "may not be empty"),
        ("split('')", "split(',')"),
        ("slice('a')", "start"),
        ("slice(0, true)", "end"),
    ],
)
def test_an_argument_that_makes_no_sense_is_told_at_load(text: str, told: str) -> None:
    assert told in problem(f"event.a | {text}").message
