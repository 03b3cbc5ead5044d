"""The grammar: what binds how tight, and where a text stops being an expression."""

from __future__ import annotations

from decimal import Decimal

import pytest
from speaking import expression, problem, value

from container.language.expression import Alternatives, Compare, Literal, Not, Or, Path, Pipe


def test_a_whole_number_is_an_integer() -> None:
    assert value("5").__class__ is int
    assert value("5.0").__class__ is Decimal


def test_binding() -> None:
    tree = expression("not event.a ?? 1 == 2 or event.b").tree
    compared = Compare("==", Alternatives((Path("event", ("a",)), Literal(1))), Literal(2))
    assert tree == Or((Not(compared), Path("event", ("b",))))


def test_a_pipe_takes_all_before_it() -> None:
    tree = expression("event.a ?? event.b | hashed(email)").tree
    either = Alternatives((Path("event", ("a",)), Path("event", ("b",))))
    assert tree == Pipe(either, "hashed", (Literal("email"),))


@pytest.mark.parametrize(
    ("text", "column", "length", "hint"),
    [
        ("", 1, 1, "event.value"),
        ("event.value >", 14, 1, ""),
        ("event.value = 1", 13, 1, "`==`"),
        ("event.a && event.b", 9, 1, "`and`"),
        ("event.a || event.b", 9, 2, "`or`"),
        ("!event.a", 1, 1, "`not`"),
        ("event.a + 1", 9, 1, "no arithmetic"),
        ("event.a ? 1 : 2", 9, 1, "lookup"),
        ("event.a < 1 < 2", 13, 1, "`and`"),
        ("event.a in [1] in [2]", 16, 2, "`and`"),
        ("event.'a'", 6, 1, "key"),
        ("'abc", 1, 4, "closing '"),
        ("(event.a", 9, 1, "close"),
        ("event.a)", 8, 1, ""),
        ("[1, 2", 6, 1, "]"),
        ("event[a]", 7, 1, 'event["a b"]'),
        ("event[-1]", 7, 2, 'event["a b"]'),
        ("event.a |", 10, 1, ""),
        ("event.a | 5", 11, 1, ""),
        ("event.a | lower(", 17, 1, ""),
        ("{{ event.a }}", 1, 1, "whole expression"),
        ("1e999", 1, 5, ""),
        ("event.a and", 12, 1, ""),
        ("event.items | find(take: value, name)", 33, 4, ""),
        ("event.value | number > 0", 22, 1, "(event.value | number) > …"),
        ("event.a | trim ?? event.b", 16, 2, "(event.a | trim) ?? …"),
        ("event.a | trim and true", 16, 3, "( )"),
    ],
)
def test_cannot_be_read(text: str, column: int, length: int, hint: str) -> None:
    found = problem(text)
    assert (found.code, found.column, found.length) == ("bad-expression", column, length)
    assert hint in found.hint


def test_nesting_has_an_end() -> None:
    assert value("(" * 19 + "1" + ")" * 19) == 1
    for opening, closing in (("(", ")"), ("[", "]"), ("event.a | replace(", ", 'b')")):
        assert "deep" in problem(opening * 5000 + "1" + closing * 5000).message
    assert "more than" in problem("event.a" + " | trim" * 5000).message


def test_long_chains_are_flat() -> None:
    assert value(" or ".join(["event.nothing"] * 5000 + ["true"])) is True
    assert value(" ?? ".join(["event.nothing"] * 5000 + ["1"])) == 1
