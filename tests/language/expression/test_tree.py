"""The tree of an expression, as proofs walk it."""

from __future__ import annotations

import pytest
from speaking import expression, scope

from container.language.expression import Path, Tree, walk
from container.language.expression.tree import Spot, children


def test_path_as_text() -> None:
    assert str(expression('event.items[0]["a b"].c-d').tree) == 'event.items[0]["a b"].c-d'


def test_the_deepest_tree_is_walked() -> None:
    level = "(not (event.b ?? {}) == 1 and event.a or event.c)"
    text = "event.a"
    for _ in range(9):
        text = level.format(text)
    found = expression(text + " | text" * 50)
    assert found.evaluate(scope({"a": 1})) == "true"
    assert len(list(found.reads())) == 28



@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("event.a", "Path"),
        ("1", "Literal"),
        ("event.a | replace('x', event.b)", "Pipe Path Literal Path"),
        ("event.a | sum(price, quantity)", "Pipe Path Literal Literal"),
        ("event.a | lookup(t, else: event.b)", "Pipe Path Literal Path"),
        ("event.a or event.b or 1", "Or Path Path Literal"),
        ("event.a and not event.b", "And Path Not Path"),
        ("event.a == event.b ?? 1", "Compare Path Alternatives Path Literal"),
        ("[event.a, [event.b]]", "ListOf Path ListOf Path"),
    ],
)
def test_walking_comes_to_every_node(text: str, kinds: str) -> None:
    tree = expression(text, tables={"t": {}}).tree
    assert [type(node).__name__ for node in walk(tree)] == kinds.split()
    assert children(Path("event")) == ()


def test_a_path_knows_where_each_of_its_keys_stands() -> None:
    tree: Tree = expression('event.items[0]["a b"]').tree
    assert isinstance(tree, Path)
    assert [tree.spot(index) for index in (-1, 0, 1, 2)] == [Spot(0, 5), Spot(6, 5), Spot(12, 1), Spot(15, 5)]
    assert tree.spot(9) == Spot(0, 21), "of a key that is not there all of it"


def test_trees_are_equal_wherever_they_stand() -> None:
    assert expression("  event.a").tree == expression("event.a").tree
