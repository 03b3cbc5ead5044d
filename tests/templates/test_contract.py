"""The vendor's contract and its marked places."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from container.errors import Invalid
from container.node import Node, Text
from container.problems import Place, Problems
from container.templates.contract import Contract, Mark, compile
from container.workspace.reader import read_text

SHA = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "array", "items": {"$ref": "#/$defs/event"}}},
    "$defs": {
        "hash": {"type": ["string", "array"]},
        "event": {
            "type": "object",
            "properties": {
                "em": {"$ref": "#/$defs/hash", "x-hashed": "email"},
                "city": {"x-plain": True},
                "kind": {"enum": ["web", "app"]},
                "value": {"type": "number"},
                "code": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 3},
                "when": {"type": "integer", "minimum": 10, "x-rule": "when is in seconds"},
                "list": {"type": "array", "maxItems": 1},
                "part": {"type": "object", "additionalProperties": False, "properties": {"x": {}}},
                "other": {"anyOf": [{"type": "object", "properties": {"ph": {"x-hashed": "phone_digits"}}}]},
            },
            "patternProperties": {"^h_": {"x-hashed": "id"}},
        },
    },
}


def written(schema: dict[str, Any]) -> Node:
    """The schema as a node: JSON is YAML."""
    node = read_text(json.dumps(schema), "t.yaml", Problems())
    assert node is not None
    return node


def contract(schema: dict[str, Any] = SCHEMA) -> Contract:
    problems = Problems()
    found = compile(written(schema), problems)
    assert found is not None, [problem.message for problem in problems]
    return found


def broken(event: dict[str, Any]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        contract().check({"data": [event]}, "json")
    return caught.value


def test_marks() -> None:
    found = contract()
    assert found.mark(("data", "*", "em")) == Mark("email")
    assert found.mark(("data", 0, "em", "*")) == Mark("email")
    assert found.mark(("data", "*", "city")) == Mark(None)
    assert found.mark(("data", "*", "other", "ph")) == Mark("phone_digits")
    assert found.mark(("data", "*", "h_x")) == Mark("id")
    assert found.mark(("data", "*", "value")) is None
    assert found.mark(("elsewhere",)) is None


def test_marks_below() -> None:
    found = contract()
    assert found.marks_below(()) and found.marks_below(("data",)) and found.marks_below(("data", "*"))
    assert found.marks_below(("data", "*", "other"))
    assert not found.marks_below(("data", "*", "part")) and not found.marks_below(("elsewhere",))


def test_what_fits() -> None:
    contract().check({"data": [{"em": [SHA], "value": Decimal("1.5"), "kind": Text("web", Place("x"))}]}, "json")
    contract().check({"data": [{"em": "raw"}]}, "json", raw=True)


@pytest.mark.parametrize(
    ("event", "path", "rule"),
    [
        ({"em": "raw"}, "json.data[0].em", "here goes a SHA-256 (hashed(email)), and this is none"),
        ({"em": [SHA, "raw"]}, "json.data[0].em[1]", "here goes a SHA-256 (hashed(email)), and this is none"),
    ],
)
def test_a_hashed_place_takes_hashes_only(event: dict[str, Any], path: str, rule: str) -> None:
    found = broken(event)
    assert (found.path, found.rule) == (path, rule)


@pytest.mark.parametrize("schema", [{"type": "objekt"}, {"$ref": "#/$defs/none"}, {"pattern": "("}])
def test_what_is_no_schema(schema: dict[str, Any]) -> None:
    problems = Problems()
    assert compile(written(schema), problems) is None
    assert [problem.code for problem in problems] == ["bad-contract"]
