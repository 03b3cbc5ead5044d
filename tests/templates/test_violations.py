"""What a broken contract is called: where, and in words that help who has to mend it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from container.templates.violations import told


def broken(schema: dict[str, Any], value: Any) -> tuple[tuple[Any, ...], str]:
    """The place and the sentence."""
    [error] = jsonschema_rs.validator_for(schema).iter_errors(value)
    return told(error, schema)


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"enum": ["web", "app"]}, "tv", "`tv` is not one of web, app"),
        ({"type": "number"}, "5", "`5` is not of the type the vendor wants (number)"),
        ({"type": ["string", "null"]}, 5, "`5` is not of the type the vendor wants (null or string)"),
        ({"type": "number"}, ["jane@example.com"], "a list is not of the type the vendor wants (number)"),
        ({"type": "number"}, {"a": 1}, "a mapping is not of the type the vendor wants (number)"),
        ({"properties": {"x": {}}, "additionalProperties": False}, {"y": 1}, "the vendor knows no `y` here"),
        ({"const": "web"}, "app", "`app` has to be web"),
        ({"pattern": "^[A-Z]+$"}, "ab", "`ab` is not written as the vendor wants it"),
        ({"minLength": 3}, "ab", "`ab` is shorter than 3 characters"),
        ({"maxLength": 3}, "abcd", "`abcd` is longer than 3 characters"),
        ({"minimum": 0}, -1, "`-1` is less than 0"),
        ({"maximum": 9}, 10, "`10` is more than 9"),
        ({"minItems": 2}, [1], "there are fewer than 2 elements"),
        ({"maxItems": 1}, [1, 2], "there are more than 1 elements"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "there are more than 1 members"),
        ({"multipleOf": 2}, 3, "the vendor does not take this (multipleOf)"),
        ({"enum": ["web"]}, "jane@example.com", "`j***@example.com` is not one of web"),
        ({"enum": ["web"]}, "x" * 500, f"`{'x' * 40}…` is not one of web"),
    ],
)
def test_the_sentence_of_each_rule(schema: dict[str, Any], value: Any, sentence: str) -> None:
    place, said = broken({"properties": {"a": {"items": schema}}}, {"a": [value]})
    assert (place, said) == (("a", 0), sentence)


def test_what_is_missing_is_named_where_it_should_be() -> None:
    schema = {"properties": {"data": {"required": ["em"]}}}
    assert broken(schema, {"data": {}}) == (("data", "em"), "the vendor requires `em`, and it is absent")


def test_the_vendors_own_rule_is_said_and_of_several_the_innermost() -> None:
    inner = {"minimum": 10, "x-rule": "when is in seconds"}
    schema = {"x-rule": "see the page", "properties": {"when": inner, "value": {"minimum": 1}}, "required": ["id"]}
    assert broken(schema, {"id": 1, "when": 1}) == (("when",), "when is in seconds")
    assert broken(schema, {"id": 1, "value": 0}) == (("value",), "see the page")
    assert broken(schema, {}) == (("id",), "see the page")


def test_a_rule_within_a_list_of_schemas_is_found_too() -> None:
    schema = {"allOf": [{}, {"required": ["a"], "x-rule": "a or nothing"}]}
    assert broken(schema, {}) == (("a",), "a or nothing")
