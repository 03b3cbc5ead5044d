"""Nodes into typed values, as a schema says: what does not fit is a problem with its place.

The schema is a subset of JSON Schema (`KEYWORDS`). What is different:

- A scalar is read as its schema says: text as it is written (`NO`, `0123`, `1.10`), numbers and booleans from their
  text. Where the schema says nothing, see `plain`.
- A mapping that names `properties` takes no others unless `additionalProperties` says so.
- `x-node: true` hands the node itself on; only its `type` is looked at.
- `format: duration` gives float seconds.
- A key with nothing behind it (`notes:`) counts as not written.
- `title` names the object in messages: `A tag` → "A tag has no key `tigger`".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from container.node import Mapping, Node, Scalar, Sequence, Text
from container.problems import Place, Problems, did_you_mean, nearest
from container.workspace.scalars import NOTHING, WORDS, Schema, allowed_by, shortened, typed, types_of, untyped

_OBJECTS = {"type", "properties", "required", "additionalProperties", "patternProperties", "minProperties"}
_OTHERS = {"items", "minItems", "enum", "const", "anyOf", "pattern", "minimum", "maximum", "format", "x-node"}
_TEXTS = {"title", "description", "default", "examples"}
_WORD = re.compile(r"[\w.-]+")
KEYWORDS = frozenset(_OBJECTS | _OTHERS | _TEXTS)


def conform(node: Node, schema: Schema, problems: Problems) -> Any:
    """The typed value of `node`: dict, list, Text, int, Decimal, bool, float (durations) or Node (`x-node`).

    Members and elements that do not fit are left out; None where the node as a whole does not fit. Every problem is
    added to `problems`: unknown-key missing-key empty-value wrong-type not-allowed bad-duration.
    """
    found = _conform(node, schema, problems, node.place)
    return None if found is NOTHING else found


def plain(node: Node) -> Any:
    """The value of a node no schema speaks of.

    An unquoted `true`, `false`, `null` or JSON number is that value (fractions as Decimal), an unquoted nothing is
    None, everything else is Text.
    """
    if isinstance(node, Mapping):
        return {Text(key, node.key_place(key)): plain(member) for key, member in node}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return untyped(node)


def empty(node: Node) -> bool:
    """Nothing was written: `key:` and no value."""
    return isinstance(node, Scalar) and not node.text and not node.quoted


def member_schema(key: str, schema: Schema) -> Schema | None:
    """What the member `key` must be; None where there may be no such member."""
    properties = schema.get("properties", {})
    if key in properties:
        return _as_schema(properties[key])
    for pattern, wanted in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return _as_schema(wanted)
    return _as_schema(schema.get("additionalProperties", not closed(schema)))


def closed(schema: Schema) -> bool:
    """Keys that are not named are refused."""
    return "additionalProperties" not in schema and ("properties" in schema or "patternProperties" in schema)


def _as_schema(said: Any) -> Schema | None:
    if isinstance(said, bool):
        return {} if said else None
    found: Schema = said
    return found


# --- one node against one schema


def _conform(node: Node, schema: Schema, problems: Problems, at: Place) -> Any:
    """`at`: where a missing key is told of: the key under which a mapping stands."""
    if "anyOf" in schema:
        return _any_of(node, schema, problems, at)
    if not _fits(node, schema):
        _wrong_kind(node, schema, problems)
        return NOTHING
    if schema.get("x-node"):
        return node
    if not isinstance(node, Scalar) and not types_of(schema):
        return plain(node)
    if isinstance(node, Mapping):
        return _mapping(node, schema, problems, at)
    if isinstance(node, Sequence):
        return _sequence(node, schema, problems)
    return typed(node, schema, problems)


def _fits(node: Node, schema: Schema) -> bool:
    """The node is of a kind the schema takes."""
    if "anyOf" in schema:
        return any(_fits(node, branch) for branch in schema["anyOf"])
    types = set(types_of(schema))
    if not types:
        return True
    if isinstance(node, Scalar):
        return not types <= {"object", "array"}
    return ("object" if isinstance(node, Mapping) else "array") in types


def _wrong_kind(node: Node, schema: Schema, problems: Problems) -> None:
    branches: Iterable[Schema] = schema.get("anyOf", (schema,))
    types = dict.fromkeys(name for branch in branches for name in types_of(branch))
    expected = " or ".join(WORDS[name] for name in types)
    if isinstance(node, Scalar):
        found = "nothing" if empty(node) else f"`{shortened(node.text)}`"
    else:
        found = "a list" if isinstance(node, Sequence) else "a mapping"
    problems.error("wrong-type", f"this must be {expected}, and is {found}", node.place, _instead(node, schema))


def _instead(node: Node, schema: Schema) -> str:
    """What to write instead of a node that is of the wrong kind."""
    branches: Iterable[Schema] = schema.get("anyOf", (schema,))
    items: Iterable[Schema] = [branch.get("items", {}) for branch in branches]
    takes_words = any("string" in types_of(word) for item in items for word in item.get("anyOf", (item,)))
    if isinstance(node, Scalar) and takes_words and _WORD.fullmatch(node.text):
        return f"write [{node.text}]"
    return _help(schema)


def _any_of(node: Node, schema: Schema, problems: Problems, at: Place) -> Any:
    """The first branch that takes the node; else the problems of the one that was most likely meant."""
    fitting = [branch for branch in schema["anyOf"] if _fits(node, branch)]
    if not fitting:
        _wrong_kind(node, schema, problems)
        return NOTHING
    if len(fitting) == 1:
        return _conform(node, fitting[0], problems, at)
    for branch in fitting:
        tried = Problems()
        found = _conform(node, branch, tried, at)
        if not len(tried):
            return found
    if isinstance(node, Scalar):
        return _no_branch(node, fitting, problems)
    return _conform(node, max(fitting, key=lambda branch: _likeness(node, branch)), problems, at)


def _no_branch(node: Scalar, branches: Iterable[Schema], problems: Problems) -> Any:
    words = [str(word) for branch in branches for word in allowed_by(branch)]
    types = [WORDS[name] for branch in branches if not allowed_by(branch) for name in types_of(branch)]
    expected = " or ".join(dict.fromkeys([*(f"`{word}`" for word in words), *types]))
    message = f"this must be {expected}, and is `{shortened(node.text)}`"
    problems.error("not-allowed" if words else "wrong-type", message, node.place, did_you_mean(node.text, words))
    return NOTHING


def _likeness(node: Node, branch: Schema) -> int:
    """How many of a mapping's keys the branch knows; a misspelt one counts half."""
    if not isinstance(node, Mapping):
        return 0
    return 2 * len(set(branch.get("properties", ())) & set(node.members)) + len(_meant(node, branch))


def _mapping(node: Mapping, schema: Schema, problems: Problems, at: Place) -> dict[Text, Any]:
    found: dict[Text, Any] = {}
    meant = _meant(node, schema)
    for written, member in node:
        place = node.key_place(written)
        if member_schema(written, schema) is None:
            _unknown_key(written, schema, place, problems)
        key = meant.get(written, written)
        wanted = member_schema(key, schema)
        if wanted is None:
            continue
        if not empty(member):
            value = _conform(member, wanted, problems, place)
            if value is not NOTHING:
                found[Text(key, place)] = value
        elif key in schema.get("required", ()):
            problems.error("empty-value", f"`{key}` has no value", place, _help(wanted))
    _required({*node.members, *meant.values()}, schema, problems, at)
    return found


def _meant(node: Mapping, schema: Schema) -> dict[str, str]:
    """Keys that are misspelt, and what was meant: what stands behind them is looked at too, and is not missing."""
    found: dict[str, str] = {}
    for key in node.members:
        near = nearest(key, schema.get("properties", ())) if member_schema(key, schema) is None else ""
        if near and near not in node.members and near not in found.values():
            found[key] = near
    return found


def _required(written: Collection[str], schema: Schema, problems: Problems, at: Place) -> None:
    for key in schema.get("required", ()):
        if key not in written:
            what = f"{schema['title']} needs `{key}`" if "title" in schema else f"`{key}` is missing"
            problems.error("missing-key", what, at, _help(member_schema(key, schema) or {}))
    if len(written) < schema.get("minProperties", 0):
        problems.error("empty-value", "there is nothing in this mapping", at, _help(schema))


def _help(schema: Schema) -> str:
    return str(schema.get("description", ""))


def _unknown_key(key: str, schema: Schema, place: Place, problems: Problems) -> None:
    known = list(schema.get("properties", ()))
    hint = did_you_mean(key, known)
    if not hint and known:
        hint = "known here: " + ", ".join(known)
    what = schema.get("title")
    message = f"{what} has no key `{shortened(key)}`" if what else f"there is no key `{shortened(key)}` here"
    problems.error("unknown-key", message, place, hint)


def _sequence(node: Sequence, schema: Schema, problems: Problems) -> list[Any]:
    wanted = _as_schema(schema.get("items", {})) or {}
    found = []
    for item in node.items:
        if empty(item):
            problems.error("empty-value", "this element of the list has no value", item.place)
            continue
        value = _conform(item, wanted, problems, item.place)
        if value is not NOTHING:
            found.append(value)
    least = schema.get("minItems", 0)
    if len(node.items) < least:
        what = f"this list needs at least {least} elements" if node.items else "this list is empty"
        problems.error("empty-value", what, node.place, _help(schema))
    return found
