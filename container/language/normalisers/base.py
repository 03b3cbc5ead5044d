"""What a normaliser is: a name, its arguments, a function, and the cases that tests and docs show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from container.language.values import as_text, present

Apply = Callable[[Any], Any]


class Word(str):
    """A bare word among the arguments: `hashed(email)`, `else: same`."""

    __slots__ = ()


class BadArgument(ValueError):
    """An argument that makes no sense; the text says what to write."""


class Case(NamedTuple):
    """`input | name(args)` gives `output`; None where it is absent."""

    args: str
    input: Any
    output: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument in the brackets.

    `word`: a bare word or a text, known at load · `words`: any number of them · `list`: [word, …] ·
    `table`: the name of a table · `value`: any expression.
    """

    name: str
    kind: Literal["word", "words", "list", "table", "value"] = "word"
    required: bool = True
    choices: tuple[str, ...] = ()
    named: bool = False  # only as `name: …`


@dataclass(frozen=True, slots=True)
class Normaliser:
    """`bind(*arguments)` gives the function of one value; it raises `BadArgument`, the function never raises.

    `whole`: the function takes a list as one value; else a list is taken element by element.
    """

    name: str
    help: str
    bind: Callable[..., Apply]
    cases: tuple[Case, ...]
    parameters: tuple[Parameter, ...] = ()
    whole: bool = False

    def function(self, arguments: Sequence[Any]) -> Apply:
        """The function for these arguments, one for each parameter (None: left out)."""
        return self.functions(arguments)[1]

    def functions(self, arguments: Sequence[Any]) -> tuple[Apply, Apply]:
        """The function of what is no list, and the function of anything; the very same one where `whole`."""
        bound = self.bind(*arguments)
        return bound, bound if self.whole else each(bound)

    @property
    def usage(self) -> str:
        """`name(a, b, else: c)`."""
        shown = [_usage(parameter) for parameter in self.parameters]
        return f"{self.name}({', '.join(shown)})" if shown else self.name


def _usage(parameter: Parameter) -> str:
    shown = f"{parameter.name}: …" if parameter.named else parameter.name
    if parameter.kind == "words":
        shown += ", …"
    return shown if parameter.required else f"[{shown}]"


def plain(name: str, help_: str, function: Apply, *cases: Case, whole: bool = False) -> Normaliser:
    """A normaliser without arguments."""
    return Normaliser(name, help_, lambda: function, cases, whole=whole)


def of_text(function: Callable[[str], Any]) -> Apply:
    """A function of text made one of any value: numbers as text, nothing where there is none."""

    def apply(value: Any) -> Any:
        text = value if value.__class__ is str else as_text(value)
        return function(text) if text else None

    return apply


def each(function: Apply) -> Apply:
    """A function of one value made one of lists too: absent results and repeats are dropped, the order is kept."""

    def apply(value: Any) -> Any:
        if isinstance(value, list):
            return distinct([function(item) for item in value])
        return function(value)

    return apply


def remembering(function: Callable[[str], Any], most: int, longest: int) -> Callable[[str], Any]:
    """The function with its last `most` results kept, those of texts no longer than `longest`: memory stays bounded."""
    remembered = lru_cache(maxsize=most)(function)
    return lambda text: remembered(text) if len(text) <= longest else function(text)


def distinct(values: list[Any]) -> list[Any]:
    """The present ones, each once."""
    seen: set[Any] = set()
    kept: list[Any] = []
    for value in values:
        mark = _mark(value)
        if mark not in seen and present(value):
            seen.add(mark)
            kept.append(value)
    return kept


def _mark(value: Any) -> Any:
    if isinstance(value, str):
        return value
    text = as_text(value)
    return id(value) if text is None else (value.__class__.__name__, text)
