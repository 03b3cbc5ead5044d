"""Schemas as editors read them: JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from container.workspace.conform import KEYWORDS, closed
from container.workspace.durations import PATTERN
from container.workspace.scalars import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SUBSCHEMAS = ("properties", "patternProperties")
_UNQUOTED = ["string", "number", "boolean"]


def editor_schema(schema: Schema) -> dict[str, Any]:
    """The JSON Schema of what `conform` takes.

    Text may stand unquoted however it looks to YAML (`0123`, `true`), and what is handed on as a node takes anything
    its other keywords allow. Raises ValueError on a keyword `conform` does not know.
    """
    return {"$schema": DIALECT, **_editor(schema)}


def container_schema(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """The JSON Schema of container.yaml: the `container` of `schemas`, and a section for each of its other kinds."""
    found = editor_schema(schemas["container"])
    kinds = {kind: schema for kind, schema in schemas.items() if kind != "container"}
    sections = {kind: {"type": ["object", "null"], "additionalProperties": _editor(kinds[kind])} for kind in kinds}
    return {**found, "properties": {**found.get("properties", {}), **sections}}


def _editor(schema: Schema) -> dict[str, Any]:
    if schema.get("x-node"):
        return {key: value for key, value in schema.items() if not key.startswith("x-")}
    unknown = set(schema) - KEYWORDS
    if unknown:
        raise ValueError(f"conform does not know {', '.join(sorted(unknown))}")
    found = {key: _keyword(key, value) for key, value in schema.items() if key != "x-node"}
    if closed(schema):
        found["additionalProperties"] = False
    return _as_written(found)


def _keyword(key: str, value: Any) -> Any:
    if key in _SUBSCHEMAS:
        return {name: _editor(member) if isinstance(member, dict) else member for name, member in value.items()}
    if key == "anyOf":
        return [_editor(branch) for branch in value]
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _editor(value)
    return value


def _as_written(schema: dict[str, Any]) -> dict[str, Any]:
    """Text that looks like a number or a boolean is text all the same; durations have a pattern."""
    if schema.get("format") == "duration":
        return {key: value for key, value in schema.items() if key != "format"} | {"pattern": PATTERN}
    if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
        return schema | {"type": _UNQUOTED}
    return schema
