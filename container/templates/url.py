"""The URL of a request: its host is known at load, and what an event puts in is percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from container.call import Parts, Secret
from container.errors import Invalid
from container.language.expression import Expression, Path, Scope, as_text, present
from container.language.shape import Leaf, LiteralShape, Shape, ShapeNode, TextShape
from container.problems import Place, Problems
from container.templates.params import Parameter, Values

Part = TypeVar("Part", bound=str | Secret | Expression)

_NOWHERE = Scope()
_ORIGIN = re.compile(r"(?i)https?://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?(?=[/?#]|$)")
_HINT = "write the host out, or take it from a parameter with `format: url` that a tag sets to a text or `env.X`"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL with places that only the event fills. `host` is lower case, with its port."""

    host: str
    parts: tuple[str | Secret | Expression, ...]

    @property
    def literal(self) -> bool:
        """Whether it is known at load."""
        return not any(isinstance(part, Expression) for part in self.parts)

    @property
    def asks(self) -> bool:
        """Whether a query begins in it already."""
        return any(isinstance(part, str) and "?" in part for part in self.parts)

    def render(self, scope: Scope) -> Parts:
        """The URL; secrets are references. Raises `Invalid` where a part is absent or would change the path."""
        return tuple(_inserted(part, scope) if isinstance(part, Expression) else part for part in self.parts)


def _inserted(expression: Expression, scope: Scope) -> str | Secret:
    value = expression.evaluate(scope)
    if isinstance(value, Secret):
        return Secret(value.name, "url")
    text = as_text(value) if present(value) else None
    if not text:
        raise Invalid("url", f"`{expression.text}` is absent, and the URL needs it")
    if text in (".", ".."):
        raise Invalid("url", f"`{expression.text}` is `{text}`, which would lead elsewhere")
    return encoded(text)


def encoded(text: str, safe: str = "") -> str:
    """Percent-encoded as a part of a path or query; the signs of `safe` stay."""
    return quote(text, safe=safe, errors="replace")


def compile_url(
    shape: Shape, parameters: Mapping[str, Parameter], values: Values | None, problems: Problems
) -> Url | None:
    """The URL as one tag sends it; None where its host is not known at load, which is told.

    `values` None: the tag is not known; a host that only a tag knows is then no problem yet.
    """
    if isinstance(shape.tree, LiteralShape) and shape.tree.value is None:  # could not be read, which has been told
        return None
    parts = list(_parts(shape.tree))
    first = parts[0] if parts else ""
    if isinstance(first, Expression):
        base = _base(first, parameters, values, whole=len(parts) == 1)
        if base is None:
            if values is not None or not _may_be_base(first, parameters):
                problems.error("host-unknown", "the host of this URL is not known at load", shape.place, _HINT)
            return None
        parts[:1] = base
    literal, ends = _literal(parts)
    origin = _ORIGIN.match(literal) if ends else None
    place = _place(first, values, shape.place)
    if origin is None or urlsplit(literal).username:
        problems.error("host-unknown", f"`{literal[:80]}` names no host, or only a part of one", place, _HINT)
        return None
    constants = values.constants if values is not None else {}
    return Url((origin[1] + (origin[2] or "")).lower(), tuple(joined([_known(part, constants) for part in parts])))


def _known(part: str | Expression, constants: Mapping[str, Any]) -> str | Secret | Expression:
    """A parameter the tag has set for good is as literal as what is written."""
    path = part.tree if isinstance(part, Expression) else None
    if isinstance(part, Expression) and isinstance(path, Path) and path.root == "params" and path.keys[0] in constants:
        try:
            return _inserted(part, Scope(local={"params": constants}))
        except Invalid:  # told by every call, with the reason
            return part
    return part


def _parts(tree: ShapeNode) -> Sequence[str | Expression]:
    if isinstance(tree, TextShape):
        return [_folded(part) for part in tree.parts]
    if isinstance(tree, Leaf):
        return [_folded(tree.expression)]
    return [str(tree.value)] if isinstance(tree, LiteralShape) and tree.value is not None else []


def _folded(part: str | Expression) -> str | Expression:
    """`env.X` is its value: known, and as literal as what is written."""
    if isinstance(part, str) or not part.constant or part.secret:
        return part
    return as_text(part.evaluate(_NOWHERE)) or ""


def _literal(parts: Sequence[str | Expression]) -> tuple[str, bool]:
    """The literal beginning, and whether the host ends within it."""
    end = next((index for index, part in enumerate(parts) if not isinstance(part, str)), len(parts))
    text = "".join(part for part in parts[:end] if isinstance(part, str))
    return text, end == len(parts) or re.search(r"//[^/?#]+[/?#]", text) is not None


def joined(parts: Iterable[Part]) -> list[Part]:
    """Neighbouring texts as one."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part  # type: ignore[assignment]
        elif part != "":
            found.append(part)
    return found


def _may_be_base(first: Expression, parameters: Mapping[str, Parameter]) -> bool:
    path = first.tree
    if not isinstance(path, Path) or path.root != "params" or len(path.keys) != 1:
        return False
    parameter = parameters.get(str(path.keys[0]))
    return parameter is not None and parameter.format == "url"


def _base(
    first: Expression, parameters: Mapping[str, Parameter], values: Values | None, whole: bool
) -> list[str | Expression] | None:
    """What the URL begins with; a slash at its end stays where it is the `whole` URL, else the rest brings its own."""
    if not _may_be_base(first, parameters) or not isinstance(first.tree, Path):
        return None
    name = str(first.tree.keys[0])
    if values is not None and name in values.shapes:
        found = list(_parts(values.shapes[name].tree))
        if found and isinstance(found[-1], str) and not whole:
            found[-1] = found[-1].rstrip("/")
        return found or None
    constant: Any = values.constants.get(name) if values is not None else parameters[name].default
    if not constant:
        return None
    return [str(constant) if whole else str(constant).rstrip("/")]


def _place(first: str | Expression, values: Values | None, place: Place) -> Place:
    if values is not None and isinstance(first, Expression) and isinstance(first.tree, Path):
        shape = values.shapes.get(str(first.tree.keys[0]))
        return shape.place if shape is not None else place
    return place
