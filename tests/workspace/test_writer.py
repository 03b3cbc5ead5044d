"""What is written is read as it was meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.problems import Problems
from container.workspace.conform import plain
from container.workspace.reader import read_text
from container.workspace.writer import Commented, scalar, write

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LEAVES = st.one_of(TEXTS, st.integers(-(10**9), 10**9), st.booleans(), st.none())
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


def read(text: str) -> Any:
    problems = Problems()
    node = read_text(text, "file.yaml", problems)
    assert node is not None, text
    assert not len(problems), [problem.message for problem in problems]
    return plain(node)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_every_value_comes_back(value: dict[str, Any]) -> None:
    assert read(write(value, "what it is")) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("purchase", "purchase"),
        ("Meta CAPI - Purchase", "Meta CAPI - Purchase"),
        ("sqlite:data/tagport.db", "sqlite:data/tagport.db"),
        ("$base", "$base"),
        ("NO", '"NO"'),
        ("0123", '"0123"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        (r"^\w+$", r"'^\w+$'"),
        ("{{ event.value }}", '"{{ event.value }}"'),
        ("a\u2028b", '"a\\u2028b"'),
    ],
)
def test_quotes_only_where_they_are_needed(text: str, written: str) -> None:
    assert scalar(text) == written
    assert read(write({"key": text})) == {"key": text}


def test_short_things_stand_on_one_line_and_long_ones_do_not() -> None:
    assert write({"when": [{"value": "x", "equals": ["a", "b"]}]}) == "when: [{value: x, equals: [a, b]}]\n"
    long = {"table": {f"key_{number}": "a value" for number in range(12)}}
    assert write(long).splitlines()[:2] == ["table:", "  key_0: a value"]


def test_comments_stand_above_what_they_speak_of() -> None:
    said = {
        "clients": {"ga4": Commented({"kind": "ga4"}, "the browser\nand its hits")},
        "list": [Commented("a", "why")],
    }
    assert write(said, "a container") == (
        "# a container\nclients:\n  # the browser\n  # and its hits\n  ga4: {kind: ga4}\nlist:\n  # why\n  - a\n"
    )
