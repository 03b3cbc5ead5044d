"""One condition: a value, an operator, what it is compared with."""

from __future__ import annotations

import re
from typing import Any

from container.language.conditions.condition import Holds, Leaf
from container.language.conditions.operators import (
    NUMERIC,
    OPERATORS,
    Test,
    matching,
    presence,
    with_constants,
    with_operands,
)
from container.language.expression import ROOTS, Context, Scope
from container.language.patterns import BadPattern, Pattern
from container.language.shape import ABSENT, LiteralShape, Shape, compile_text, renderer
from container.language.values import as_text, number, present
from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Place, did_you_mean

_OTHER_KEYS = ("all", "any", "not", "ignore_case")
EXAMPLE = '{value: "{{ event.value }}", greater_than: 0}'
_NO_SCOPE = Scope()
_LOOKS_LIKE_PATH = re.compile(r"(?P<root>[a-z]+)(?:\.[\w$-]+|\[[^\]]+\])+")
_INSTEAD = {
    "equal": "equals",
    "eq": "equals",
    "is_equal_to": "equals",
    "in": "equals with a list",
    "regex": "matches_regex",
    "matches": "matches_regex",
    "matches_regexp": "matches_regex",
    "match_regex": "matches_regex",
    "begins_with": "starts_with",
    "greater_or_equals": "at_least",
    "greater_than_or_equal": "at_least",
    "greater_than_or_equal_to": "at_least",
    "less_or_equals": "at_most",
    "less_than_or_equal": "at_most",
    "less_than_or_equal_to": "at_most",
    "exists": "is: present",
    "is_defined": "is: present",
}
_NEGATED = re.compile(r"(?:does_?|is_)?not?_(?P<rest>\w+)")


class LeafCompiler:
    """One mapping with `value` and an operator."""

    def __init__(self, node: Mapping, context: Context) -> None:
        self._node = node
        self._context = context

    def part(self) -> Leaf | None:
        """The compiled condition; None: problems were added."""
        operator = self._operator()
        value = self._value()
        ignore_case = self._ignore_case(operator)
        if operator is None or value is None:
            return None
        operands = self._operands(operator)
        patterns = self._patterns(operands, ignore_case) if operator == "matches_regex" else ()
        if not operands:
            return None
        return self._leaf(operator, value, operands, patterns, ignore_case)

    def _problem(self, code: str, message: str, place: Place, hint: str = "") -> None:
        self._context.problems.error(code, message, place, hint)

    def _operator(self) -> str | None:
        found = [key for key, _ in self._node if key not in ("value", "ignore_case")]
        for key in found:
            if key not in OPERATORS:
                self._unknown(key)
        known = [key for key in found if key in OPERATORS]
        if len(known) > 1:
            message = f"a condition has one operator, this one has {' and '.join(f'`{key}`' for key in known)}"
            hint = "write two conditions; all of a list must hold"
            self._problem("bad-condition", message, self._node.key_place(known[1]), hint)
        elif not found:
            hint = f"one of {', '.join(OPERATORS)}"
            self._problem("missing-operator", "the condition has no operator", self._node.place, hint)
        return known[0] if known else None

    def _unknown(self, key: str) -> None:
        if key.strip().isdigit():  # greater_than: 1,50
            message = f"a comma ends a value here, and `{key}` stands by itself"
            self._problem("unknown-operator", message, self._node.key_place(key), "write decimals with a point: 1.50")
            return
        negation = _NEGATED.fullmatch(key)
        rest = negation["rest"] if negation else key
        near = next((name for name in (rest, rest + "s", _INSTEAD.get(rest, "")) if name in OPERATORS), "")
        if key in ("is_not", "not_is"):
            hint = "write `is: absent` or `is: present`, or not: {value: …, equals: …}"
        elif negation and near:
            hint = f"write not: {{value: …, {near}: …}}"
        elif key in _INSTEAD:
            hint = f"write `{_INSTEAD[key]}`"
        else:
            hint = did_you_mean(key, (*OPERATORS, *_OTHER_KEYS)) or f"one of {', '.join(OPERATORS)}"
        self._problem("unknown-operator", f"no operator is called `{key}`", self._node.key_place(key), hint)

    def _value(self) -> Shape | None:
        node = self._node.get("value")
        if not isinstance(node, Scalar):
            place = node.place if node else self._node.place
            self._problem("missing-value", "the condition has no `value`", place, f"as in {EXAMPLE}")
            return None
        shape = compile_text(node, self._context)
        if isinstance(shape.tree, LiteralShape) and "{{" not in node.text and "}}" not in node.text:
            path = _LOOKS_LIKE_PATH.fullmatch(node.text.strip())
            written = node.text if path and path["root"] in ROOTS else "event.…"
            message = f"`value` is the text `{node.text}`, the same for every event"
            self._problem("constant-value", message, node.place, f'write value: "{{{{ {written} }}}}"')
        self._refuse_secrets(shape)
        return shape

    def _refuse_secrets(self, shape: Shape) -> None:
        if any(expression.secret for expression in shape.expressions()):
            message = "a secret is put in at the moment of sending, so it cannot be compared"
            self._problem("secret-normalised", message, shape.place, "use env.X for what is no secret")

    def _ignore_case(self, operator: str | None) -> bool:
        node = self._node.get("ignore_case")
        if node is None:
            return False
        if not isinstance(node, Scalar) or node.text not in ("true", "false"):
            self._problem("wrong-type", "`ignore_case` is true or false", node.place)
        elif operator in NUMERIC or operator == "is":
            message = f"`ignore_case` means nothing with `{operator}`"
            self._problem("bad-condition", message, self._node.key_place("ignore_case"), "leave it out")
        return isinstance(node, Scalar) and node.text == "true"

    def _operands(self, operator: str) -> list[Shape]:
        node = self._node.members[operator]
        items = node.items if isinstance(node, Sequence) else [node]
        if not items:
            self._problem("empty-operand", f"`{operator}` has an empty list", node.place, "list what is looked for")
        shapes = [self._operand(operator, item) for item in items]
        return [shape for shape in shapes if shape is not None]

    def _operand(self, operator: str, node: Node) -> Shape | None:
        if not isinstance(node, Scalar):
            self._problem("wrong-type", f"`{operator}` takes a text, a number, or a list of them", node.place)
            return None
        if operator == "is":
            return self._presence(node)
        if operator == "matches_regex" and not ("{{" in node.text and "}}" in node.text):
            return self._checked(operator, node, _literal(node.text, node.place))
        shape = compile_text(node, self._context)
        if isinstance(shape.tree, LiteralShape) and "{{" in node.text:
            return None
        self._refuse_secrets(shape)
        return self._checked(operator, node, shape)

    def _presence(self, node: Scalar) -> Shape | None:
        if isinstance(self._node.members["is"], Sequence) or node.text not in ("present", "absent"):
            self._problem("wrong-type", "`is` takes `present` or `absent`", node.place, "to compare use `equals`")
            return None
        return _literal(node.text, node.place)

    def _checked(self, operator: str, node: Scalar, shape: Shape) -> Shape | None:
        if not shape.constant:
            if operator == "matches_regex":
                hint = "patterns are compiled at load; write the pattern out, or use env.X"
                self._problem("not-constant", "the pattern must be known when the container starts", node.place, hint)
                return None
            return shape
        value = shape.render(_NO_SCOPE)
        if value is ABSENT or not present(value):
            hint = "to ask whether there is a value write `is: absent`"
            self._problem("empty-operand", f"`{operator}` is empty, so it never holds", node.place, hint)
            return None
        if operator in NUMERIC and number(value) is None:
            self._problem("wrong-type", f"`{operator}` takes a number, not `{as_text(value)}`", node.place)
            return None
        return shape

    def _patterns(self, operands: list[Shape], ignore_case: bool) -> tuple[Pattern, ...]:
        found = []
        for shape in operands:
            try:
                found.append(Pattern(str(as_text(shape.render(_NO_SCOPE))), ignore_case))
            except BadPattern as error:
                self._problem("bad-regex", f"RE2 cannot read this pattern: {error}", shape.place)
        return tuple(found)

    def _leaf(
        self,
        operator: str,
        value: Shape,
        operands: list[Shape],
        patterns: tuple[Pattern, ...],
        ignore_case: bool,
    ) -> Leaf:
        later = tuple(shape for shape in operands if not shape.constant)
        if later:
            holds = _test_later(operator, value, operands, ignore_case)
        else:
            holds = _test(value, _constant_test(operator, operands, patterns, ignore_case))
        return Leaf(self._text(operator), self._node.place, value, later, patterns, holds)

    def _text(self, operator: str) -> str:
        """As the record shows it: `event.value greater_than 0`."""
        value, operand = self._node.members["value"], self._node.members[operator]
        shown = _bare(value.text) if isinstance(value, Scalar) else ""
        if isinstance(operand, Sequence):
            items = [_bare(item.text) for item in operand.items if isinstance(item, Scalar)]
            return f"{shown} {operator} [{', '.join(items)}]"
        return f"{shown} {operator} {_bare(operand.text) if isinstance(operand, Scalar) else ''}"


def _bare(text: str) -> str:
    inner = text.strip()
    one = inner.startswith("{{") and inner.endswith("}}") and inner.count("{{") == 1
    return inner[2:-2].strip() if one else text


def _literal(text: str, place: Place) -> Shape:
    return Shape(place, LiteralShape(place, text), renderer)


def _constant_test(
    operator: str, operands: list[Shape], patterns: tuple[Pattern, ...], ignore_case: bool
) -> Test:
    values = [shape.render(_NO_SCOPE) for shape in operands]
    if operator == "is":
        return presence(values[:1] == ["present"])
    if operator == "matches_regex":
        return matching(patterns)
    return with_constants(operator, values, ignore_case)


def _test(value: Shape, test: Test) -> Holds:
    render = value.render

    def holds(scope: Scope) -> bool:
        found: Any = render(scope)
        return test(None if found is ABSENT else found)

    return holds


def _test_later(operator: str, value: Shape, operands: list[Shape], ignore_case: bool) -> Holds:
    test = with_operands(operator, ignore_case)
    render, others = value.render, [shape.render for shape in operands]

    def holds(scope: Scope) -> bool:
        found = render(scope)
        if found is ABSENT:
            return False
        return test(found, [operand for operand in (other(scope) for other in others) if operand is not ABSENT])

    return holds
