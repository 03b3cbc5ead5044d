"""What a broken contract is called, for the person who has to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema_rs

from container.masking import masked_text
from container.templates.leaks import Keys


def told(error: jsonschema_rs.ValidationError, schema: Mapping[str, Any]) -> tuple[Keys, str]:
    """Where the contract is broken, and how: the nearest `x-rule` of the schema, else a sentence of ours."""
    keys = tuple(error.instance_path)
    said = _said(error.schema_path, schema)
    if error.kind.name == "required":
        missing = str(error.kind.as_dict()["property"])
        return (*keys, missing), said or f"the vendor requires `{missing}`, and it is absent"
    return keys, said or _PHRASES.get(error.kind.name, _other)(error)


def _said(path: Sequence[Any], schema: Any) -> str:
    """The innermost `x-rule` on the way to the keyword that failed."""
    said, part = "", schema
    for key in path:
        if isinstance(part, Mapping):
            said = str(part.get("x-rule", said))
            part = part.get(key)
        else:
            part = part[key] if isinstance(part, list) and isinstance(key, int) and key < len(part) else None
    return said


def _shown(error: jsonschema_rs.ValidationError) -> str:
    """The value, as far as it may stand in a record."""
    if isinstance(error.instance, list | dict):
        return "a list" if isinstance(error.instance, list) else "a mapping"
    text = masked_text(str(error.instance))
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"


def _limit(words: str) -> Callable[[jsonschema_rs.ValidationError], str]:
    return lambda error: words.format(shown=_shown(error), limit=error.kind.value)


def _unknown(error: jsonschema_rs.ValidationError) -> str:
    names = ", ".join(f"`{name}`" for name in error.kind.as_dict().get("unexpected", ()))
    return f"the vendor knows no {names} here"


def _enum(error: jsonschema_rs.ValidationError) -> str:
    return f"{_shown(error)} is not one of {', '.join(map(str, error.kind.value))}"


def _type(error: jsonschema_rs.ValidationError) -> str:
    return f"{_shown(error)} is not of the type the vendor wants ({' or '.join(sorted(error.kind.value))})"


def _other(error: jsonschema_rs.ValidationError) -> str:
    return f"the vendor does not take this ({error.kind.name})"


_PHRASES: Mapping[str, Callable[[jsonschema_rs.ValidationError], str]] = {
    "enum": _enum,
    "type": _type,
    "additionalProperties": _unknown,
    "const": _limit("{shown} has to be {limit}"),
    "pattern": _limit("{shown} is not written as the vendor wants it"),
    "minLength": _limit("{shown} is shorter than {limit} characters"),
    "maxLength": _limit("{shown} is longer than {limit} characters"),
    "minimum": _limit("{shown} is less than {limit}"),
    "maximum": _limit("{shown} is more than {limit}"),
    "minItems": _limit("there are fewer than {limit} elements"),
    "maxItems": _limit("there are more than {limit} elements"),
    "maxProperties": _limit("there are more than {limit} members"),
}
