"""Literal text and braces: where a part begins, where a problem stands in the file."""

from __future__ import annotations

import pytest
from speaking import context, shape_problems

from container.language.shape import compile_text
from container.language.text import pieces, place_in
from container.node import Scalar
from container.problems import Place


def split(text: str) -> list[tuple[str, bool]] | None:
    found = pieces(Scalar(Place("a.yaml"), text), context())
    return None if found is None else [(piece.text, piece.is_expression) for piece in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("plain", [("plain", False)]),
        ("{{ a }}", [(" a ", True)]),
        ("{{a}}{{b}}", [("a", True), ("b", True)]),
        ("x {{ a }} y", [("x ", False), (" a ", True), (" y", False)]),
        ("{{ '}}' }}", [(" '}}' ", True)]),
        ("{{ \"{{\" }}", [(' "{{" ', True)]),
        ("{ not } an expression", [("{ not } an expression", False)]),
        ("{{ User's Name }}", [(" User's Name ", True)]),
        ("{{ a\n| b }}", [(" a\n| b ", True)]),
    ],
)
def test_pieces(text: str, found: list[tuple[str, bool]]) -> None:
    assert split(text) == found


@pytest.mark.parametrize(
    ("yaml", "line", "column"),
    [
        ('a: "{{ x"', 1, 5),
        ('a: "x }}"', 1, 7),
        ('a: "{{ event.a }} {{ x"', 1, 19),
        ('a: "{{ event.a }} }}"', 1, 19),
        ("a: 'one }} {{ event.a }}'", 1, 9),
    ],
)
def test_unpaired(yaml: str, line: int, column: int) -> None:
    (found,) = shape_problems(yaml)
    assert (found.code, found.line, found.column, found.length) == ("unpaired-braces", line, column, 2)
    assert "meant as text" in found.hint


@pytest.mark.parametrize(
    ("yaml", "line", "column"),
    [
        ('a: "{{ foo }}"', 1, 8),
        ("a: x{{ foo }}", 1, 8),
        ("b: 1\na:\n  - 'x {{ event.a }} {{ foo }}'", 3, 25),
    ],
)
def test_the_column_of_a_problem(yaml: str, line: int, column: int) -> None:
    (found,) = shape_problems(yaml)
    assert (found.line, found.column, found.length) == (line, column, 3)


def test_the_line_in_a_block() -> None:
    (found,) = shape_problems("a: |\n  one\n  two {{ foo }}\n")
    assert found.line == 3


def test_a_problem_in_text_that_is_written_otherwise() -> None:
    known = context()
    raw = ">-\n  one\n  {{ event['a'] |\n     nope }}"
    compile_text(Scalar(Place("a.yaml", 7, 4), "one {{ event['a'] | nope }}", True, raw), known)
    (found,) = known.problems
    assert (found.line, found.column, found.length) == (10, 6, 4)


@pytest.mark.parametrize(
    ("raw", "text", "line", "column"),
    [
        ("'{{ event[''a''] | x }}'", "{{ event['a'] | x }}", 1, 20),
        (r'"{{ event[\"a\"] | x }}"', '{{ event["a"] | x }}', 1, 20),
        ('"one \\\n    {{ x }}"', "one {{ x }}", 2, 8),
        ("|\n    one\n    {{ x }}\n", "one\n{{ x }}\n", 3, 8),
        (">-\n    one\n    {{ x }}", "one {{ x }}", 3, 8),
        ("one\n    {{ x }}", "one {{ x }}", 2, 8),
    ],
)
def test_the_place_in_text_that_is_written_otherwise(raw: str, text: str, line: int, column: int) -> None:
    scalar = Scalar(Place("a.yaml", 1, 1), text, raw[0] in "'\"|>", raw)
    found = place_in(scalar, text.index("x"), 1)
    assert (found.line, found.column) == (line, column)
