"""What a template's expressions name, `let` and `params`: worked out in the order in which they need each other.

Nothing is worked out twice: first what the target needs, then, only where the call may fire, what the request needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.errors import Invalid
from container.language.expression import Expression, Path, Scope, walk
from container.language.shape import ABSENT, Shape, names_renderer
from container.problems import Problems
from container.templates.params import Parameter, Values

Needed = tuple[frozenset[str], frozenset[str]]  # parameters, let names


def read_by(expressions: Iterable[Expression], lets: Mapping[str, Shape]) -> Needed:
    """The parameters and `let` names these expressions need, through other `let` names too."""
    params: set[str] = set()
    found: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for node in walk(waiting.pop().tree):
            if isinstance(node, Path) and node.root == "params" and node.keys:
                params.add(str(node.keys[0]))
            elif isinstance(node, Path) and node.root in lets and node.root not in found:
                found.add(node.root)
                waiting.extend(lets[node.root].expressions())
    return frozenset(params), frozenset(found)


def in_order(lets: Mapping[str, Shape], problems: Problems) -> list[str]:
    """The `let` names, each after those it needs; names that need each other are told and left out."""
    needs = {name: read_by(shape.expressions(), lets)[1] for name, shape in lets.items()}
    circles = sorted(name for name, needed in needs.items() if name in needed)
    if circles:
        names = ", ".join(f"`{name}`" for name in circles)
        first = min((lets[name].place for name in circles), key=lambda place: (place.line, place.column))
        problems.error("let-circle", f"these names of `let` need each other: {names}", first, "let one read `event.…`")
    return sorted((name for name in lets if name not in circles), key=lambda name: len(needs[name]))


@dataclass(frozen=True, slots=True)
class Step:
    """Some names, worked out together."""

    params: tuple[tuple[Parameter, Callable[[Scope], Any]], ...]
    lets: Callable[[Scope], Mapping[str, Any]]

    def run(self, scope: Scope, local: dict[str, Any]) -> Scope:
        """The scope with these names; `local` and its `params` are filled. Raises `Invalid` where a value is unfit."""
        params = local["params"]
        for parameter, render in self.params:
            value = render(scope)
            if value is not ABSENT and value is not None:
                params[parameter.name] = _read(parameter, value)
        inner = scope if scope.local is local else scope.over(local)
        local.update(self.lets(inner))
        return inner


def _read(parameter: Parameter, value: Any) -> Any:
    found = parameter.read(value)
    if found is None:
        raise Invalid(f"params.{parameter.name}", f"this has to be {parameter.wants}")
    return found


def step(
    names: Needed,
    done: Needed,
    ordered: Sequence[str],
    lets: Mapping[str, Shape],
    declared: Mapping[str, Parameter],
    values: Values,
) -> Step:
    """The step that works out `names` without those that are `done`."""
    wanted = names[0] - done[0]
    params = tuple((declared[name], shape.render) for name, shape in values.dynamic(sorted(wanted)) if name in declared)
    names_of_let = names[1] - done[1]
    return Step(params, names_renderer({name: lets[name].tree for name in ordered if name in names_of_let}))
