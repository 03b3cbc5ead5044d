"""What stands between `{{` and `}}`: parsed and checked at load, one call per event."""

from container.language.expression.check import Locate
from container.language.expression.expression import Expression, hash_rule, parse, parse_located, reads
from container.language.expression.scope import ROOTS, Context, Scope
from container.language.expression.tree import (
    Alternatives,
    And,
    Compare,
    ListOf,
    Literal,
    Not,
    Or,
    Path,
    Pipe,
    Tree,
    walk,
)
from container.language.values import as_text, equal, present, truth

__all__ = [
    "ROOTS",
    "Alternatives",
    "And",
    "Compare",
    "Context",
    "Expression",
    "ListOf",
    "Literal",
    "Locate",
    "Not",
    "Or",
    "Path",
    "Pipe",
    "Scope",
    "Tree",
    "as_text",
    "equal",
    "hash_rule",
    "parse",
    "parse_located",
    "present",
    "reads",
    "truth",
    "walk",
]
