"""How each node of an expression is written as Python. What a normaliser is given wrongly is told at load."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from container.language.expression.arguments import assign
from container.language.expression.code import Code
from container.language.expression.roots import read
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

Write = Callable[[Code], str]
_NOWHERE = Scope()


class BadPipe(Exception):
    """A normaliser refuses what it is given: the pipe and why."""

    def __init__(self, pipe: Pipe, reason: str) -> None:
        super().__init__(reason)
        self.pipe = pipe


class Writer:
    """Writes one value. `write` tells where it is; inside `given` it is not None."""

    def __init__(self, write: Callable[[Code], str]) -> None:
        self.write = write

    @contextmanager
    def given(self, code: Code) -> Iterator[str]:
        """The block in which there is something."""
        value = self.write(code)
        with code.block(f"if {value} is not None:"):
            yield value


@contextmanager
def present(writer: Writer, code: Code) -> Iterator[str]:
    """The block in which the value is present; most are absent or true, which takes no call to ask."""
    if isinstance(writer, _Piped) and code.takes(writer.length):
        with writer.given_value(code) as value, code.block(f"if {is_present(value)}:"):
            yield value
    else:
        value = writer.write(code)
        with code.block(f"if {is_present(value)}:"):
            yield value


def is_present(value: str) -> str:
    """The question whether a written value is present."""
    return f"{value} or ({value} is not None and present({value}))"


def is_constant(tree: Tree) -> bool:
    """Whether the value is known at load."""
    return not any(isinstance(node, Path) for node in walk(tree))


def writer(tree: Tree, context: Context) -> Writer:
    """What writes `tree`. Raises `BadPipe`."""
    found = _writer(tree, context)
    if isinstance(tree, Literal) or not is_constant(tree):
        return found
    value = known(found)
    return Writer(lambda code: code.constant(value))


def known(writer: Writer) -> Any:
    """The value of what reads nothing."""
    code = Code()
    return code.returning(writer.write(code))(_NOWHERE)


def _writer(tree: Tree, context: Context) -> Writer:
    match tree:
        case Literal(value=value):
            return Writer(lambda code: code.constant(value))
        case Path():
            return Writer(_path(tree, tree.root in context.locals))
        case Pipe():
            return _pipe(tree, context)
        case Not(value=value):
            inner = writer(value, context)
            return Writer(lambda code: code.put(f"not {inner.write(code)}"))
        case Compare():
            return Writer(_compare(tree, context))
        case Or(options=options):
            return Writer(_either([writer(option, context) for option in options], True))
        case And(options=options):
            return Writer(_either([writer(option, context) for option in options], False))
        case Alternatives(options=options):
            return Writer(_first([writer(option, context) for option in options]))
        case ListOf(items=items):
            elements = [writer(item, context) for item in items]
            return Writer(lambda code: code.put(f"[{', '.join([element.write(code) for element in elements])}]"))


def _either(options: Sequence[Writer], wanted: bool) -> Write:
    """`or` (wanted: true) and `and` (wanted: false): the first option that decides ends it."""
    def write(code: Code) -> str:
        first, *others = options
        found = code.put(f"bool({first.write(code)})")
        for option in others:
            with code.block(f"if {found} is {not wanted}:"):
                code.add(f"{found} = bool({option.write(code)})")
        return found

    return write


def _first(options: Sequence[Writer]) -> Write:
    """`??`: the first that is present, the last as it is."""

    def write(code: Code) -> str:
        first, *others = options
        found = code.put(first.write(code))
        for option in others:
            with code.block(f"if not ({is_present(found)}):"):
                code.add(f"{found} = {option.write(code)}")
        return found

    return write


_NUMERIC: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(tree: Compare, context: Context) -> Write:
    left, right = writer(tree.left, context), writer(tree.right, context)

    def write(code: Code) -> str:
        one, other = left.write(code), right.write(code)
        match tree.op:
            case "==":
                return code.put(_equal(one, other, tree.right, code))
            case "!=":
                return code.put(f"not ({_equal(one, other, tree.right, code)})")
            case "in":
                return code.put(f"contains({other}, {one})")
            case _:
                return code.put(f"compared({code.constant(_NUMERIC[tree.op])}, {one}, {other})")

    return write


def _equal(one: str, other: str, right: Tree, code: Code) -> str:
    """Most compare a text with one that is written out."""
    by_hand = f"equal({one}, {other})"
    if isinstance(right, Literal) and isinstance(right.value, str) and right.value:
        return f"{one} == {other} if {one}.__class__ is str else {by_hand}"
    return by_hand


# paths


def _path(path: Path, local: bool) -> Write:
    """The roots that templates are made of are read in place, the others by their readers."""
    if local:
        return lambda code: _steps(code, code.local(path.root), path.keys)
    if path.root == "event" and (not path.keys or isinstance(path.keys[0], str)):
        return lambda code: _steps(code, _event(code, path.keys), path.keys[1:])
    if path.root == "consent" and path.keys and isinstance(path.keys[0], str):
        return lambda code: _steps(code, code.put(f"{code.root('S')}.get({path.keys[0]!r})"), path.keys[1:])
    if path.root == "var":
        return lambda code: _steps(code, code.put(f"{code.root('V')}({str(path.keys[0])!r})"), path.keys[1:])
    reader = read(path)
    return lambda code: code.put(f"{code.constant(reader)}(scope)")


def _event(code: Code, keys: Sequence[str | int]) -> str:
    return code.put(f"{code.root('E')}.get({keys[0]!r})") if keys else code.root("E")


def _steps(code: Code, found: str, keys: Sequence[str | int]) -> str:
    for key in keys:
        member = f"{found}.get({key!r}) if {found}.__class__ is dict else " if isinstance(key, str) else ""
        found = code.put(f"None if {found} is None else {member}step({found}, {key!r})")
    return found


# normalisers


def _pipe(pipe: Pipe, context: Context) -> Writer:
    normaliser = NORMALISERS[pipe.name]
    assigned = assign(normaliser, pipe)
    arguments = [
        _argument(parameter, assigned.get(parameter.name, ()), context) for parameter in normaliser.parameters
    ]
    value = writer(pipe.value, context)
    if not any(isinstance(argument, _Later) for argument in arguments):
        return _Piped(value, *_functions(pipe, arguments))
    return Writer(_bound_later(value, normaliser.function, arguments))


class _Piped(Writer):
    """A value that went through a normaliser; every one makes nothing of nothing, so it is not even asked."""

    def __init__(self, value: Writer, of_one: Apply, of_any: Apply) -> None:
        super().__init__(self._write)
        self._value = value
        self._of_one = of_one
        self._of_any = of_any
        self.length: int = 1 + (value.length if isinstance(value, _Piped) else 0)

    def _write(self, code: Code) -> str:
        found = self._value.write(code)
        return code.put(f"None if {found} is None else {self._applied(found, code)}")

    def _applied(self, found: str, code: Code) -> str:
        """The call: most values are no lists, and need not be asked whether they are one in a call of its own."""
        one = f"{code.constant(self._of_one)}({found})"
        if self._of_one is self._of_any:
            return one
        return f"{one} if {found}.__class__ is not list else {code.constant(self._of_any)}({found})"

    @contextmanager
    def given_value(self, code: Code) -> Iterator[str]:
        """The block in which there was something to normalise, and what became of it."""
        with self._value.given(code) as found:
            yield code.put(self._applied(found, code))

    @contextmanager
    def given(self, code: Code) -> Iterator[str]:
        """The block in which something became of it."""
        with self.given_value(code) as found, code.block(f"if {found} is not None:"):
            yield found


class _Later:
    """An argument that only the event knows."""

    def __init__(self, writer: Writer) -> None:
        self.write = writer.write


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
            return _Later(writer(tree, context))
        case "value":
            return known(writer(tree, context))
        case _:
            return _literal(tree)


def _literal(tree: Tree) -> Any:
    return tree.value if isinstance(tree, Literal) else None


def _functions(pipe: Pipe, arguments: list[Any]) -> tuple[Apply, Apply]:
    try:
        return NORMALISERS[pipe.name].functions(arguments)
    except BadArgument as error:
        raise BadPipe(pipe, str(error)) from error


def _bound_later(value: Writer, bind: Callable[[list[Any]], Apply], arguments: list[Any]) -> Write:
    def apply(found: Any, *given: Any) -> Any:
        try:
            return bind(list(given))(found)
        except BadArgument:
            return None

    def write(code: Code) -> str:
        found, result = value.write(code), code.put("None")
        with code.block(f"if {found} is not None:"):
            given = [one.write(code) if isinstance(one, _Later) else code.constant(one) for one in arguments]
            code.add(f"{result} = {code.constant(apply)}({', '.join([found, *given])})")
        return result

    return write
