"""One expression: parsed, checked, compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from container.language.expression.check import Checker, Locate, has_secret
from container.language.expression.code import Code, Evaluate
from container.language.expression.names import instead
from container.language.expression.parser import parse_tree
from container.language.expression.scope import Context
from container.language.expression.tokens import Fault
from container.language.expression.tree import Alternatives, Literal, Path, Pipe, Tree, walk
from container.language.expression.writing import BadPipe, Writer, is_constant, writer
from container.problems import Place


@dataclass(frozen=True)
class Expression:
    """What stands in one pair of braces. `writer` makes Python of it, by itself or as a part of a shape.

    `locate` tells the place of a part of the tree from its `at` and `length`.
    """

    text: str
    place: Place
    tree: Tree
    writer: Writer = field(repr=False, compare=False)
    locate: Locate = field(repr=False, compare=False)
    constant: bool = False  # the value is known at load
    secret: bool = False  # a `Secret` reference, or a choice among some

    @cached_property
    def evaluate(self) -> Evaluate:
        """The function of the scope: it never raises; absent is None (or empty)."""
        code = Code()
        return code.returning(self.writer.write(code))

    def reads(self) -> Iterator[Path]:
        """Every path it reads."""
        return reads(self.tree)


def parse(text: str, place: Place, context: Context) -> Expression | None:
    """The expression `text` (without braces) whose first character stands at `place`; None: problems were added."""
    return parse_located(text, place.moved, context)


def parse_located(text: str, locate: Locate, context: Context) -> Expression | None:
    """As `parse`, where `locate` tells the place of what stands at an offset of the text."""
    try:
        tree = parse_tree(text)
    except Fault as fault:
        hint = (instead(text, context)) or fault.hint
        context.problems.error("bad-expression", fault.message, locate(fault.at, fault.length), hint)
        return None
    checker = Checker(context, locate)
    tree = checker.resolve(tree)
    if checker.failed:
        return None
    try:
        written_by = writer(tree, context)
    except BadPipe as bad:
        context.problems.error("bad-argument", str(bad), locate(bad.pipe.at, bad.pipe.length))
        return None
    written = text.strip()
    place = locate(text.index(written), len(written))
    return Expression(written, place, tree, written_by, locate, is_constant(tree), has_secret(tree))


def reads(tree: Tree) -> Iterator[Path]:
    """Every path of a tree."""
    return (node for node in walk(tree) if isinstance(node, Path))


def hash_rule(tree: Tree) -> str | None:
    """The rule of `… | hashed(rule)` that all the tree can give went through; None where not everything did."""
    match tree:
        case Pipe(name="hashed", args=(Literal(value=str() as rule), *_)):
            return str(rule)
        case Pipe(name="first" | "last" | "slice", value=value):
            return hash_rule(value)
        case Alternatives(options=options):
            rules = {hash_rule(option) for option in options}
            return rules.pop() if len(rules) == 1 else None
        case _:
            return None
