from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.node import Mapping, Sequence, Text
from container.problems import Place, Problem, Problems
from container.workspace import reader
from container.workspace.conform import conform


def choice(key: str, member: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": [key], "properties": {key: member, "default": {"type": "string"}}}


WAIT: dict[str, Any] = {
    "type": "object",
    "required": ["for"],
    "properties": {
        "for": {"type": "array", "items": {"enum": ["browser", "server"]}},
        "most": {"type": "string", "format": "duration"},
    },
}
TAG: dict[str, Any] = {
    "title": "A tag",
    "type": "object",
    "required": ["template"],
    "properties": {
        "name": {"type": "string"},
        "template": {"type": "string", "description": "the file name of a template"},
        "triggers": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "wait": WAIT,
        "mode": {"enum": ["live", "shadow", "paused"]},
        "params": {"type": "object", "x-node": True},
        "when": {"x-node": True},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10},
        "share": {"type": "number"},
        "on": {"type": "boolean"},
        "id": {"type": "string", "pattern": "^[a-z]+$"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "extra": {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}},
        "free": {},
        "either": {"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]},
        "word": {"anyOf": [{"enum": ["one", "many"]}, {"type": "integer"}]},
        "kind": {"anyOf": [choice("lookup", {"type": "string"}), choice("first", {"type": "array"})]},
        "full": {"type": "object", "minProperties": 1, "additionalProperties": True},
        "loose": {"type": ["boolean", "string"]},
        "nothing": {"type": ["integer", "null"]},
    },
}


def conformed(text: str, schema: dict[str, Any] = TAG) -> tuple[Any, list[Problem]]:
    problems = Problems()
    node = reader.read_text(text, "tags/x.yaml", problems)
    assert node is not None
    return conform(node, schema, problems), list(problems)


def sound(text: str, schema: dict[str, Any] = TAG) -> Any:
    found, problems = conformed(text, schema)
    assert not problems, problems
    return found


def value(key: str, written: str) -> Any:
    return sound(f"template: t\n{key}: {written}\n")[key]


def problem(text: str) -> Problem:
    _, problems = conformed(text)
    assert len(problems) == 1, problems
    return problems[0]


def member_problem(key: str, written: str) -> Problem:
    found, problems = conformed(f"template: t\n{key}: {written}\n")
    assert len(problems) == 1, problems
    assert problems[0].line == 2
    assert key not in found or found[key] in ([], {})
    return problems[0]


@pytest.mark.parametrize("written", ["NO", "0123", "+47", "1.10", "on", "true", "null", "~", "2026-11-23", "1e3"])
def test_text_is_the_written_text(written: str) -> None:
    found = value("name", written)
    assert found == written
    assert isinstance(found, Text)
    assert found.place == Place("tags/x.yaml", 2, 7, len(written))


@pytest.mark.parametrize(
    ("key", "written", "expected"),
    [
        ("limit", "7", 7),
        ("limit", "'7'", 7),
        ("share", "1.10", Decimal("1.10")),
        ("share", "-2", -2),
        ("share", "1e3", Decimal("1e3")),
        ("on", "true", True),
        ("on", "'false'", False),
        ("mode", "shadow", "shadow"),
        ("labels", "{a: 01, b: no}", {"a": "01", "b": "no"}),
        ("extra", "{x-a: 1}", {"x-a": 1}),
        ("free", "{a: [true, 'true', 1.5, 01, null, x, ]}", {"a": [True, "true", Decimal("1.5"), "01", None, "x"]}),
        ("either", "all", "all"),
        ("either", "[a]", ["a"]),
        ("word", "3", 3),
        ("word", "many", "many"),
        ("kind", "{first: [1], default: x}", {"first": [1], "default": "x"}),
        ("loose", "true", True),
        ("loose", "'true'", "true"),
        ("loose", "other", "other"),
        ("nothing", "null", None),
        ("nothing", "4", 4),
        ("wait", "{for: [browser], most: 2m}", {"for": ["browser"], "most": 120.0}),
    ],
)
def test_values_are_what_the_schema_says(key: str, written: str, expected: Any) -> None:
    found = value(key, written)
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, Text)


def test_nodes_are_handed_on() -> None:
    found = sound("template: t\nparams: {a: '{{ x }}'}\nwhen: [{is: present}]\n")
    assert isinstance(found["params"], Mapping)
    assert isinstance(found["when"], Sequence)


def test_keys_know_their_places() -> None:
    (key,) = value("labels", "{ab: c}")
    assert key.place == Place("tags/x.yaml", 2, 10, 2)


def test_a_key_with_nothing_behind_it_counts_as_not_written() -> None:
    assert sound("template: t\nname:\nwhen:\ntriggers:\n  # - purchase\n") == {"template": "t"}


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "message", "hint"),
    [
        ("template: t\ntrigers: [a]\n", "unknown-key", 2, 1, "A tag has no key `trigers`", "did you mean `triggers`?"),
        ("template: t\nwait: {least: 2m, for: []}\n", "unknown-key", 2, 8, "there is no key `least` here", "for"),
        ("name: x\n", "missing-key", 1, 1, "A tag needs `template`", "the file name of a template"),
        ("name: x\ntemplate:\n", "empty-value", 2, 1, "`template` has no value", "the file name of a template"),
        ("template: t\nwait: {most: 2m}\n", "missing-key", 2, 1, "`for` is missing", ""),
        ("template: t\nwait:\n  for: [browser]\n  most: soon\n", "bad-duration", 4, 9, "`soon` is no duration", ""),
        ("template: t\ntriggers: []\n", "empty-value", 2, 11, "this list is empty", ""),
        ("template: t\ntriggers:\n  - a\n  -\n", "empty-value", 4, 4, "this element of the list has no value", ""),
        ("template: t\nfull: {}\n", "empty-value", 2, 1, "there is nothing in this mapping", ""),
    ],
)  # fmt: skip
def test_problems_of_mappings_and_lists(text: str, code: str, line: int, column: int, message: str, hint: str) -> None:
    found = problem(text)
    assert (found.code, found.line, found.column, found.message) == (code, line, column, message)
    assert hint in found.hint


@pytest.mark.parametrize(
    ("key", "written", "code", "message", "hint"),
    [
        ("name", "[a]", "wrong-type", "this must be a text, and is a list", ""),
        ("name", "{a: b}", "wrong-type", "this must be a text, and is a mapping", ""),
        ("triggers", "purchase", "wrong-type", "this must be a list, and is `purchase`", ""),
        ("params", "[a]", "wrong-type", "this must be a mapping (`key: value`), and is a list", ""),
        ("params", "''", "wrong-type", "this must be a mapping (`key: value`), and is ``", ""),
        ("mode", "shadw", "not-allowed", "`shadw` is not one of `live`, `shadow`, `paused`", "did you mean `shadow`?"),
        ("limit", "1.5", "wrong-type", "this must be a whole number, and is `1.5`", ""),
        ("limit", "0x10", "wrong-type", "this must be a whole number, and is `0x10`", ""),
        ("limit", "1_000", "wrong-type", "this must be a whole number, and is `1_000`", ""),
        ("limit", "0", "not-allowed", "this must be at least 1, and is 0", ""),
        ("limit", "11", "not-allowed", "this must be at most 10, and is 11", ""),
        ("share", "1,5", "wrong-type", "this must be a number, and is `1,5`", "write 1.5"),
        ("share", ".5", "wrong-type", "this must be a number, and is `.5`", ""),
        ("share", "1e999999999", "wrong-type", "this must be a number, and is `1e999999999`", ""),
        ("share", "'{{ x }}'", "wrong-type", "this must be a number, and is `{{ x }}`", "an expression cannot"),
        ("on", "yes", "wrong-type", "this must be true or false, and is `yes`", "write true"),
        ("on", "Off", "wrong-type", "this must be true or false, and is `Off`", "write false"),
        ("id", "A1", "not-allowed", "`A1` is not written as it must be here", ""),
        ("either", "al", "not-allowed", "this must be `all`, and is `al`", "did you mean `all`?"),
        ("either", "{a: b}", "wrong-type", "this must be a text or a list, and is a mapping", ""),
        ("word", "mny", "not-allowed", "this must be `one` or `many` or a whole number, and is `mny`", "mean `many`?"),
        ("extra", "{y: 1}", "unknown-key", "there is no key `y` here", ""),
        ("name", "[" + "a" * 99 + "]", "wrong-type", "this must be a text, and is a list", ""),
    ],
)  # fmt: skip
def test_problems_of_values(key: str, written: str, code: str, message: str, hint: str) -> None:
    found = member_problem(key, written)
    assert (found.code, found.message) == (code, message)
    assert hint in found.hint


def test_the_branch_with_most_keys_in_common_tells_its_problems() -> None:
    _, problems = conformed("template: t\nkind: {first: [1], defalt: x}\n")
    assert [(found.code, found.hint) for found in problems] == [("unknown-key", "did you mean `default`?")]


def test_every_problem_is_told_and_the_rest_is_kept() -> None:
    found, problems = conformed("mode: x\nlimit: y\nname: fine\nnme: z\ntriggers: [a, {b: c}]\n")
    assert [found.code for found in problems] == [
        "missing-key",
        "not-allowed",
        "wrong-type",
        "unknown-key",
        "wrong-type",
    ]
    assert found == {"name": "fine", "triggers": ["a"]}


def test_a_node_that_does_not_fit_as_a_whole_is_none() -> None:
    found, problems = conformed("[a]\n")
    assert found is None
    assert [found.code for found in problems] == ["wrong-type"]


def test_a_mapping_that_names_no_properties_is_open() -> None:
    assert sound("a: {b: 1}\n", {"type": "object"}) == {"a": {"b": 1}}
    assert sound("a: 1\n", {"properties": {"b": {}}, "additionalProperties": True}) == {"a": 1}
