"""The tree of a shape, as proofs at load see it."""

from __future__ import annotations

from speaking import shape

from container.language.shape import EachShape, Leaf, LiteralShape, TextShape
from container.language.shape.nodes import walk


def test_leaves() -> None:
    found = shape(
        """
        data:
          - {$each: "{{ event.emails }}", mail: "{{ item }}"}
          - fixed: x
        map: {$each: "{{ event.tier }}", $key: "{{ item.key }}", $value: {v: "{{ item.value }}"}}
        choice: {$if: "{{ event.zero }}", $value: "{{ event.a }}", $else: 5}
        based: {$base: "{{ event.tier }}", own: "a {{ event.b }}"}
        over: {$override: {o: 1}, own: 2}
        """
    )
    paths = [path for path, _ in found.leaves()]
    assert paths == [
        ("data", "*", "mail"),
        ("data", "*", "fixed"),
        ("map", "*", "v"),
        ("choice",),
        ("choice",),
        ("based", "*"),
        ("based", "own"),
        ("over", "o"),
        ("over", "own"),
    ]
    kinds = {type(leaf) for _, leaf in found.leaves()}
    assert kinds == {Leaf, LiteralShape, TextShape}


def test_expressions_are_all_there() -> None:
    found = shape('{$each: "{{ event.a }}", $key: "{{ item.k }}", $if: "{{ event.b }}", $value: "{{ event.c }}"}')
    assert {one.text for one in found.expressions()} == {"event.a", "item.k", "event.b", "event.c"}


def test_walk_finds_what_pairs_are_gone_through() -> None:
    found = shape('{a: {$each: "{{ event.a }}", $value: "{{ item.key }}"}, b: {$each: "{{ event.a }}", $value: 1}}')
    assert [one.pairs for one in walk(found.tree) if isinstance(one, EachShape)] == [True, False]


def test_constant() -> None:
    assert shape('{a: 1, b: "{{ env.A }}", c: "{{ secret.A }}"}', environment={"A": "1"}).constant
    assert not shape('{a: ["{{ event.a }}"]}').constant



def test_walking_comes_to_every_node_those_that_only_decide_included() -> None:
    found = shape(
        '{$each: "{{ event.a }}", $key: "{{ item.k }}", $if: "{{ event.b }}", $else: 1, $base: {x: "{{ event.d }}"}, '
        'l: ["t {{ event.e }}"], $override: "{{ event.f }}"}'
    )
    kinds = [type(node).__name__.removesuffix("Shape") for node in walk(found.tree)]
    assert sorted(kinds) == sorted(
        ["Each", "Leaf", "Leaf", "If", "Leaf", "Override", "Leaf", "Base", "Mapping", "Leaf", "Mapping", "List", "Text",
         "Literal"]
    )  # fmt: skip
