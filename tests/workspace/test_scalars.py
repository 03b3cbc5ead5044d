"""One scalar as its schema reads it, and where no schema says anything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.node import Mapping, Scalar, Text
from container.problems import Place, Problems
from container.workspace import reader
from container.workspace.conform import conform, plain
from container.workspace.scalars import NOTHING, shortened, typed, types_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", True),
        ("True", "True"),
        ("yes", "yes"),
        ("null", None),
        ("~", "~"),
        ("", None),
        ("''", ""),
        ("'1'", "1"),
        ("0", 0),
        ("-0.50", Decimal("-0.50")),
        ("01", "01"),
        ("+1", "+1"),
        (".5", ".5"),
        ("1_000", "1_000"),
        ("٣", "٣"),
        ("1e5", Decimal("1e5")),
        ("9" * 5000, "9" * 5000),
        ("1e400", "1e400"),
        ("2026-11-23", "2026-11-23"),
        ("{a: [1, x]}", {"a": [1, "x"]}),
    ],
)
def test_values_no_schema_speaks_of(written: str, expected: Any) -> None:
    problems = Problems()
    node = reader.read_text(f"key: {written}\n", "f.yaml", problems)
    assert isinstance(node, Mapping)
    found = plain(node.members["key"])
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, Text)
    assert str(found) == str(expected)


def test_numbers_beyond_reason_do_not_pass_a_schema() -> None:
    problems = Problems()
    assert conform(Scalar(Place("f"), "9" * 5000), {"type": "integer"}, problems) is None
    assert len(problems) == 1



def read(text: str, schema: dict[str, Any], quoted: bool = False) -> Any:
    return typed(Scalar(Place("f"), text, quoted), schema, Problems())


@pytest.mark.parametrize(
    ("text", "types", "value"),
    [
        ("true", ["boolean", "string"], True),
        ("1", ["number", "string"], 1),
        ("1.5", ["integer", "number"], Decimal("1.5")),
        ("null", ["null", "string"], None),
        ("yes", ["boolean", "string"], "yes"),
        ("1.0", ["integer"], NOTHING),
        ("x", ["null", "integer"], NOTHING),
    ],
)
def test_of_several_types_the_narrowest_that_fits_counts(text: str, types: list[str], value: Any) -> None:
    found = read(text, {"type": types})
    assert found is value if value is NOTHING else found == value
    if "string" in types:
        assert read(text, {"type": types}, quoted=True) == text, "and what is in quotes is text where text may stand"


def test_a_number_in_quotes_is_one_where_only_a_number_may_stand() -> None:
    assert read("7", {"type": "integer"}, quoted=True) == 7


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "string"}, ("string",)),
        ({"enum": ["a"]}, ("string",)),
        ({"pattern": "a"}, ("string",)),
        ({"properties": {}}, ("object",)),
        ({"items": {}}, ("array",)),
        ({"x-node": True, "enum": ["a"]}, ()),
        ({}, ()),
    ],
)
def test_a_schema_without_a_type_shows_it(schema: dict[str, Any], types: tuple[str, ...]) -> None:
    assert types_of(schema) == types


def test_what_a_message_quotes_is_short() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"
