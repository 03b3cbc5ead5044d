"""The tree of a shape: frozen, for proofs at load. Rendering never walks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal

from container.language.expression import Expression, Scope
from container.problems import Place


class Absent(Enum):
    """What renders to nothing at all; `null` that was written is None."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Step = str | int | Literal["*"]
ShapePath = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    place: Place


@dataclass(frozen=True, slots=True)
class LiteralShape(_Node):
    """What is written stays."""

    value: Any

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Leaf(_Node):
    """One expression and nothing else: keeps its type."""

    expression: Expression

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The one."""
        return (self.expression,)


@dataclass(frozen=True, slots=True)
class TextShape(_Node):
    """Text around expressions; absent as a whole when a part is."""

    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Those between the texts."""
        return tuple(part for part in self.parts if isinstance(part, Expression))


@dataclass(frozen=True, slots=True)
class MappingShape(_Node):
    """Members in their order."""

    members: tuple[tuple[str, ShapeNode], ...]


@dataclass(frozen=True, slots=True)
class ListShape(_Node):
    """Elements in their order; an `EachShape` without key among them is spliced."""

    items: tuple[ShapeNode, ...]


@dataclass(frozen=True, slots=True)
class EachShape(_Node):
    """`$each`: `body` once for every element of `source`, which it names `name`.

    `pairs`: a mapping is gone through as {key, value}; else it is one element. With `key` the result is a mapping.
    """

    source: ShapeNode
    name: str
    key: ShapeNode | None
    body: ShapeNode
    pairs: bool


@dataclass(frozen=True, slots=True)
class IfShape(_Node):
    """`$if`: `body` where the condition is true, else `otherwise`."""

    condition: ShapeNode
    body: ShapeNode
    otherwise: ShapeNode | None


@dataclass(frozen=True, slots=True)
class BaseShape(_Node):
    """`$base`: a mapping whose members give way to those of `body`."""

    base: ShapeNode
    body: ShapeNode


@dataclass(frozen=True, slots=True)
class OverrideShape(_Node):
    """`$override`: a mapping whose present members replace those of `body`."""

    override: ShapeNode
    body: ShapeNode


LeafNode = LiteralShape | Leaf | TextShape
ShapeNode = LeafNode | MappingShape | ListShape | EachShape | IfShape | BaseShape | OverrideShape


def children(node: ShapeNode) -> tuple[ShapeNode, ...]:
    """The nodes directly below, `$each` sources and `$if` conditions included."""
    match node:
        case MappingShape(members=members):
            return tuple(member for _, member in members)
        case ListShape(items=items):
            return items
        case EachShape(source=source, key=key, body=body):
            return (source, body) if key is None else (source, key, body)
        case IfShape(condition=condition, body=body, otherwise=otherwise):
            return (condition, body) if otherwise is None else (condition, body, otherwise)
        case BaseShape(base=other, body=body) | OverrideShape(override=other, body=body):
            return (other, body)
        case _:
            return ()


def walk(node: ShapeNode) -> Iterator[ShapeNode]:
    """The node and all below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)


def leaves(node: ShapeNode, path: ShapePath = ()) -> Iterator[tuple[ShapePath, LeafNode]]:
    """Every leaf that can land in the result, with its path; "*" is any index and any key known only at run time."""
    match node:
        case LiteralShape() | Leaf() | TextShape():
            yield path, node
        case MappingShape(members=members):
            for name, member in members:
                yield from leaves(member, (*path, name))
        case ListShape(items=items):
            for item in items:
                spliced = isinstance(item, EachShape) and item.key is None
                yield from leaves(item, path if spliced else (*path, "*"))
        case EachShape(body=body):
            yield from leaves(body, (*path, "*"))
        case IfShape(body=body, otherwise=otherwise):
            yield from leaves(body, path)
            if otherwise is not None:
                yield from leaves(otherwise, path)
        case BaseShape(base=other, body=body) | OverrideShape(override=other, body=body):
            yield from leaves(other, (*path, "*") if isinstance(other, Leaf) else path)
            yield from leaves(body, path)


@dataclass(frozen=True)
class Shape:
    """A shape; `compiled` makes its function once it is asked for."""

    place: Place
    tree: ShapeNode
    compiled: Callable[[ShapeNode], Callable[[Scope], Any]] = field(repr=False, compare=False)

    @cached_property
    def render(self) -> Callable[[Scope], Any]:
        """The function of the scope: it never raises, and gives the value or `ABSENT`."""
        return self.compiled(self.tree)

    @property
    def constant(self) -> bool:
        """Whether it renders the same for every event."""
        return all(expression.constant for expression in self.expressions())

    def leaves(self) -> Iterator[tuple[ShapePath, LeafNode]]:
        """Every leaf that can land in the result, with its path."""
        return leaves(self.tree)

    def expressions(self) -> Iterator[Expression]:
        """Every expression, those of `$each` and `$if` included."""
        for node in walk(self.tree):
            if isinstance(node, LiteralShape | Leaf | TextShape):
                yield from node.expressions
