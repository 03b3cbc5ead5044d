"""What the YAML of conditions may say, for editors."""

from __future__ import annotations

from typing import Any

from container.language.conditions.operators import NUMERIC, OPERATORS, TEXTUAL

_SCALAR = {"type": ["string", "number", "boolean"]}
_OPERAND = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]}

_TEST: dict[str, Any] = {
    "type": "object",
    "required": ["value"],
    "additionalProperties": False,
    "properties": {
        "value": {**_SCALAR, "description": 'what is looked at, for instance "{{ event.value }}"'},
        **{name: {**_OPERAND, "description": OPERATORS[name]} for name in (*TEXTUAL, *NUMERIC)},
        "is": {"enum": ["present", "absent"], "description": OPERATORS["is"]},
        "ignore_case": {"type": "boolean", "description": "capital and small letters are the same"},
    },
    "minProperties": 2,
}


_DEEPEST = 4  # groups in groups that editors help with; `check` knows no such limit


def _condition(depth: int) -> dict[str, Any]:
    """A test or a group of them. Written out, not referred to: the schema stands at several places of others."""
    if depth == _DEEPEST:
        return {"type": "object"}
    inner = _condition(depth + 1)
    several = {"type": "array", "items": inner, "minItems": 1}
    groups: dict[str, dict[str, Any]] = {
        "all": {**several, "description": "all of these hold"},
        "any": {**several, "description": "one of these holds"},
        "not": {"anyOf": [inner, several], "description": "this does not hold"},
    }
    return {"anyOf": [_TEST, *(_group(name, schema) for name, schema in groups.items())]}


def _group(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": [name], "additionalProperties": False, "properties": {name: schema}}


SCHEMA: dict[str, Any] = {"type": "array", "description": "all of these must hold", "items": _condition(1)}
