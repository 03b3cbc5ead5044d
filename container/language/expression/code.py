"""From checked trees to one Python function of the scope.

An expression or a whole shape is written as the Python a careful person would write for it by hand, and compiled once.
A closure for every node would do the same with a call for every node: a request of a vendor has some hundred.
Nothing a user wrote gets into the source but the keys of paths and mappings, as literals.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any

from container.language.expression.scope import Scope
from container.language.values import contains, equal, number, present, step

Evaluate = Callable[[Scope], Any]

def compared(holds: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """`left < right` and its kin: as numbers, else false."""
    one, other = number(left), number(right)
    return one is not None and other is not None and holds(one, other)


_KNOWN: Mapping[str, Any] = {
    "compared": compared,
    "contains": contains,
    "equal": equal,
    "present": present,
    "step": step,
}
_ROOTS = {"E": "scope.event", "S": "scope.consent", "V": "scope.var"}
DEEPEST = 30  # blocks in blocks that are opened for speed alone; Python takes 100 in all


class Code:
    """A function being written. Values are told by the name (or the constant) that holds them."""

    def __init__(self) -> None:
        self.bound: dict[str, str] = {}  # names of `$each` → the Python variables that hold them
        self._lines: list[str] = []
        self._depth = 1
        self._names: dict[str, Any] = dict(_KNOWN)
        self._roots: set[str] = set()
        self._locals: dict[str, str] = {}
        self._count = 0

    def fresh(self) -> str:
        """A new variable."""
        self._count += 1
        return f"t{self._count}"

    def add(self, line: str) -> None:
        """One more line in the current block."""
        self._lines.append("    " * self._depth + line)

    def put(self, value: str) -> str:
        """A new variable with the value of this Python expression."""
        name = self.fresh()
        self.add(f"{name} = {value}")
        return name

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """What is added meanwhile stands in the block that this line opens."""
        self.add(opening)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.add("pass")
        self._depth -= 1

    def constant(self, value: Any) -> str:
        """The global name of a value known at load; `None`, `True` and `False` are their own."""
        if value is None or value is True or value is False:
            return repr(value)
        name = f"c{len(self._names)}"
        self._names[name] = value
        return name

    def named(self, name: str, value: Any) -> str:
        """A global name for a helper."""
        self._names[name] = value
        return name

    def root(self, letter: str) -> str:
        """`E` event data, `S` what is consented to, `V` variables."""
        self._roots.add(letter)
        return letter

    def local(self, name: str) -> str:
        """A name of `let`, `params`, or an element's: read once, however often it is used."""
        if name not in self.bound and name not in self._locals:
            self._locals[name] = f"l{len(self._locals)}"
        return self.bound.get(name) or self._locals[name]

    def takes(self, blocks: int) -> bool:
        """Whether so many blocks may be opened in this one."""
        return self._depth + blocks < DEEPEST

    def returning(self, result: str) -> Evaluate:
        """The function that has been written."""
        head = [f"    {letter} = {_ROOTS[letter]}" for letter in sorted(self._roots)]
        reads = [f"    {variable} = L.get({name!r})" for name, variable in self._locals.items()]
        if reads:
            head.append("    L = scope.local")
        source = "\n".join(["def run(scope):", *head, *reads, *self._lines, f"    return {result}"])
        exec(_compiled(source), self._names)
        run: Evaluate = self._names["run"]
        return run


@functools.lru_cache(maxsize=4096)  # most of it is the gallery's, and as it was at the load before
def _compiled(source: str) -> CodeType:
    return compile(source, "<expressions>", "exec")
