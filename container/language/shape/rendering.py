"""From the tree of a shape to one function of the scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from container.call import Secret
from container.language.expression import Scope, as_text, present
from container.language.shape.nodes import (
    ABSENT,
    BaseShape,
    EachShape,
    IfShape,
    Leaf,
    ListShape,
    LiteralShape,
    MappingShape,
    OverrideShape,
    ShapeNode,
    TextShape,
)

Render = Callable[[Scope], Any]


def renderer(node: ShapeNode) -> Render:
    """The function that renders `node`: the value, or `ABSENT`."""
    match node:
        case LiteralShape(value=value):
            return lambda scope: value
        case Leaf(expression=expression):
            return _leaf(expression.evaluate)
        case TextShape(parts=parts):
            return _text([part if isinstance(part, str) else part.evaluate for part in parts])
        case MappingShape(members=members):
            return _mapping([(key, *_member(member)) for key, member in members])
        case ListShape(items=(item,)) if not _is_spliced(item):
            return _list_of_one(renderer(item))
        case ListShape(items=items):
            return _list([(_is_spliced(item), renderer(item)) for item in items])
        case EachShape():
            return _each(node)
        case IfShape(condition=condition, body=body, otherwise=otherwise):
            other = renderer(otherwise) if otherwise is not None else _nothing
            return _if(_asked(condition), renderer(body), other)
        case BaseShape(base=base, body=body):
            return _joined(renderer(base), renderer(body))
        case OverrideShape(override=override, body=body):
            return _joined(renderer(body), _present_members(renderer(override)))


def _nothing(scope: Scope) -> Any:
    return ABSENT


def _leaf(evaluate: Render) -> Render:
    def run(scope: Scope) -> Any:
        value = evaluate(scope)
        return value if value or present(value) else ABSENT

    return run


def _text(parts: list[str | Render]) -> Render:
    def run(scope: Scope) -> Any:
        joined: list[str | Secret] = []
        for part in parts:
            value = part if part.__class__ is str else part(scope)  # type: ignore[operator]
            if value and value.__class__ is str:
                joined.append(value)
            elif not _append(joined, value):
                return ABSENT
        try:
            return "".join(joined)  # type: ignore[arg-type]
        except TypeError:  # a secret is among them
            return tuple(joined)

    return run


def _append(joined: list[str | Secret], value: Any) -> bool:
    if value.__class__ is Secret:
        joined.append(value)
    elif value.__class__ is tuple:  # a text with a secret in it, as another shape rendered it
        joined.extend(value)
    else:
        text = as_text(value) if present(value) else None
        if text is None:
            return False
        joined.append(text)
    return True


def _member(node: ShapeNode) -> tuple[Render, bool]:
    """How a member is rendered, and whether it is a bare expression, whose presence the mapping asks itself."""
    return (node.expression.evaluate, True) if isinstance(node, Leaf) else (renderer(node), False)


def _mapping(members: list[tuple[str, Render, bool]]) -> Render:
    def run(scope: Scope) -> Any:
        found = {}
        for key, render, bare in members:
            value = render(scope)
            if bare:
                if value or (value is not None and present(value)):
                    found[key] = value
            elif value is not ABSENT:
                found[key] = value
        return found or ABSENT

    return run


def _is_spliced(node: ShapeNode) -> bool:
    return isinstance(node, EachShape) and node.key is None


def _list_of_one(render: Render) -> Render:
    def run(scope: Scope) -> Any:
        value = render(scope)
        return ABSENT if value is ABSENT else [value]

    return run


def _list(items: list[tuple[bool, Render]]) -> Render:
    def run(scope: Scope) -> Any:
        found: list[Any] = []
        for spliced, render in items:
            value = render(scope)
            if value is ABSENT:
                continue
            if spliced:
                found.extend(value)
            else:
                found.append(value)
        return found or ABSENT

    return run


def _asked(condition: ShapeNode) -> Render:
    """What `$if` asks: something true or not."""
    if isinstance(condition, Leaf):
        return condition.expression.evaluate
    render = renderer(condition)

    def run(scope: Scope) -> Any:
        value = render(scope)
        return None if value is ABSENT else value

    return run


def _if(condition: Render, body: Render, otherwise: Render) -> Render:
    return lambda scope: body(scope) if condition(scope) else otherwise(scope)  # `truth`, asked in place


def _is_mapping(value: Any) -> bool:
    return value.__class__ is dict or (value is not ABSENT and isinstance(value, Mapping))


def _joined(under: Render, over: Render) -> Render:
    def run(scope: Scope) -> Any:
        below, above = under(scope), over(scope)
        if not _is_mapping(below):
            return above
        return {**below, **above} if _is_mapping(above) else below

    return run


def _present_members(render: Render) -> Render:
    def run(scope: Scope) -> Any:
        value = render(scope)
        if not _is_mapping(value):
            return ABSENT
        return {key: member for key, member in value.items() if present(member)} or ABSENT

    return run


def _each(node: EachShape) -> Render:
    source, body, name = renderer(node.source), renderer(node.body), node.name
    elements = _pairs if node.pairs else _elements
    if node.key is None:
        return _each_list(source, elements, name, body)
    return _each_mapping(source, elements, name, renderer(node.key), body)


def _elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _pairs(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [{"key": key, "value": member} for key, member in value.items()]
    return _elements(value)


def _each_list(source: Render, elements: Callable[[Any], list[Any]], name: str, body: Render) -> Render:
    def run(scope: Scope) -> Any:
        value = source(scope)
        if value is ABSENT:
            return ABSENT
        local = {**scope.local}
        inner = scope.over(local)
        found = []
        for index, item in enumerate(elements(value)):
            if item or present(item):
                local[name], local["index"] = item, index
                rendered = body(inner)
                if rendered is not ABSENT:
                    found.append(rendered)
        return found or ABSENT

    return run


def _each_mapping(
    source: Render, elements: Callable[[Any], list[Any]], name: str, key: Render, body: Render
) -> Render:
    def run(scope: Scope) -> Any:
        value = source(scope)
        if value is ABSENT:
            return ABSENT
        local = {**scope.local}
        inner = scope.over(local)
        found = {}
        for index, item in enumerate(elements(value)):
            if item or present(item):
                local[name], local["index"] = item, index
                rendered, written = body(inner), as_text(key(inner))
                if rendered is not ABSENT and written:
                    found[written] = rendered
        return found or ABSENT

    return run
