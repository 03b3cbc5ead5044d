"""From YAML nodes to shapes. Problems go to the context; something is always returned."""

from __future__ import annotations

import re
from collections.abc import Iterable

from container.call import Secret
from container.language.expression import Context, Expression, Scope
from container.language.expression.names import is_reserved
from container.language.shape.nodes import (
    BaseShape,
    EachShape,
    IfShape,
    Leaf,
    ListShape,
    LiteralShape,
    MappingShape,
    OverrideShape,
    Shape,
    ShapeNode,
    TextShape,
    children,
    walk,
)
from container.language.shape.writing import renderer
from container.language.text import parts
from container.language.values import as_text, number_from_text, whole
from container.node import Mapping, Node, Scalar, Sequence
from container.problems import did_you_mean

DIRECTIVES = {
    "$each": "once for every element",
    "$as": "the element's name in an inner `$each`",
    "$key": "the result is a mapping, this the key",
    "$value": "what the element or the branch is, where it is no mapping",
    "$if": "only where this is true",
    "$else": "what stands there otherwise",
    "$base": "a mapping whose members give way to those written here",
    "$override": "a mapping whose members win over those written here",
}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_CONSTANTS = {"true": True, "false": False, "null": None}
_NAME = re.compile(r"[^\W\d]\w*")
_GOES_WITH = (("$key", ("$each",)), ("$as", ("$each",)), ("$else", ("$if",)), ("$value", ("$each", "$if")))
_NO_SCOPE = Scope()
MOST_EACHES = 8


def compile_shape(node: Node, context: Context) -> Shape:
    """The shape of any YAML node."""
    tree = _shape(node, context)
    if _eaches(tree) > MOST_EACHES:
        message = f"`$each` stands in `$each` more than {MOST_EACHES} deep"
        context.problems.error("too-deep", message, node.place, "give an inner part a name in `let`")
        tree = LiteralShape(node.place, None)
    return Shape(node.place, tree, renderer)


def _eaches(tree: ShapeNode) -> int:
    """How deep `$each` stands in `$each`."""
    return isinstance(tree, EachShape) + max((_eaches(child) for child in children(tree)), default=0)


def compile_text(node: Scalar, context: Context) -> Shape:
    """The shape of one scalar: literal, one expression (its type stays), or text around expressions."""
    tree = _scalar(node, context)
    return Shape(node.place, tree, renderer)


def compile_expression(node: Node, context: Context) -> Expression | None:
    """The one expression a scalar is, where nothing else makes sense; None: problems were added."""
    if isinstance(node, Scalar):
        tree = _scalar(node, context)
        if isinstance(tree, Leaf):
            return tree.expression
        if "{{" in node.text and isinstance(tree, LiteralShape):
            return None
    written = node.text.strip() if isinstance(node, Scalar) else "event.…"
    hint = f'write "{{{{ {written} }}}}"' if written and "{{" not in written else "nothing may stand around the braces"
    context.problems.error("not-an-expression", "here should be one expression", node.place, hint)
    return None


def constant_text(node: Scalar, context: Context) -> str:
    """A text known at load, `env.X` and `secret.X` with their values; "" where problems were added."""
    found = parts(node, context)
    texts = [_known(part, context) for part in found or ()]
    for part, text in zip(found or (), texts, strict=True):
        if text is None and isinstance(part, Expression):
            hint = "only text, env.X and secret.X may stand here"
            context.problems.error("not-constant", "this must be known when the container starts", part.place, hint)
    return "".join(text for text in texts if text is not None) if None not in texts else ""


def _known(part: str | Expression, context: Context) -> str | None:
    if isinstance(part, str):
        return part
    if not part.constant:
        return None
    value = part.evaluate(_NO_SCOPE)
    return context.environment.get(value.name, "") if isinstance(value, Secret) else as_text(value) or ""


def _shape(node: Node, context: Context) -> ShapeNode:
    if isinstance(node, Scalar):
        return _scalar(node, context)
    if isinstance(node, Sequence):
        if not node.items:
            return LiteralShape(node.place, [])
        return ListShape(node.place, tuple(_shape(item, context) for item in node.items))
    return _mapping(node, context)


def _scalar(node: Scalar, context: Context) -> ShapeNode:
    found = parts(node, context)
    if found is None:
        return LiteralShape(node.place, None)
    expressions = [part for part in found if isinstance(part, Expression)]
    if not expressions:
        return LiteralShape(node.place, typed(node))
    if len(expressions) == 1 and not any(part.strip() for part in found if isinstance(part, str)):
        return Leaf(node.place, expressions[0])
    return TextShape(node.place, tuple(found))


def typed(node: Scalar) -> object:
    """The value of a literal scalar where no schema says anything."""
    if node.quoted:
        return node.text
    if node.text in _CONSTANTS:
        return _CONSTANTS[node.text]
    match = _JSON_NUMBER.fullmatch(node.text)
    value = number_from_text(node.text) if match else None
    if match is None or value is None:
        return node.text
    return value if match[1] or match[2] else whole(value)


# mappings and their directives


def _mapping(node: Mapping, context: Context) -> ShapeNode:
    directives = {key: child for key, child in node if key.startswith("$") and not key.startswith("$$")}
    if not directives:
        return _members(node, context)
    return _Directives(node, directives, context).shape()


def _members(node: Mapping, context: Context) -> ShapeNode:
    plain = [(key, child) for key, child in node if not key.startswith("$") or key.startswith("$$")]
    for key, _ in plain:
        if "{{" in key:
            hint = "a mapping with keys from the event is made by `$each` with `$key` and `$value`"
            context.problems.error("bad-key", "a key cannot be an expression", node.key_place(key), hint)
    if not plain and not len(node.members):
        return LiteralShape(node.place, {})
    return MappingShape(
        node.place, tuple((key[1:] if key.startswith("$$") else key, _shape(child, context)) for key, child in plain)
    )


class _Directives:
    """A mapping with `$` keys: `$each` around `$if` around `$value`, or around `$override`, `$base` and members."""

    def __init__(self, node: Mapping, directives: dict[str, Node], context: Context) -> None:
        self._node = node
        self._directives = directives
        self._context = context

    def shape(self) -> ShapeNode:
        """The shape, after what does not go together was told."""
        self._refuse_unknown()
        for key, needed in _GOES_WITH:
            if key in self._directives and not any(other in self._directives for other in needed):
                wanted = " or ".join(f"`{other}`" for other in needed)
                self._problem(key, f"`{key}` goes with {wanted}")
        self._refuse_beside_value()
        return self._each() if "$each" in self._directives else self._if(self._context)

    def _problem(self, key: str, message: str, hint: str = "") -> None:
        self._context.problems.error("bad-directive", message, self._node.key_place(key), hint)

    def _refuse_unknown(self) -> None:
        for key in self._directives:
            if key not in DIRECTIVES:
                hint = did_you_mean(key, DIRECTIVES) or f"a key that really begins with $ is written `${key}`"
                place = self._node.key_place(key)
                self._context.problems.error("unknown-directive", f"there is no `{key}`", place, hint)

    def _refuse_beside_value(self) -> None:
        if "$value" not in self._directives:
            return
        beside = [key for key, _ in self._node if not key.startswith("$") or key.startswith("$$")]
        beside += [key for key in ("$base", "$override") if key in self._directives]
        for key in beside:
            hint = "either `$value`, or the members of a mapping"
            self._problem(key, f"`{key}` stands beside `$value`, which is already everything", hint)

    def _each(self) -> ShapeNode:
        source = _shape(self._directives["$each"], self._context)
        name = self._name()
        inner = self._context.adding(name, "index")
        key = _shape(self._directives["$key"], inner) if "$key" in self._directives else None
        body = self._if(inner)
        pairs = _reads_key(name, [body] if key is None else [key, body])
        return EachShape(self._node.place, source, name, key, body, pairs)

    def _name(self) -> str:
        node = self._directives.get("$as")
        if node is None:
            return "item"
        name = node.text if isinstance(node, Scalar) else ""
        if name == "item" or (_NAME.fullmatch(name) and not is_reserved(name)):
            return name
        message = f"`{name}` cannot be an element's name" if name else "`$as` is a name"
        self._context.problems.error("bad-directive", message, node.place, "for instance `$as: line`")
        return "item"

    def _if(self, context: Context) -> ShapeNode:
        body = self._body(context)
        if "$if" not in self._directives:
            return body
        condition = _shape(self._directives["$if"], context)
        if isinstance(condition, MappingShape | ListShape):
            self._problem("$if", "`$if` is one expression", 'as in $if: "{{ params.limited }}"')
        otherwise = _shape(self._directives["$else"], context) if "$else" in self._directives else None
        return IfShape(self._node.place, condition, body, otherwise)

    def _body(self, context: Context) -> ShapeNode:
        if "$value" in self._directives:
            return _shape(self._directives["$value"], context)
        body = _members(self._node, context)
        if "$base" in self._directives:
            body = BaseShape(self._node.place, _shape(self._directives["$base"], context), body)
        if "$override" in self._directives:
            body = OverrideShape(self._node.place, _shape(self._directives["$override"], context), body)
        return body


def _reads_key(name: str, bodies: Iterable[ShapeNode]) -> bool:
    """Whether `item.key` is read: then a mapping is gone through key by key."""
    return any(
        path.root == name and path.keys[:1] == ("key",)
        for body in bodies
        for node in walk(body)
        if isinstance(node, Leaf | TextShape)
        for expression in node.expressions
        for path in expression.reads()
    )
