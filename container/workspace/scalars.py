"""One scalar as its schema reads it: text as written, number, true or false, duration."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Map
from decimal import Decimal
from typing import Any

from container.node import Scalar, Text
from container.problems import Problems, did_you_mean
from container.workspace.durations import seconds

Schema = Map[str, Any]
NOTHING: Any = object()  # what does not fit, its problem told
WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping (`key: value`)",
    "array": "a list",
    "null": "nothing",
}

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_LONGEST_NUMBER = 300
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types a schema takes; none: any. A schema without `type` may show it by its other keywords."""
    said = schema.get("type")
    if said is not None:
        return (said,) if isinstance(said, str) else tuple(said)
    if schema.get("x-node"):
        return ()
    if "properties" in schema or "patternProperties" in schema:
        return ("object",)
    if "items" in schema:
        return ("array",)
    return ("string",) if "enum" in schema or "const" in schema or "pattern" in schema else ()


def allowed_by(schema: Schema) -> list[Any]:
    """The only values a schema takes; none: any."""
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def shortened(text: str) -> str:
    """The text as a message quotes it."""
    return text if len(text) <= 60 else text[:59] + "…"


def untyped(scalar: Scalar) -> Any:
    """The scalar where no schema says anything: see `conform.plain`."""
    words = {"": None, "null": None, "true": True, "false": False}
    if scalar.quoted:
        return Text(scalar.text, scalar.place)
    if scalar.text in words:
        return words[scalar.text]
    number = _number(scalar.text)
    return Text(scalar.text, scalar.place) if number is None else number


def typed(scalar: Scalar, schema: Schema, problems: Problems) -> Any:
    """The scalar as `schema` reads it; NOTHING, and a problem, where it does not fit."""
    value = _read(scalar, types_of(schema))
    if value is NOTHING:
        _wrong_type(scalar, schema, problems)
        return NOTHING
    for check in (_check_words, _check_pattern, _check_range):
        message = check(value, schema)
        if message:
            words = [str(word) for word in allowed_by(schema)]
            hint = did_you_mean(scalar.text, words) or str(schema.get("description", ""))
            problems.error("not-allowed", message, scalar.place, hint)
            return NOTHING
    if schema.get("format") == "duration" and isinstance(value, Text):
        found = seconds(value, problems)
        return NOTHING if found is None else found
    return value


def _number(text: str) -> int | Decimal | None:
    """A JSON number; None for other text and for numbers beyond 300 digits."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    number = Decimal(text)
    return number if abs(number.adjusted()) <= _LONGEST_NUMBER else None


def _integer(text: str) -> int | Decimal | None:
    return _number(text) if _INTEGER.fullmatch(text) else None


_READERS: dict[str, Callable[[str], Any]] = {
    "boolean": {"true": True, "false": False}.get,
    "integer": _integer,
    "number": _number,
}


def _read(scalar: Scalar, types: tuple[str, ...]) -> Any:
    """The scalar as the narrowest of `types` it can be read as, text last; NOTHING where it is none of them."""
    if not types:
        return untyped(scalar)
    if not (scalar.quoted and "string" in types):
        for name, reader in _READERS.items():
            value = reader(scalar.text) if name in types else None
            if value is not None:
                return value
        if "null" in types and scalar.text == "null" and not scalar.quoted:
            return None
    return Text(scalar.text, scalar.place) if "string" in types else NOTHING


def _wrong_type(scalar: Scalar, schema: Schema, problems: Problems) -> None:
    types = types_of(schema)
    expected = " or ".join(WORDS[name] for name in types)
    word, hint = scalar.text.lower(), ""
    if "boolean" in types and word in _TRUE + _FALSE:
        hint = "write true" if word in _TRUE else "write false"
    elif re.fullmatch(r"-?\d+,\d+", scalar.text, re.ASCII):
        hint = f"write {scalar.text.replace(',', '.')}"
    elif "{{" in scalar.text:
        hint = "an expression cannot stand here: this is read when the container starts"
    problems.error("wrong-type", f"this must be {expected}, and is `{shortened(scalar.text)}`", scalar.place, hint)


def _check_words(value: Any, schema: Schema) -> str:
    allowed = allowed_by(schema)
    if not allowed or value in allowed:
        return ""
    words = ", ".join(f"`{word}`" for word in allowed)
    if len(allowed) == 1:
        return f"this must be {words}, and is `{shortened(str(value))}`"
    return f"`{shortened(str(value))}` is not one of {words}"


def _check_pattern(value: Any, schema: Schema) -> str:
    if "pattern" not in schema or not isinstance(value, str) or re.search(schema["pattern"], value):
        return ""
    return f"`{shortened(value)}` is not written as it must be here"


def _check_range(value: Any, schema: Schema) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    if "minimum" in schema and value < schema["minimum"]:
        return f"this must be at least {schema['minimum']}, and is {value}"
    if "maximum" in schema and value > schema["maximum"]:
        return f"this must be at most {schema['maximum']}, and is {value}"
    return ""
