"""Which argument of a normaliser belongs to which of its parameters."""

from __future__ import annotations

from container.language.expression.tokens import Fault
from container.language.expression.tree import Pipe, Spot, Tree
from container.language.normalisers.base import Normaliser, Parameter
from container.problems import did_you_mean

Assigned = dict[str, tuple[Tree, ...]]


def assign(normaliser: Normaliser, pipe: Pipe) -> Assigned:
    """The arguments by parameter name. Raises `Fault` where one is missing or too many."""
    positional = [parameter for parameter in normaliser.parameters if not parameter.named]
    found: Assigned = {}
    for position, tree in enumerate(pipe.args):
        parameter = _at(positional, position)
        if parameter is None:
            raise Fault(tree.at, tree.length, _too_many(normaliser, len(positional)), f"write `{normaliser.usage}`")
        found[parameter.name] = (*found.get(parameter.name, ()), tree)
    for (name, tree), spot in zip(pipe.kwargs, pipe.spots, strict=True):
        _named(normaliser, found, name, tree, spot)
    for parameter in normaliser.parameters:
        if parameter.required and parameter.name not in found:
            message = f"`{normaliser.name}` needs `{parameter.name}`"
            known = f", {parameter.name} is one of: {', '.join(parameter.choices)}" if parameter.choices else ""
            raise Fault(pipe.at, pipe.length, message, f"write `{normaliser.usage}`{known}")
    return found


def _at(positional: list[Parameter], position: int) -> Parameter | None:
    if position < len(positional):
        return positional[position]
    return positional[-1] if positional and positional[-1].kind == "words" else None


def _too_many(normaliser: Normaliser, most: int) -> str:
    if not normaliser.parameters:
        return f"`{normaliser.name}` takes no arguments"
    return f"`{normaliser.name}` takes at most {most} argument{'s' if most != 1 else ''} without a name"


def _named(normaliser: Normaliser, found: Assigned, name: str, tree: Tree, spot: Spot) -> None:
    known = {parameter.name for parameter in normaliser.parameters if parameter.kind != "words"}
    if name not in known:
        hint = did_you_mean(name, known) or f"write `{normaliser.usage}`"
        raise Fault(*spot, f"`{normaliser.name}` has no argument `{name}`", hint)
    if name in found:
        raise Fault(*spot, f"`{name}` is given twice")
    found[name] = (tree,)
