"""Variables: named values over an event. Pure, lazy, each at most once per event, and never waiting for a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from container.conversion import Conversion
from container.event import Event
from container.language.conditions import SCHEMA as CONDITIONS
from container.language.conditions import Condition, compile_conditions
from container.language.expression import Context, Expression, Path, Scope, as_text, walk
from container.language.shape import ABSENT, LiteralShape, Shape, compile_shape, compile_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar
from container.problems import Place
from container.workspace.conform import conform
from container.workspace.documents import Document

TEXT = {"type": "string", "x-node": True}
SCHEMA: dict[str, Any] = {
    "description": "A named value: an expression, a lookup table, or the first row whose conditions hold.",
    "anyOf": [
        {**TEXT, "description": "An expression: {{ event.transaction_id }}"},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["lookup", "table"],
            "properties": {
                "lookup": {**TEXT, "description": "The value to look up."},
                "table": {"type": "object", "additionalProperties": {"x-node": True}, "x-node": True},
                "default": {"x-node": True},
            },
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["first"],
            "properties": {
                "first": {
                    "type": "array",
                    "description": "Rows from the top; a row without `when` always holds.",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["then"],
                        "properties": {"when": {**CONDITIONS, "x-node": True}, "then": {"x-node": True}},
                    },
                },
                "default": {"x-node": True},
            },
        },
    ],
}

BUILT_IN = {
    "transaction_id": "{{ event.transaction_id ?? event.order_id }}",
    "click_id": "{{ event.gclid ?? event.gbraid ?? event.wbraid ?? event.dclid ?? event.fbclid ?? event.ttclid"
    " ?? event.msclkid }}",
    "client_id": "{{ event.client_id }}",
    "fbp": "{{ event.fbp }}",
    "ttp": "{{ event.ttp }}",
    "user_id": "{{ event.user_id }}",
    "session_id": "{{ event.ga_session_id ?? event.session_id }}",
    "event_id": "{{ event.event_id }}",
    "email": "{{ event.user_data.email_address ?? event.user_data.email ?? event.email"
    " ?? event.user_data.sha256_email_address }}",
    "phone": "{{ event.user_data.phone_number ?? event.user_data.phone ?? event.phone"
    " ?? event.user_data.sha256_phone_number }}",
    "cart_id": "{{ event.cart_id }}",
    "checkout_id": "{{ event.checkout_id }}",
    "checkout_token": "{{ event.checkout_token }}",
    "item_id": "{{ event.item_id ?? event.items[0].item_id }}",
    "refund_id": "{{ event.refund_id }}",
    "fingerprint": "{{ event.ip_override | truncated_ip }} {{ event.user_agent }}",
}

Value = Callable[[Scope], Any]

class Variable:
    """One variable, compiled. `shapes` are what it may be, for the proofs made at load."""

    def __init__(self, id: str, place: Place, value: Value, shapes: Sequence[Shape], asks: Sequence[Condition]) -> None:
        self.id = id
        self.place = place
        self.value = value
        self.shapes = tuple(shapes)
        self.asks = tuple(asks)


def compile_variables(documents: Mapping[str, Document], context: Context) -> dict[str, Variable]:
    """Everything under `variables:`, and the built-in ones the workspace does not rewrite."""
    nodes: dict[str, Node] = {id: Scalar(Place("built in"), text, quoted=True) for id, text in BUILT_IN.items()}
    nodes.update({id: document.node for id, document in documents.items()})
    found = {id: _compile(id, node, context) for id, node in nodes.items()}
    variables = {id: variable for id, variable in found.items() if variable is not None}
    _refuse_circles(variables, context)
    return variables


def _compile(id: str, node: Node, context: Context) -> Variable | None:
    said = conform(node, SCHEMA, context.problems)
    if said is None:
        return None
    if isinstance(said, Scalar):
        shape = compile_text(said, context)
        return Variable(id, node.place, _valued(shape), [shape], [])
    if "lookup" in said and "table" in said:
        return _lookup(id, node, said, context)
    if "first" in said:
        rows = [row for row in said["first"] if "then" in row]
        return _first(id, node, rows, said.get("default"), context)
    return None


def _valued(shape: Shape) -> Value:
    render = shape.render

    def value(scope: Scope) -> Any:
        found = render(scope)
        return None if found is ABSENT else found

    return value


def _lookup(id: str, node: Node, said: Mapping[str, Any], context: Context) -> Variable:
    looked_up = compile_text(said["lookup"], context)
    _refuse_constant(said["lookup"], looked_up, context)
    table_node = said["table"]
    rows = {key: compile_shape(row, context) for key, row in table_node} if isinstance(table_node, MappingNode) else {}
    default = compile_shape(said["default"], context) if "default" in said else None
    key_of = _valued(looked_up)
    table = {key: _valued(shape) for key, shape in rows.items()}
    otherwise = _valued(default) if default else _nothing

    def value(scope: Scope) -> Any:
        key = as_text(key_of(scope))
        return (table.get(key, otherwise) if key is not None else otherwise)(scope)

    return Variable(id, node.place, value, [*rows.values(), *([default] if default else [])], [])


def _refuse_constant(node: Scalar, shape: Shape, context: Context) -> None:
    """`lookup: event.currency`, without braces."""
    if isinstance(shape.tree, LiteralShape) and "{{" not in node.text and "}}" not in node.text:
        message = f"`lookup` is the text `{node.text}`, the same for every event"
        hint = f'write lookup: "{{{{ {node.text.strip()} }}}}"' if "." in node.text else 'write lookup: "{{ event.… }}"'
        context.problems.error("constant-value", message, node.place, hint)


def _first(id: str, node: Node, rows: Sequence[Mapping[str, Any]], default: Node | None, context: Context) -> Variable:
    matching = context.adding("match")
    compiled = [
        (compile_conditions(row["when"], context) if "when" in row else None, compile_shape(row["then"], matching))
        for row in rows
    ]
    fallback = compile_shape(default, context) if default is not None else None
    steps = [(condition, _valued(shape)) for condition, shape in compiled]
    otherwise = _valued(fallback) if fallback else _nothing

    def value(scope: Scope) -> Any:
        for condition, then in steps:
            matched = scope if condition is None else condition.match(scope)
            if matched is not None:
                return then(matched)
        return otherwise(scope)

    shapes = [shape for _, shape in compiled] + ([fallback] if fallback else [])
    return Variable(id, node.place, value, shapes, [condition for condition, _ in compiled if condition])


def _nothing(scope: Scope) -> Any:
    return None


def _refuse_circles(variables: dict[str, Variable], context: Context) -> None:
    reads = {id: _reads(variable) for id, variable in variables.items()}
    told: set[str] = set()
    for id in sorted(variables):
        circle = _circle(id, reads)
        if circle and not told.intersection(circle):
            told.update(circle)
            message = "variables that need each other: " + " → ".join(f"`{name}`" for name in circle)
            context.problems.error("variable-circle", message, variables[id].place, "let one of them read `event.…`")
            for name in circle:
                variables[name].value = _nothing


def _reads(variable: Variable) -> set[str]:
    asked: list[Shape | Condition] = [*variable.shapes, *variable.asks]
    return {name for one in asked for expression in one.expressions() for name in _named(expression)}


def _named(expression: Expression) -> Iterator[str]:
    for node in walk(expression.tree):
        if isinstance(node, Path) and node.root == "var" and node.keys:
            yield str(node.keys[0])


def _circle(start: str, reads: Mapping[str, set[str]]) -> list[str]:
    """A way from a variable back to itself, as the names on it; empty where there is none."""
    todo: list[list[str]] = [[start]]
    seen: set[str] = set()
    while todo:
        way = todo.pop()
        for name in sorted(reads.get(way[-1], ())):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                todo.append([*way, name])
    return []


class Variables:
    """The variables of one container, over any event."""

    def __init__(self, variables: Mapping[str, Variable], container: Mapping[str, str]) -> None:
        self.compiled = variables
        self._values = {id: variable.value for id, variable in variables.items()}
        self._container = container

    def over(
        self, event: Event, conversion: Conversion | None = None, consent: Mapping[str, bool | None] | None = None
    ) -> Scope:
        """The scope in which everything about this event is evaluated; variables are worked out when first read."""
        request = event.request
        data, now = (conversion.data, conversion.now) if conversion else (event.data, request.received)
        return Scope(data, request, conversion, consent or {}, self._container, now, event.id, self._values)

    def again(self, scope: Scope, data: Mapping[str, Any]) -> Scope:
        """The same, with variables over changed event data (a tag's transformations)."""
        return Scope(
            data, scope.request, scope.conversion, scope.consent, scope.container, scope.now, scope.record,
            self._values, local=scope.local,
        )  # fmt: skip
