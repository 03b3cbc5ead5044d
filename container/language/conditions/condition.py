"""Compiled conditions. `holds` only calls closures; records are built where somebody asks why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from container.language.conditions.operators import groups
from container.language.expression import Expression, Scope
from container.language.patterns import Pattern
from container.language.shape import ABSENT, Shape
from container.problems import Place

Holds = Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition as it was for one event: what was asked, whether it counted as met, the values seen, where."""

    check: str
    passed: bool
    saw: dict[str, Any] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value and one operator."""

    text: str
    place: Place
    value: Shape
    operands: tuple[Shape, ...]  # those that only the event knows
    patterns: tuple[Pattern, ...]
    holds: Holds = field(repr=False)

    def checks(self, scope: Scope, wanted: bool) -> Iterator[Check]:
        """The one check; under a `not` it passes when the condition does not hold."""
        saw = {
            expression.text: expression.evaluate(scope)
            for shape in (self.value, *self.operands)
            for expression in shape.expressions()
        }
        text = self.text if wanted else f"not {self.text}"
        yield Check(text, self.holds(scope) is wanted, saw, str(self.place))

    def groups(self, scope: Scope) -> list[str | None] | None:
        """The regex match, where this is one and holds."""
        value = self.value.render(scope) if self.patterns else ABSENT
        return None if value is ABSENT else groups(self.patterns, value)


@dataclass(frozen=True, slots=True)
class All:
    """All parts hold."""

    parts: tuple[Part, ...]
    holds: Holds = field(repr=False)

    def checks(self, scope: Scope, wanted: bool) -> Iterator[Check]:
        """Those of the parts."""
        return _checks(self.parts, scope, wanted)

    def groups(self, scope: Scope) -> list[str | None] | None:
        """The last match of the parts."""
        return _last_groups(self.parts, scope)


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801  (Any is taken)
    """One part holds."""

    parts: tuple[Part, ...]
    holds: Holds = field(repr=False)

    def checks(self, scope: Scope, wanted: bool) -> Iterator[Check]:
        """Those of the parts."""
        return _checks(self.parts, scope, wanted)

    def groups(self, scope: Scope) -> list[str | None] | None:
        """The last match of the parts."""
        return _last_groups(self.parts, scope)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Part
    holds: Holds = field(repr=False)

    def checks(self, scope: Scope, wanted: bool) -> Iterator[Check]:
        """Those of the part, the other way round."""
        return self.part.checks(scope, not wanted)

    def groups(self, scope: Scope) -> list[str | None] | None:
        """None: what does not hold has no match."""
        return None


Part = Leaf | All | Any_ | Not


def _checks(parts: Sequence[Part], scope: Scope, wanted: bool) -> Iterator[Check]:
    for part in parts:
        yield from part.checks(scope, wanted)


def _last_groups(parts: Sequence[Part], scope: Scope) -> list[str | None] | None:
    found = (part.groups(scope) for part in reversed(parts))
    return next((match for match in found if match is not None), None)


def all_of(parts: Sequence[Part]) -> All:
    """All parts hold; without parts: always."""
    tests = [part.holds for part in parts]

    def holds(scope: Scope) -> bool:
        for test in tests:  # noqa: SIM110  (a loop is twice as fast as all() over a generator)
            if not test(scope):
                return False
        return True

    return All(tuple(parts), tests[0] if len(tests) == 1 else holds)


def any_of(parts: Sequence[Part]) -> Any_:
    """One part holds."""
    tests = [part.holds for part in parts]

    def holds(scope: Scope) -> bool:
        for test in tests:  # noqa: SIM110
            if test(scope):
                return True
        return False

    return Any_(tuple(parts), holds)


def negated(part: Part) -> Not:
    """The part does not hold."""
    test = part.holds
    return Not(part, lambda scope: not test(scope))


class Condition:
    """A `when:` list. `holds(scope)` tells whether all of it holds."""

    __slots__ = ("_root", "holds", "place")

    def __init__(self, root: All, place: Place) -> None:
        self._root = root
        self.place = place
        self.holds: Holds = root.holds

    def explain(self, scope: Scope) -> list[Check]:
        """One check for every single condition, in the order in which they stand."""
        return list(self._root.checks(scope, True))

    def match(self, scope: Scope) -> Scope | None:
        """The scope with `match` (the last regex match: whole, then groups) where all holds; None where not."""
        if not self.holds(scope):
            return None
        found = self._root.groups(scope)
        return scope if found is None else scope.with_local(match=found)

    def expressions(self) -> Iterator[Expression]:
        """Every expression that is looked at."""
        return _expressions(self._root)


def _expressions(part: Part) -> Iterator[Expression]:
    if isinstance(part, Leaf):
        for shape in (part.value, *part.operands):
            yield from shape.expressions()
        return
    for inner in (part.part,) if isinstance(part, Not) else part.parts:
        yield from _expressions(inner)
