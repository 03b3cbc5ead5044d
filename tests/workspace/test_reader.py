from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Place, Problem, Problems
from container.workspace import reader, source

SCRAPS = [
    "{{",
    "}}",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "#",
    " #",
    "'",
    '"',
    "a",
    "é",
    "&a ",
    "*a",
    "!b ",
]
SCRAPS += [
    "<<: ",
    "? ",
    "|\n",
    ">\n",
    "---\n",
    "...\n",
    "\\",
    ",",
    "%YAML 3.0\n",
    "\u2028",
    "\x85",
    "\r",
    "\ufeff",
    "\x00",
]


def read(text: str) -> tuple[Node | None, list[Problem]]:
    problems = Problems()
    return reader.read_text(text, "f.yaml", problems), list(problems)


def sound(text: str) -> Node:
    node, problems = read(text)
    assert node is not None and not problems, problems
    return node


def member(node: Node, *keys: str | int) -> Node:
    for key in keys:
        if isinstance(node, Mapping):
            node = node.members[str(key)]
        else:
            assert isinstance(node, Sequence) and isinstance(key, int)
            node = node.items[key]
    return node


def scalar(text: str, *keys: str | int) -> Scalar:
    found = member(sound(text), *keys)
    assert isinstance(found, Scalar)
    return found


def at(node: Node) -> tuple[int, int, int]:
    return node.place.line, node.place.column, node.place.length


@pytest.mark.parametrize(
    ("written", "text", "quoted"),
    [
        ("NO", "NO", False),
        ("0123", "0123", False),
        ("+47", "+47", False),
        ("1.10", "1.10", False),
        ("on", "on", False),
        ("2026-11-23", "2026-11-23", False),
        ("~", "~", False),
        ("'true'", "true", True),
        ('"1"', "1", True),
        ("'it''s'", "it's", True),
        ("", "", False),
        ('""', "", True),
        ("two words # and a comment", "two words", False),
        ("a\n  b", "a b", False),
        ("|\n  a\n  b\n", "a\nb\n", True),
        (">-\n  a\n  b\n", "a b", True),
    ],
)
def test_scalars_are_the_written_text(written: str, text: str, quoted: bool) -> None:
    found = scalar(f"key: {written}\n", "key")
    assert (found.text, found.quoted) == (text, quoted)


def test_places_count_characters_from_one_and_include_the_quote() -> None:
    text = "# first\nä: 'über'\nlist: [ab, {ü: \"x\"}]\nblock:\n  - kéy: value\n"
    assert at(scalar(text, "ä")) == (2, 4, 6)
    assert at(scalar(text, "list", 0)) == (3, 8, 2)
    assert at(scalar(text, "list", 1, "ü")) == (3, 16, 3)
    assert at(scalar(text, "block", 0, "kéy")) == (5, 10, 5)


def test_places_of_collections() -> None:
    node = sound("list: [a]\nflow: {a: b}\nblock:\n  key: 1\nitems:\n  - a\n")
    assert at(member(node, "list"))[:2] == (1, 7)
    assert at(member(node, "flow"))[:2] == (2, 7)
    assert at(member(node, "block")) == (4, 3, 3)
    assert at(member(node, "items"))[:2] == (6, 3)


def test_place_of_a_text_over_several_lines_ends_with_its_first() -> None:
    assert at(scalar("key: 'one\n  two'\n", "key")) == (1, 6, 4)


def test_keys_keep_their_order_and_places() -> None:
    node = sound("b: 1\na: 2\n'c': 3\n")
    assert isinstance(node, Mapping)
    assert list(node.members) == ["b", "a", "c"]
    assert node.key_place("c") == Place("f.yaml", 3, 1, 3)
    assert node.key_place("d") == node.place


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_an_empty_scalar(text: str) -> None:
    node = sound(text)
    assert isinstance(node, Scalar)
    assert (node.text, node.quoted) == ("", False)


def test_an_explicit_start_and_a_modeline_are_fine() -> None:
    assert scalar("# yaml-language-server: $schema=x\n---\na: b\n", "a").text == "b"


def test_a_byte_order_mark_is_no_character(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfkey: value\n")
    problems = Problems()
    node = reader.read(path, "f.yaml", problems)
    assert node is not None and not len(problems)
    assert at(member(node, "key"))[:2] == (1, 6)
    assert at(scalar("\ufeffkey: value", "key"))[:2] == (1, 6)


def test_a_text_that_is_too_large() -> None:
    node, problems = read("a" * (source.LARGEST + 1))
    assert node is None
    assert [problem.code for problem in problems] == ["too-large"]


def test_fifty_deep_is_fine_and_one_more_is_not() -> None:
    assert sound("[" * 50 + "]" * 50) is not None
    node, problems = read("[" * 51 + "]" * 51)
    assert node is None
    assert [(problem.code, problem.column) for problem in problems] == [("too-deep", 51)]


def test_problems_of_one_file_are_bounded() -> None:
    _, problems = read("a: 1\n" * 10_000)
    assert len(problems) == reader.MOST_PROBLEMS


def test_the_first_of_two_keys_counts_and_the_file_is_read_on() -> None:
    node, problems = read("a: 1\na: 2\nb: 3\n")
    assert isinstance(node, Mapping)
    assert {key: found.text for key, found in node if isinstance(found, Scalar)} == {"a": "1", "b": "3"}
    assert [problem.code for problem in problems] == ["duplicate-key"]


@pytest.mark.parametrize(
    "text", ["a: &b c\n", "a: *b\n", "a: !b c\n", "<<: {}\n", "[a]: b\n", "a: b\n---\nc: d\n", "a: {{ b }}\n"]
)
def test_what_is_refused_gives_no_node(text: str) -> None:
    node, problems = read(text)
    assert node is None
    assert problems


def test_places_follow_all_of_yamls_line_breaks() -> None:
    text = "a: 1\r\nb: 2\rc: 3\u2028d: 4\n"
    assert at(scalar(text, "d"))[:2] == (4, 4)
    assert source.source_lines(text) == ["a: 1", "b: 2", "c: 3", "d: 4", ""]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join)))
@example("\ud800")
@example("a: \x7f")
@example("{{}}}")
def test_any_text_is_read_or_is_a_problem(text: str) -> None:
    node, problems = read(text)
    assert node is not None or problems
    lines = source.source_lines(text)
    for problem in problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_are_a_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    problems = Problems()
    assert reader.read(path, "any.yaml", problems) is not None or len(problems)


def test_a_file_that_is_as_it_was_gives_the_same_nodes_and_the_same_problems() -> None:
    first, none = read("a: {b: [1, 2]}\n")
    again, _ = read("a: {b: [1, 2]}\n")
    assert first is again and none == []
    other, _ = read("a: {b: [1, 3]}\n")
    assert other is not first
    for _ in range(2):
        node, problems = read("a: 1\na: 2\n")
        assert node is not None
        assert [problem.code for problem in problems] == ["duplicate-key"]
