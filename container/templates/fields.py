"""The names and values of a request: headers, query, auth, and the pairs of a form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from container.call import Parts, Secret
from container.encoding import whole
from container.errors import Invalid
from container.language.expression import Scope, as_text
from container.language.shape import ABSENT, Shape
from container.templates.params import Values
from container.templates.request import Fields
from container.templates.url import encoded, joined

Pairs = tuple[tuple[str, Parts], ...]

_BAD_IN_HEADER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class FieldsRenderer:
    """Names and their values, as `write` writes them; those that only read what the tag has set for good are known."""

    def __init__(self, shapes: Fields, values: Values, write: Callable[[str, Any], Pairs]) -> None:
        self._write = write
        self._all = shapes.render if isinstance(shapes, Shape) else None
        if isinstance(shapes, Shape):
            self.known: Pairs | None = None
            return
        scope = Scope(local={"params": values.constants})
        self._fields = [
            (name, shape.render, self._known(name, shape.render(scope)) if _is_known(shape, values) else None)
            for name, shape in shapes.items()
        ]
        known = [pairs for _, _, pairs in self._fields if pairs is not None]
        self.known = tuple(chain(*known)) if len(known) == len(self._fields) else None

    def _known(self, name: str, value: Any) -> Pairs | None:
        try:
            return self._written(name, value)
        except Invalid:  # told by every call, with the reason
            return None

    def _written(self, name: str, value: Any) -> Pairs:
        return () if value is ABSENT or value is None else self._write(name, value)

    def over(self, scope: Scope) -> Pairs:
        """Those that are present. Raises `Invalid`."""
        if self.known is not None:
            return self.known
        if self._all is not None:
            return self._of(self._all(scope))
        pairs: list[tuple[str, Parts]] = []
        for name, render, known in self._fields:
            pairs += self._written(name, render(scope)) if known is None else known
        return tuple(pairs)

    def _of(self, found: Any) -> Pairs:
        if found is ABSENT:
            return ()
        if not isinstance(found, Mapping):
            raise Invalid("request", "query and headers are mappings of names and values")
        return tuple(chain.from_iterable(self._written(str(name), value) for name, value in found.items()))


def _is_known(shape: Shape, values: Values) -> bool:
    """Whether all it reads are parameters that the tag has set for good, or not at all."""
    paths = [path for expression in shape.expressions() for path in expression.reads()]
    return all(path.root == "params" and path.keys and not values.dynamic([str(path.keys[0])]) for path in paths)


def header(name: str, value: Any) -> Pairs:
    """One header. Raises `Invalid`."""
    parts = as_parts(value, f"headers.{name}")
    for part in parts:
        if isinstance(part, str) and _BAD_IN_HEADER.search(part):
            raise Invalid(f"headers.{name}", "a header cannot hold line breaks and control characters")
    return ((name, parts),)


def query(name: str, value: Any) -> Pairs:
    """One name of the query, as often as it has values."""
    return pairs(name, value, "query")


def auth(name: str, value: Any) -> Pairs:
    """One value of the auth scheme."""
    return ((name, as_parts(value, f"auth.{name}")),)


def as_parts(value: Any, at: str) -> Parts:
    """A value as text; lists are joined by blanks. Raises `Invalid`."""
    if isinstance(value, Secret):
        return (value,)
    if isinstance(value, tuple):
        return tuple(whole(part) if isinstance(part, str) else part for part in value)
    if isinstance(value, list):
        return (whole(" ".join(text for text in map(as_text, value) if text)),)
    text = as_text(value)
    if text is None:
        raise Invalid(at, "this cannot be written as text")
    return (whole(text),)


def pairs(name: str, value: Any, part: str) -> Pairs:
    """One name and its value, or as many as a list has elements."""
    values = value if isinstance(value, list) else [value]
    return tuple((name, as_parts(one, f"{part}.{name}")) for one in values)


def encoded_pairs(pairs: Pairs, safe: str = "") -> Parts:
    """As they stand in a URL or a form; the signs of `safe` stay."""
    parts: list[str | Secret] = []
    for index, (name, value) in enumerate(pairs):
        parts.append(f"{'&' if index else ''}{encoded(name)}=")
        parts += [encoded(part, safe) if isinstance(part, str) else Secret(part.name, "url") for part in value]
    return tuple(joined(parts))


def checked_pairs(pairs: Pairs) -> dict[str, Any]:
    """As the contract sees them."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, []).append("".join(map(str, value)))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
