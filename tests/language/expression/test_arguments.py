"""Which argument of a normaliser belongs to which of its parameters."""

from __future__ import annotations

import pytest
from speaking import problem, value


def test_arguments_by_name() -> None:
    notes = {"notes": [{"name": "a", "value": 1}]}
    assert value("event.notes | find(key: name, value: 'a', take: value)", notes) == 1



def test_words_may_be_many() -> None:
    assert value("event | without(a, b, c)", {"a": 1, "b": 2, "c": 3, "d": 4}) == {"d": 4}


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("event.a | replace('x')", 11, "needs `new`", "replace("),
        ("event.a | slice(0, 1, 2)", 23, "at most 2 arguments", "slice("),
        ("event.a | hashed(email, name)", 25, "at most 1 argument without", "hashed("),
        ("event.a | lower(1)", 17, "takes no arguments", "lower"),
        ("event.a | find(key: name, key: id, value: 'a')", 27, "given twice", ""),
        ("event.a | lookup(t, els: same)", 21, "no argument `els`", "`else`"),
        ("event.a | only(names: a)", 16, "no argument `names`", "only("),
    ],
)
def test_what_cannot_be_assigned_is_told_where_it_stands(text: str, column: int, message: str, hint: str) -> None:
    found = problem(text, tables={"t": {}})
    assert (found.code, found.column) == ("bad-argument", column)
    assert message in found.message
    assert hint in found.hint
