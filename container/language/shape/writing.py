"""How each node of a shape is written as Python: one function renders the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from container.call import Secret
from container.language.expression import Expression, Scope, as_text, present
from container.language.expression.code import Code
from container.language.expression.writing import is_present
from container.language.expression.writing import present as given
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
Then = Callable[[str], str]  # the name of a value → the line that takes it


def renderer(node: ShapeNode) -> Render:
    """The function that renders `node`: the value, or `ABSENT`."""
    if isinstance(node, LiteralShape):
        return lambda scope: node.value
    code = Code()
    return code.returning(_value(node, code))


def names_renderer(nodes: Mapping[str, ShapeNode]) -> Callable[[Scope], dict[str, Any]]:
    """The function that renders all of these, by name; each may read those before it. What is absent is None."""
    code = Code()
    for name, node in nodes.items():
        code.bound[name] = _value(node, code, "None")
    return code.returning(f"{{{', '.join([f'{name!r}: {code.bound[name]}' for name in nodes])}}}")


def _value(node: ShapeNode, code: Code, absent: str = "") -> str:
    """Where the value is, or what stands for an absent one: `ABSENT` unless told."""
    if isinstance(node, LiteralShape):
        return code.constant(node.value)
    found = code.put(absent or code.named("ABSENT", ABSENT))
    _give(node, code, lambda value: f"{found} = {value}")
    return found


def _give(node: ShapeNode, code: Code, then: Then) -> None:
    """Write the node, and in the block where it is not absent the line that takes it."""
    match node:
        case LiteralShape(value=value):
            code.add(then(code.constant(value)))
        case Leaf(expression=expression):
            with given(expression.writer, code) as found:
                code.add(then(found))
        case TextShape(parts=parts):
            _take(_text(parts, code), code, then)
        case MappingShape(members=members):
            _filled(_mapping(members, code), code, then)
        case ListShape(items=items):
            _filled(_list(items, code), code, then)
        case EachShape():
            _each(node, code, then)
        case IfShape():
            _if(node, code, then)
        case BaseShape(base=base, body=body):
            under, over = _value(base, code), _value(body, code)
            _take(_unless_absent(code, under, over, _called(code, joined, under, over)), code, then)
        case OverrideShape(override=override, body=body):  # the body: members, maybe with a base, so it is a mapping
            under, over = _value(body, code), _value(override, code)
            over = _unless_absent(code, over, over, _called(code, present_members, over))
            _take(_unless_absent(code, over, under, _called(code, joined, under, over)), code, then)


def _take(found: str, code: Code, then: Then) -> None:
    with code.block(f"if {found} is not {code.named('ABSENT', ABSENT)}:"):
        code.add(then(found))


def _filled(found: str, code: Code, then: Then) -> None:
    with code.block(f"if {found}:"):
        code.add(then(found))


def _unless_absent(code: Code, found: str, instead: str, otherwise: str) -> str:
    """`otherwise`, or what stands instead where `found` is absent: of most mappings one of the two is."""
    return code.put(f"{instead} if {found} is {code.named('ABSENT', ABSENT)} else {otherwise}")


def _call(code: Code, helper: Callable[..., Any], *arguments: str) -> str:
    return code.put(_called(code, helper, *arguments))


def _called(code: Code, helper: Callable[..., Any], *arguments: str) -> str:
    return f"{code.named(helper.__name__, helper)}({', '.join(arguments)})"


def _text(parts: Sequence[str | Expression], code: Code) -> str:
    written = [code.constant(part) if isinstance(part, str) else part.writer.write(code) for part in parts]
    values = [value for part, value in zip(parts, written, strict=True) if not isinstance(part, str)]
    plain = " and ".join(f"{value}.__class__ is str and {value}" for value in values)
    by_hand = f"{code.named('joined_text', joined_text)}(({', '.join(written)},))"
    return code.put(f"{' + '.join(written)} if {plain} else {by_hand}")


def _mapping(members: Sequence[tuple[str, ShapeNode]], code: Code) -> str:
    found = code.put("{}")
    for key, member in members:
        _give(member, code, partial("{}[{!r}] = {}".format, found, key))
    return found


def _list(items: Sequence[ShapeNode], code: Code) -> str:
    found = code.put("[]")
    for item in items:
        take = "extend" if isinstance(item, EachShape) and item.key is None else "append"
        _give(item, code, partial("{}.{}({})".format, found, take))
    return found


def _if(node: IfShape, code: Code, then: Then) -> None:
    if isinstance(node.condition, Leaf):
        asked = node.condition.expression.writer.write(code)  # something true or not
    else:
        condition = _value(node.condition, code)
        asked = f"{condition} is not {code.named('ABSENT', ABSENT)} and {condition}"
    with code.block(f"if {asked}:"):
        _give(node.body, code, then)
    if node.otherwise is not None:
        with code.block("else:"):
            _give(node.otherwise, code, then)


def _each(node: EachShape, code: Code, then: Then) -> None:
    source = _value(node.source, code)
    with code.block(f"if {source} is not {code.named('ABSENT', ABSENT)}:"):
        gathered = code.put("[]" if node.key is None else "{}")
        with _elements(node, source, code):
            if node.key is None:
                _give(node.body, code, partial("{}.append({})".format, gathered))
            else:
                key = _call(code, as_text, _value(node.key, code))
                with code.block(f"if {key}:"):
                    _give(node.body, code, partial("{}[{}] = {}".format, gathered, key))
        _filled(gathered, code, then)


@contextmanager
def _elements(node: EachShape, source: str, code: Code) -> Iterator[None]:
    """The loop over the present elements; their name and `index` are its variables as long as it is written."""
    index, item = code.fresh(), code.fresh()
    if node.pairs:
        elements = _call(code, pairs, source)
    else:
        elements = f"{source} if {source}.__class__ is list else {code.named('listed', listed)}({source})"
    outer = code.bound
    code.bound = {**outer, node.name: item, "index": index}
    with code.block(f"for {index}, {item} in enumerate({elements}):"), code.block(f"if {is_present(item)}:"):
        yield
    code.bound = outer


# what is called where a line does not say it


def listed(value: Any) -> list[Any]:
    """One value counts as a list of one."""
    return value if isinstance(value, list) else [value]


def pairs(value: Any) -> list[Any]:
    """A mapping as its members, {key, value}."""
    if isinstance(value, Mapping):
        return [{"key": key, "value": member} for key, member in value.items()]
    return listed(value)


def joined_text(parts: Sequence[Any]) -> Any:
    """The text of the parts, a tuple where a secret is among them, `ABSENT` where a part is absent."""
    found: list[str | Secret] = []
    for value in parts:
        if value.__class__ is Secret:
            found.append(value)
        elif value.__class__ is tuple:  # a text with a secret in it, as another shape rendered it
            found.extend(value)
        else:
            text = as_text(value) if present(value) else None
            if text is None:
                return ABSENT
            found.append(text)
    return tuple(found) if any(part.__class__ is Secret for part in found) else "".join(found)  # type: ignore[arg-type]


def joined(under: Any, over: Any) -> Any:
    """Two mappings as one, `over` wins; whichever is none gives way."""
    if not _is_mapping(under):
        return over
    return {**under, **over} if _is_mapping(over) else under


def present_members(value: Any) -> Any:
    """The members of a mapping that are present."""
    if not _is_mapping(value):
        return ABSENT
    return {key: member for key, member in value.items() if present(member)} or ABSENT


def _is_mapping(value: Any) -> bool:
    return value.__class__ is dict or (value is not ABSENT and isinstance(value, Mapping))
