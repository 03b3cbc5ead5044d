"""A template's parameters, and what a tag gives for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from container.call import Secret
from container.language.conditions import Condition
from container.language.expression import Context, Path, Scope, as_text
from container.language.normalisers import NORMALISERS
from container.language.patterns import BadPattern, Pattern
from container.language.shape import ABSENT, Leaf, LiteralShape, Shape, compile_shape
from container.language.values import number
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Text
from container.problems import Place, Problems, did_you_mean, nearest

_NOWHERE = Scope()
_BOOLEAN = NORMALISERS["boolean"].function([])
_WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}


class Variable(Protocol):
    """What of a variable the proofs at load look at: what its value can be, and what it asks."""

    @property
    def shapes(self) -> tuple[Shape, ...]: ...
    @property
    def asks(self) -> tuple[Condition, ...]: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `type` is one of schema.TYPES; `default` is None where there is none."""

    name: str
    type: str = "tree"
    format: str = ""
    description: str = ""
    required: bool = False
    default: Any = None
    enum: tuple[str, ...] = ()
    pattern: Pattern | None = None  # what the vendor takes; told at load where a tag gives something else

    @property
    def secret(self) -> bool:
        """Takes `secret.X` and nothing else."""
        return self.format == "secret"

    def read(self, value: Any) -> Any:
        """The value as the parameter's type; None where it is none."""
        if self.secret or value.__class__ is tuple or value.__class__ is Secret:
            return value
        return _READERS[self.type](value)

    @property
    def wants(self) -> str:
        """What it takes, in words."""
        return "one of " + ", ".join(self.enum) if self.enum else _WORDS.get(self.type, "a value")


def _integer(value: Any) -> Any:
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def _text(value: Any) -> str | None:
    return as_text(value) if not isinstance(value, list | dict) else None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "number": number,
    "integer": _integer,
    "boolean": lambda value: _BOOLEAN(value) if not isinstance(value, list) else None,
    "object": lambda value: value if isinstance(value, Mapping) else None,
    "array": lambda value: value if isinstance(value, list) else [value],
    "tree": lambda value: value,
}


def compile_parameters(said: Mapping[str, Any], problems: Problems) -> dict[str, Parameter]:
    """The parameters of a template's `params:`."""
    properties = said.get("properties", {})
    required = said.get("required", [])
    for name in required:
        if name not in properties:
            hint = did_you_mean(name, properties) or "describe it under `properties`"
            problems.error("unknown-parameter", f"no parameter is called `{name}`", name.place, hint)
    return {str(name): _parameter(str(name), found, name in required, problems) for name, found in properties.items()}


def _parameter(name: str, said: Mapping[str, Any], required: bool, problems: Problems) -> Parameter:
    parameter = Parameter(
        name,
        str(said.get("type", "tree")),
        str(said.get("format", "")),
        str(said.get("description", "")),
        required,
        None,
        tuple(str(word) for word in said.get("enum", ())),
        _pattern(said.get("pattern"), problems),
    )
    default = said.get("default")
    if default is None:
        return parameter
    return replace(parameter, default=_Given(parameter, default, Context(problems, roots=frozenset())).value)


def _pattern(said: Text | None, problems: Problems) -> Pattern | None:
    try:
        return Pattern(said) if said is not None else None
    except BadPattern as bad:
        assert said is not None
        problems.error("bad-regex", f"RE2 cannot read this pattern: {bad}", said.place)
        return None


# --- what a tag gives


@dataclass(frozen=True, slots=True)
class Values:
    """A tag's parameters: those known at load, and those that only the event knows."""

    constants: Mapping[str, Any]
    shapes: Mapping[str, Shape]

    def dynamic(self, names: Iterable[str]) -> list[tuple[str, Shape]]:
        """Those of `names` that only the event knows."""
        return [(name, self.shapes[name]) for name in names if name in self.shapes and name not in self.constants]


class _Given:
    """One parameter as a tag gives it. `value`: what is known at load, None where only the event knows it."""

    def __init__(self, parameter: Parameter, node: Node, context: Context) -> None:
        self.parameter = parameter
        self.node = node
        self.problems = context.problems
        before = len(context.problems.errors)
        self.shape = compile_shape(_as_written(parameter, node), context)
        self.value = self._constant() if self.shape.constant else None
        self.told = len(context.problems.errors) > before

    def _constant(self) -> Any:
        value = self.shape.render(_NOWHERE)
        if value is ABSENT or value is None or value == "":
            return None
        found = self.parameter.read(value)
        if found is None or (self.parameter.enum and found not in self.parameter.enum):
            message = f"`{self.parameter.name}` takes {self.parameter.wants}, and not `{str(value)[:60]}`"
            hint = did_you_mean(str(value), self.parameter.enum) or self.parameter.description
            self.problems.error("wrong-parameter", message, self.node.place, hint)
            return None
        self._doubt(found)
        return found

    def _doubt(self, found: Any) -> None:
        """Told and no more: what a vendor double takes may be anything."""
        pattern, text = self.parameter.pattern, as_text(found)
        if pattern is not None and text and not pattern.holds(text):
            message = f"`{self.parameter.name}` looks wrong: the vendor will refuse `{text[:60]}`"
            self.problems.warning("unlikely-parameter", message, self.node.place, self.parameter.description)


def _as_written(parameter: Parameter, node: Node) -> Node:
    """A literal text stays as it is written where the parameter is a text: `0123`, `NO`."""
    if parameter.type == "string" and isinstance(node, Scalar) and "{{" not in node.text:
        return Scalar(node.place, node.text, quoted=True)
    return node


def give(
    parameters: Mapping[str, Parameter],
    nodes: Mapping[str, Node],
    place: Place,
    context: Context,
    variables: Mapping[str, Variable],
) -> Values:
    """What a tag gives for `parameters`; everything wrong with it is told. `place`: where a missing one is told of."""
    given: dict[str, _Given] = {}
    for name, node in nodes.items():
        if name in parameters:
            given[name] = _Given(parameters[name], node, context)
            _check_secret(given[name], variables)
    constants = {name: parameter.default for name, parameter in parameters.items() if parameter.default is not None}
    for parameter in parameters.values():
        if parameter.required and parameter.default is None:
            _check_required(parameter, given.get(parameter.name), place, context.problems)
    for name, one in given.items():
        if one.value is not None:
            constants[name] = one.value
        elif not one.shape.constant:
            constants.pop(name, None)
    return Values(constants, {name: one.shape for name, one in given.items()})


def check_names(
    parameters: Mapping[str, Parameter], node: MappingNode, problems: Problems, besides: Collection[str] = ()
) -> dict[str, Node]:
    """What is given, by the parameters' names; parameters the template does not have are told of.

    A misspelt one counts as the one that was meant: it is not missing, and what is behind it is looked at too.
    """
    given = {name: member for name, member in node if name in parameters}
    for name, member in node:
        if name not in parameters and name not in besides:
            given.setdefault(nearest(name, parameters), member)
            hint = did_you_mean(name, parameters) or "it has: " + ", ".join(parameters)
            message = f"the template has no parameter `{name}`"
            problems.error("unknown-parameter", message, node.key_place(name), hint)
    given.pop("", None)
    return given


def _check_required(parameter: Parameter, given: _Given | None, place: Place, problems: Problems) -> None:
    name = parameter.name
    if given is None:
        hint = f"write `{name}: …`" + (f" ({parameter.description})" if parameter.description else "")
        problems.error("missing-parameter", f"the template needs the parameter `{name}`", place, hint)
    elif given.value is None and given.shape.constant and not given.told:
        hint = f"write a value behind `{name}:`"
        problems.error("empty-parameter", f"`{name}` is empty, and the template needs it", given.node.place, hint)


def _check_secret(given: _Given, variables: Mapping[str, Variable]) -> None:
    parameter = given.parameter
    if parameter.secret:
        if not _is_secret(given.shape, variables, unread=True):
            hint = 'write "{{ secret.NAME }}" and set NAME in the environment or in `.env`'
            message = f"`{parameter.name}` takes a secret, which is never written into a file"
            given.problems.error("secret-literal", message, given.node.place, hint)
    elif parameter.type not in ("object", "tree", "array") and _is_secret(given.shape, variables):
        message = f"`{parameter.name}` is no secret parameter: it would be kept and shown as it is"
        given.problems.error("secret-misplaced", message, given.node.place, "write `env.NAME` for what is no secret")


def _is_secret(shape: Shape, variables: Mapping[str, Variable], depth: int = 0, *, unread: bool = False) -> bool:
    """A bare `secret.X`, or a variable whose every value is one; `unread` for what could not be read and was told."""
    tree = shape.tree
    if isinstance(tree, LiteralShape) and tree.value is None:
        return unread
    if not isinstance(tree, Leaf) or depth > 10:
        return False
    if tree.expression.secret:
        return True
    path = tree.expression.tree
    if not isinstance(path, Path) or path.root != "var" or len(path.keys) != 1:
        return False
    variable = variables.get(str(path.keys[0]))
    shapes: Sequence[Shape] = variable.shapes if variable is not None else ()
    return all(_is_secret(one, variables, depth + 1, unread=unread) for one in shapes) if shapes else unread
