"""The language in one call: what a text, a shape, a condition gives, or the problems it has."""

from __future__ import annotations

from typing import Any

from container.language.conditions import Condition, compile_conditions
from container.language.expression import Context, Expression, Scope, parse
from container.language.shape import Shape, compile_shape
from container.node import Node
from container.problems import Place, Problem, Problems
from container.workspace.reader import read_text

FILE = "a.yaml"


def context(**names: Any) -> Context:
    """A context with problems of its own."""
    return Context(**{"problems": Problems(), **names})


def scope(event: dict[str, Any] | None = None, **names: Any) -> Scope:
    """A scope over this event data."""
    return Scope(event=event or {}, **names)


def expression(text: str, **names: Any) -> Expression:
    """The expression, which must be without problems."""
    known = context(**names)
    found = parse(text, Place(FILE), known)
    assert found is not None, list(known.problems)
    return found


def value(text: str, event: dict[str, Any] | None = None, *, over: Scope | None = None, **names: Any) -> Any:
    """What the expression gives over this event data."""
    return expression(text, **names).evaluate(over or scope(event))


def problems(text: str, **names: Any) -> list[Problem]:
    """What is wrong with the expression."""
    known = context(**names)
    found = parse(text, Place(FILE), known)
    assert (found is None) == bool(known.problems.errors)
    return list(known.problems)


def problem(text: str, **names: Any) -> Problem:
    """The only thing that is wrong with the expression."""
    (found,) = problems(text, **names)
    return found


def node(yaml: str) -> Node:
    """The YAML's node, with places."""
    found = Problems()
    read = read_text(yaml, FILE, found)
    assert read is not None, list(found)
    return read


def shape(yaml: str, **names: Any) -> Shape:
    """The shape, which must be without problems."""
    known = context(**names)
    found = compile_shape(node(yaml), known)
    assert not len(known.problems), list(known.problems)
    return found


def rendered(yaml: str, event: dict[str, Any] | None = None, **names: Any) -> Any:
    """What the shape renders to over this event data."""
    return shape(yaml, **names).render(scope(event))


def shape_problems(yaml: str, **names: Any) -> list[Problem]:
    """What is wrong with the shape."""
    known = context(**names)
    compile_shape(node(yaml), known)
    return list(known.problems)


def condition(yaml: str, **names: Any) -> Condition:
    """The conditions, which must be without problems."""
    known = context(**names)
    found = compile_conditions(node(yaml), known)
    assert not len(known.problems), list(known.problems)
    return found


def holds(yaml: str, event: dict[str, Any] | None = None, **names: Any) -> bool:
    """Whether the conditions hold over this event data; records must agree."""
    found = condition(yaml, **names)
    over = scope(event)
    assert (found.match(over) is not None) == found.holds(over)
    return found.holds(over)


def condition_problems(yaml: str, **names: Any) -> list[Problem]:
    """What is wrong with the conditions."""
    known = context(**names)
    compile_conditions(node(yaml), known)
    return list(known.problems)


def nested(levels: int, inner: str, around: str) -> str:
    """`inner` in so many levels of `around`."""
    for _ in range(levels):
        inner = around % inner
    return inner
