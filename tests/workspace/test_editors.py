from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from container.workspace.editors import DIALECT, container_schema, editor_schema
from container.workspace.overlay import SCHEMA as ENVIRONMENT

TAG: dict[str, Any] = {
    "title": "A tag",
    "type": "object",
    "required": ["template"],
    "properties": {
        "name": {"type": "string"},
        "template": {"type": "string", "description": "the file name of a template"},
        "triggers": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "wait": {
            "type": "object",
            "properties": {"for": {"type": "array"}, "most": {"type": "string", "format": "duration"}},
        },
        "mode": {"enum": ["live", "shadow", "paused"]},
        "params": {"type": "object", "x-node": True},
        "when": {"x-node": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "extra": {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}},
        "free": {},
        "either": {"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]},
        "open": {"type": "object", "additionalProperties": True},
    },
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("schema", [TAG, ENVIRONMENT, {"anyOf": [TAG, {"type": "string"}]}, {}])
def test_editor_schemas_are_json_schemas(schema: dict[str, Any]) -> None:
    found = editor_schema(schema)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == DIALECT
    assert "x-node" not in str(found)


@pytest.mark.parametrize(
    "value",
    [
        {"template": "t"},
        {"template": 123, "name": True},
        {"template": "t", "params": {"any": ["thing", {"$each": 1}]}, "when": [{"value": 1}]},
        {"template": "t", "wait": {"for": ["server"], "most": "2m"}},
        {"template": "t", "labels": {"a": 1}, "free": [1, None]},
    ],
)
def test_what_conform_takes_editors_take(value: Any) -> None:
    assert accepts(editor_schema(TAG), value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"template": ["t"]},
        {"template": "t", "trigers": ["a"]},
        {"template": "t", "mode": "shadw"},
        {"template": "t", "params": ["a"]},
        {"template": "t", "wait": {"for": ["server"], "most": "soon"}},
        {"template": "t", "wait": {"for": ["server"], "longest": "2m"}},
    ],
)
def test_what_conform_refuses_editors_mark(value: Any) -> None:
    assert not accepts(editor_schema(TAG), value)


def test_a_node_keeps_what_else_its_schema_says() -> None:
    condition = {"x-node": True, "type": "array", "items": {"$ref": "#/$defs/condition"}, "description": "all of them"}
    found = editor_schema({"properties": {"when": condition}})
    assert found["properties"]["when"] == {key: value for key, value in condition.items() if key != "x-node"}


def test_a_keyword_conform_does_not_know_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="maxItems"):
        editor_schema({"properties": {"a": {"items": {"maxItems": 3}}}})


def test_the_container_has_a_section_for_every_kind() -> None:
    container = {"type": "object", "required": ["container"], "properties": {"container": {"type": "string"}}}
    schema = container_schema({"container": container, "tags": TAG})
    assert accepts(schema, {"container": "shop", "tags": {"meta": {"template": "t"}}})
    assert accepts(schema, {"container": "shop", "tags": None})
    assert not accepts(schema, {"container": "shop", "tags": {"meta": {"name": "t"}}})
    assert not accepts(schema, {"container": "shop", "tgs": {}})
