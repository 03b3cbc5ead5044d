"""One expression: parsed, checked, compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from container.language.expression.check import Checker, Locate, has_secret
from container.language.expression.closures import BadPipe, compile_tree, is_constant
from container.language.expression.names import instead
from container.language.expression.parser import parse_tree
from container.language.expression.scope import Context, Scope
from container.language.expression.tokens import Fault
from container.language.expression.tree import Alternatives, Literal, Path, Pipe, Tree, walk
from container.problems import Place


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands in one pair of braces. `evaluate` is one call and never raises; absent is None (or empty).

    `locate` tells the place of a part of the tree from its `at` and `length`.
    """

    text: str
    place: Place
    tree: Tree
    evaluate: Callable[[Scope], Any] = field(repr=False, compare=False)
    locate: Locate = field(repr=False, compare=False)
    constant: bool = False  # the value is known at load
    secret: bool = False  # a `Secret` reference, or a choice among some

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
        evaluate = compile_tree(tree, context)
    except BadPipe as bad:
        context.problems.error("bad-argument", str(bad), locate(bad.pipe.at, bad.pipe.length))
        return None
    written = text.strip()
    place = locate(text.index(written), len(written))
    return Expression(written, place, tree, evaluate, locate, is_constant(tree), has_secret(tree))


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
