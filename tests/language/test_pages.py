"""The pages of the language say what is true: every example on them is loaded and evaluated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import normaliser_page
import pytest
from speaking import condition, context, node, scope, shape, value

from container.encoding import decode, encode
from container.language.conditions import OPERATORS
from container.language.expression import ROOTS
from container.language.expression.names import CONTAINER_KEYS, CONVERSION_KEYS, GEO_KEYS, REQUEST_KEYS
from container.language.normalisers import HASH_RULES, NORMALISERS
from container.language.shape import compile_shape
from container.language.shape.compiler import DIRECTIVES

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGE = (DOCS / "language.md").read_text("utf-8")
NORMALISER_PAGE = (DOCS / "normalisers.md").read_text("utf-8")

_fence = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_row = re.compile(r"^(?:\|.*)?\| `((?:[^`|]|\\\|)+)` \| `([^`]+)` \|$", re.MULTILINE)
BLOCKS = [match.groups() for match in _fence.finditer(LANGUAGE)]


def blocks(kind: str) -> list[str]:
    return [text for language, found, text in BLOCKS if (language, found) == ("yaml", kind)]


def event() -> dict[str, Any]:
    (text,) = blocks("event")
    found: dict[str, Any] = compile_shape(node(text), context()).render(scope())
    return found


ROWS = [(text.replace("\\|", "|"), decode(found)) for text, found in _row.findall(LANGUAGE)]


def test_the_page_has_examples() -> None:
    assert len(ROWS) >= 20
    assert len(blocks("shape")) >= 5
    assert len(blocks("when")) == 1


@pytest.mark.parametrize(("text", "found"), ROWS)
def test_expressions(text: str, found: Any) -> None:
    assert encode(value(text, event())) == encode(found)


SHAPES = [
    (text, BLOCKS[position + 1][2]) for position, (_, kind, text) in enumerate(BLOCKS) if kind == "shape"
]


@pytest.mark.parametrize(("text", "found"), SHAPES)
def test_shapes(text: str, found: str) -> None:
    assert decode(encode(shape(text).render(scope(event())))) == decode(found)


def test_conditions() -> None:
    (text,) = blocks("when")
    assert condition(text).holds(scope(event()))


def test_everything_stands_on_the_page() -> None:
    for name in (*ROOTS, *DIRECTIVES, *OPERATORS, *REQUEST_KEYS, *GEO_KEYS, *CONVERSION_KEYS, *CONTAINER_KEYS):
        assert re.search(rf"[`.]{re.escape(name)}\b", LANGUAGE), name


def test_every_problem_of_the_language_stands_on_the_page() -> None:
    folder = Path(__file__).parents[2] / "container" / "language"
    sources = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    codes = set(re.findall(r"(?:_problem|\.error|_missing)\(\s*(?:context, |self\._context, )?\"([a-z-]+)\"", sources))
    assert len(codes) > 15
    for code in codes:
        assert f"`{code}`" in LANGUAGE, code


def test_every_normaliser_and_case_stands_on_its_page() -> None:
    for normaliser in NORMALISERS.values():
        assert f"\n## {normaliser.name}\n" in NORMALISER_PAGE
        for case in normaliser.cases:
            assert normaliser_page.row(normaliser, case) in NORMALISER_PAGE
    for rule in HASH_RULES:
        assert f"| `{rule}` |" in NORMALISER_PAGE


def test_the_page_is_the_one_that_is_written() -> None:
    assert normaliser_page.page() == NORMALISER_PAGE, "run: python tests/support/normaliser_page.py"
