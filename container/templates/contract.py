"""The vendor's contract: JSON Schema of what is sent, and the places it marks.

`x-hashed: rule` marks a place the vendor wants hashed, `x-plain: true` one where it wants a personal value in the
clear; a mark counts for everything below its place. `x-rule: text` says in a person's words what a part of the
schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from container.encoding import encode, load
from container.errors import Invalid
from container.language.normalisers import HASH_RULES
from container.node import Mapping as MappingNode
from container.node import Node, Scalar
from container.node import Sequence as SequenceNode
from container.problems import Problems, did_you_mean
from container.templates.leaks import ANY, Key, Keys, check_hashes, hashed_places, written
from container.templates.violations import told
from container.workspace.conform import plain

_BRANCHES = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else", "not")
_DEEPEST = 40
_A_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HASH_OR_HASHES = {"anyOf": [_A_HASH, {"type": "array", "items": _A_HASH}]}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a place is for: a hash by `rule`, or (rule None) a personal value in the clear."""

    rule: str | None


class Contract:
    """The compiled contract of one template. `check` is called for each rendered request."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._marks: dict[Keys, Mark | None] = {}
        self._found: dict[Keys, Sequence[Mapping[str, Any]]] = {(): [schema]}
        self._validator = jsonschema_rs.validator_for(dict(schema))
        self._with_hashes = jsonschema_rs.validator_for(_with_hashes(schema))
        self._hashed = hashed_places([(path, mark.rule) for path, mark in self._places((schema,), (), 0) if mark.rule])

    def mark(self, path: Keys) -> Mark | None:
        """The mark of a place, its own or that of what it is part of; `*` in `path` stands for any element."""
        if path not in self._marks:  # every tag of a template asks for the same places
            above = self.mark(path[:-1]) if path else None
            own = map(_mark, self._open(self._schemas(path)))
            self._marks[path] = above or next(filter(None, own), None)
        return self._marks[path]

    def _schemas(self, path: Keys) -> Sequence[Mapping[str, Any]]:
        """What the contract says of a place; those beside it have most of their way in common."""
        if path not in self._found:
            above = self._schemas(path[:-1])
            self._found[path] = [below for schema in above for below in self._below(schema, path[-1])]
        return self._found[path]

    def marks_below(self, path: Keys) -> bool:
        """Whether a place inside this one is marked."""
        return any(True for _ in self._places(self._schemas(path), (), 0))

    def check(self, value: Any, at: str, raw: bool = False) -> None:
        """Raises `Invalid` where `value` is not what the vendor takes, or (unless `raw`) a hash is missing.

        `at` is what paths begin with: `json`, `form` or `query`.
        """
        validator = self._validator if raw else self._with_hashes
        try:
            valid = validator.is_valid(value)
        except ValueError:  # something the validator has no type for: it gets what comes back from the wire
            value = load(encode(value))
            valid = validator.is_valid(value)
        if not valid:
            self._refuse(value, at, raw)

    def _refuse(self, value: Any, at: str, raw: bool) -> None:
        value = load(encode(value))
        if not raw:
            check_hashes(value, self._hashed, (), at)
        for error in self._validator.iter_errors(value):
            keys, rule = told(error, self._schema)
            raise Invalid(written(at, keys), rule)

    # the schema's places

    def _open(self, schemas: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Each schema, what it refers to and its branches."""
        waiting, seen = list(schemas), 0
        while waiting and seen < 1000:
            schema = waiting.pop(0)
            seen += 1
            yield schema
            if isinstance(schema.get("$ref"), str):
                waiting.extend(_referred(self._schema, schema["$ref"]))
            for word in _BRANCHES:
                waiting.extend(branch for branch in schema.get(word, ()) if isinstance(branch, Mapping))
            waiting.extend(schema[word] for word in _SINGLE if isinstance(schema.get(word), Mapping))

    def _below(self, schema: Mapping[str, Any], key: Key) -> Iterator[Mapping[str, Any]]:
        """The schemas of the member or element `key`."""
        for part in self._open([schema]):
            named = _mapping(part, "properties")
            if key == ANY:
                found = [*named.values(), part.get("items"), *_mapping(part, "patternProperties").values()]
            elif isinstance(key, int):
                found = [part.get("items"), *part.get("prefixItems", ())[key : key + 1]]
            else:
                matching = [sub for name, sub in _mapping(part, "patternProperties").items() if re.search(name, key)]
                found = [named.get(key), *matching]
            if not any(isinstance(sub, Mapping) for sub in found):
                found = [part.get("additionalProperties")]
            yield from (sub for sub in found if isinstance(sub, Mapping))

    def _places(self, schemas: Sequence[Mapping[str, Any]], path: Keys, depth: int) -> Iterator[tuple[Keys, Mark]]:
        """Every marked place at or below."""
        for schema in self._open(schemas) if depth < _DEEPEST else ():
            mark = _mark(schema)
            if mark is not None:
                yield path, mark
            for name, sub in _mapping(schema, "properties").items():
                if isinstance(sub, Mapping):
                    yield from self._places((sub,), (*path, name), depth + 1)
            if isinstance(schema.get("items"), Mapping):
                yield from self._places((schema["items"],), (*path, ANY), depth + 1)


def compile(node: Node, problems: Problems) -> Contract | None:
    """The contract written at `node`; None, and problems, where it is none."""
    wrong = [rule for rule in _rules(node) if rule.text not in HASH_RULES]
    for rule in wrong:
        hint = did_you_mean(rule.text, HASH_RULES) or "known are: " + ", ".join(HASH_RULES)
        problems.error("unknown-hash-rule", f"no hash rule is called `{rule.text}`", rule.place, hint)
    if wrong:
        return None
    schema = load(encode(plain(node)))  # plain JSON: the validator takes no other texts
    try:
        return Contract(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        message = getattr(error, "message", "") or str(error)
        place = _at(node, getattr(error, "instance_path", ())).place
        problems.error("bad-contract", f"the contract is no JSON Schema: {message}", place)
        return None


def _rules(node: Node) -> Iterator[Scalar]:
    """What is written behind each `x-hashed:`."""
    if isinstance(node, MappingNode):
        for key, member in node:
            if key == "x-hashed" and isinstance(member, Scalar):
                yield member
            yield from _rules(member)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _rules(item)


def _at(node: Node, path: Sequence[Key]) -> Node:
    """The node at a path of the schema, or the last one on the way that there is."""
    for key in path:
        if isinstance(node, MappingNode) and isinstance(key, str) and key in node.members:
            node = node.members[key]
        elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.items):
            node = node.items[key]
    return node


def _with_hashes(schema: Any) -> Any:
    """The schema with a SHA-256 demanded at every hashed place."""
    if isinstance(schema, list):
        return [_with_hashes(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {key: _with_hashes(part) for key, part in schema.items()}
    if isinstance(schema.get("x-hashed"), str):
        found["allOf"] = [*found.get("allOf", ()), _HASH_OR_HASHES]
    return found


def _mapping(schema: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    found = schema.get(word)
    return found if isinstance(found, Mapping) else {}


def _mark(schema: Mapping[str, Any]) -> Mark | None:
    if isinstance(schema.get("x-hashed"), str):
        return Mark(str(schema["x-hashed"]))
    return Mark(None) if schema.get("x-plain") else None


def _referred(schema: Mapping[str, Any], reference: str) -> Iterator[Mapping[str, Any]]:
    found: Any = schema
    for name in reference.removeprefix("#").split("/")[1:]:
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        yield found
