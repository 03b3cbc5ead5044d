"""From the checked tree to one function of the scope."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from container.language.expression.arguments import assign
from container.language.expression.roots import into, read, read_into
from container.language.expression.scope import Context, Scope
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
from container.language.normalisers import NORMALISERS
from container.language.normalisers.base import Apply, BadArgument, Parameter
from container.language.values import contains, equal, number, present, truth

Evaluate = Callable[[Scope], Any]
_NOWHERE = Scope()


class BadPipe(Exception):
    """A normaliser refuses what it is given: the pipe and why."""

    def __init__(self, pipe: Pipe, reason: str) -> None:
        super().__init__(reason)
        self.pipe = pipe


def is_constant(tree: Tree) -> bool:
    """Whether the value is known at load."""
    return not any(isinstance(node, Path) for node in walk(tree))


def compile_tree(tree: Tree, context: Context) -> Evaluate:
    """The function that evaluates `tree`. Raises `BadPipe`."""
    run = _compile(tree, context)
    if isinstance(tree, Literal) or not is_constant(tree):
        return run
    return _always(run(_NOWHERE))


def _always(value: Any) -> Evaluate:
    return lambda scope: value


def _compile(tree: Tree, context: Context) -> Evaluate:
    match tree:
        case Literal(value=value):
            return _always(value)
        case Path():
            return read(tree, tree.root in context.locals)
        case Pipe():
            return _pipe(tree, context)
        case Not(value=value):
            inner = compile_tree(value, context)
            return lambda scope: not truth(inner(scope))
        case Compare():
            return _compare(tree, context)
        case Or(options=options):
            return _any([compile_tree(option, context) for option in options])
        case And(options=options):
            return _all([compile_tree(option, context) for option in options])
        case Alternatives(options=options):
            return _first([compile_tree(option, context) for option in options])
        case ListOf(items=items):
            elements = [compile_tree(item, context) for item in items]
            return lambda scope: [element(scope) for element in elements]


def _any(options: list[Evaluate]) -> Evaluate:
    def run(scope: Scope) -> bool:
        for option in options:  # noqa: SIM110  (a loop is twice as fast as any() over a generator)
            if option(scope):  # `truth`, asked in place as below: a call costs more than the question
                return True
        return False

    return run


def _all(options: list[Evaluate]) -> Evaluate:
    def run(scope: Scope) -> bool:
        for option in options:  # noqa: SIM110
            if not option(scope):
                return False
        return True

    return run


def _first(options: list[Evaluate]) -> Evaluate:
    *earlier, last = options

    def run(scope: Scope) -> Any:
        for option in earlier:
            value = option(scope)
            if value or (value is not None and present(value)):
                return value
        return last(scope)

    return run


_NUMERIC: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(tree: Compare, context: Context) -> Evaluate:
    left, right = compile_tree(tree.left, context), compile_tree(tree.right, context)
    match tree.op:
        case "==":
            return lambda scope: equal(left(scope), right(scope))
        case "!=":
            return lambda scope: not equal(left(scope), right(scope))
        case "in":
            return lambda scope: contains(right(scope), left(scope))
        case _:
            return _compare_numbers(_NUMERIC[tree.op], left, right)


def _compare_numbers(holds: Callable[[Any, Any], bool], left: Evaluate, right: Evaluate) -> Evaluate:
    def run(scope: Scope) -> bool:
        one = number(left(scope))
        other = number(right(scope))
        return one is not None and other is not None and holds(one, other)

    return run


# normalisers


def _pipe(pipe: Pipe, context: Context) -> Evaluate:
    """Every normaliser makes nothing of nothing, so it is not even asked."""
    normaliser = NORMALISERS[pipe.name]
    assigned = assign(normaliser, pipe)
    arguments = [
        _argument(parameter, assigned.get(parameter.name, ()), context) for parameter in normaliser.parameters
    ]
    if not any(isinstance(argument, _Later) for argument in arguments):
        return _piped(pipe.value, _function(pipe, arguments), context)
    return _bound_later(compile_tree(pipe.value, context), normaliser.function, arguments)


def _piped(tree: Tree, function: Apply, context: Context) -> Evaluate:
    if isinstance(tree, Path):
        return read_into(tree, tree.root in context.locals, function)
    return into(compile_tree(tree, context), function)


class _Later:
    """An argument that only the event knows."""

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate


def _argument(parameter: Parameter, trees: tuple[Tree, ...], context: Context) -> Any:
    if parameter.kind == "words":
        return tuple(_literal(tree) for tree in trees)
    if not trees:
        return None
    tree = trees[0]
    match parameter.kind:
        case "list":
            return tuple(_literal(item) for item in tree.items) if isinstance(tree, ListOf) else ()
        case "table":
            return context.tables[str(_literal(tree))]
        case "value" if not is_constant(tree):
            return _Later(compile_tree(tree, context))
        case "value":
            return compile_tree(tree, context)(_NOWHERE)
        case _:
            return _literal(tree)


def _literal(tree: Tree) -> Any:
    return tree.value if isinstance(tree, Literal) else None


def _function(pipe: Pipe, arguments: list[Any]) -> Apply:
    try:
        return NORMALISERS[pipe.name].function(arguments)
    except BadArgument as error:
        raise BadPipe(pipe, str(error)) from error


def _bound_later(value: Evaluate, bind: Callable[[list[Any]], Apply], arguments: list[Any]) -> Evaluate:
    def run(scope: Scope) -> Any:
        found = value(scope)
        if found is None:
            return None
        given = [argument.evaluate(scope) if isinstance(argument, _Later) else argument for argument in arguments]
        try:
            return bind(given)(found)
        except BadArgument:
            return None

    return run
