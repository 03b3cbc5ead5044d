"""The tree of an expression: frozen, for proofs at load. Evaluation never walks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Spot(NamedTuple):
    """A part of the expression's text."""

    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    at: int = field(default=0, compare=False, repr=False)  # offset in the expression's text
    length: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(_Node):
    """A value known at load: written down, folded from `env.X`, or a `Secret` reference."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path(_Node):
    """`root.key[0]["key"]`. `spots`: where each key stands."""

    root: str
    keys: tuple[str | int, ...] = ()
    spots: tuple[Spot, ...] = field(default=(), compare=False, repr=False, kw_only=True)

    def spot(self, index: int) -> Spot:
        """Where the key `index` stands; -1 is the root."""
        if index < 0:
            return Spot(self.at, len(self.root))
        return self.spots[index] if index < len(self.spots) else Spot(self.at, self.length)

    def __str__(self) -> str:
        return self.root + "".join(_key(key) for key in self.keys)


def _key(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if key and all(letter.isalnum() or letter in "_-$" for letter in key) else f'["{key}"]'


@dataclass(frozen=True, slots=True)
class Pipe(_Node):
    """`value | name(args, name: arg)`. After the check, words (`hashed(email)`) are literals.

    `spots`: where the name of each named argument stands.
    """

    value: Tree
    name: str
    args: tuple[Tree, ...] = ()
    kwargs: tuple[tuple[str, Tree], ...] = ()
    spots: tuple[Spot, ...] = field(default=(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Or(_Node):
    """True where one of the options is."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class And(_Node):
    """True where all options are."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not(_Node):
    """True where the value is not."""

    value: Tree


@dataclass(frozen=True, slots=True)
class Compare(_Node):
    """`left op right`; op is one of == != < <= > >= in."""

    op: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Alternatives(_Node):
    """`a ?? b`: the first present, the last as it is."""

    options: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class ListOf(_Node):
    """`[a, b]`."""

    items: tuple[Tree, ...]


Tree = Literal | Path | Pipe | Or | And | Not | Compare | Alternatives | ListOf


def children(tree: Tree) -> tuple[Tree, ...]:
    """The nodes directly below."""
    match tree:
        case Pipe(value=value, args=args, kwargs=kwargs):
            return (value, *args, *(arg for _, arg in kwargs))
        case Or(options=options) | And(options=options) | Alternatives(options=options):
            return options
        case Not(value=value):
            return (value,)
        case Compare(left=left, right=right):
            return (left, right)
        case ListOf(items=items):
            return items
        case _:
            return ()


def walk(tree: Tree) -> Iterator[Tree]:
    """The node and all below it, depth first."""
    yield tree
    for child in children(tree):
        yield from walk(child)
