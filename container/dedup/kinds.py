"""What `conversions:` may say: the events that may be told more than once, and what makes two of them one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from container.dedup.lints import lint
from container.event import Event
from container.language.expression import Context, Scope, parse, parse_located
from container.language.shape import ABSENT, compile_text
from container.node import Node, Scalar, Text
from container.problems import Place, did_you_mean
from container.workspace.conform import conform
from container.workspace.documents import Document

_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_REF = {"type": "string", "x-node": True}
_ONE_OR_ALL = {
    "anyOf": [
        _REF,
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["all"],
            "properties": {"all": {"type": "array", "items": _REF, "minItems": 1}},
        },
    ]
}
SCHEMA: dict[str, Any] = {
    "title": "A conversion",
    "type": "object",
    "description": "Something that happens once and may be told more than once: an order, a lead, an add-to-cart.",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {
        "events": {**_NAMES, "description": "The event names whose copies these are."},
        "data_from": {**_NAMES, "description": "Events that lend names and data and fire nothing themselves."},
        "key": {
            **_REF,
            "description": "The order's name: a variable, or an expression. Equal names are one conversion.",
        },
        "links": {
            "type": "array",
            "description": "What else tells that copies are one: event_id, {all: [cart_id, item_id]}.",
            "items": _ONE_OR_ALL,
        },
        "hints": {
            "type": "object",
            "description": "What suggests it where a copy has no order name.",
            "additionalProperties": False,
            "required": ["any", "within"],
            "properties": {
                "any": {"type": "array", "items": _ONE_OR_ALL, "minItems": 1},
                "within": {
                    "type": "string",
                    "format": "duration",
                    "description": "How far apart the copies' own times may lie: 30m",
                },
                "across": {"enum": ["clients", "any"], "default": "clients"},
                "agree": {"type": "array", "items": _REF},
            },
        },
        "event_id": {"x-node": True, "description": "The id the vendors are told."},
        "scope": {"x-node": True, "description": "Keeps equal names of two shops apart."},
        "keep": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "key": {"type": "string", "format": "duration", "default": "400d"},
                "links": {"type": "string", "format": "duration", "default": "30d"},
            },
        },
        "late": {
            "type": "string",
            "format": "duration",
            "default": "24h",
            "description": "How long a new or unpaused tag may still fire for it.",
        },
        "of": {"type": "string", "description": "A refund's conversion: purchase."},
    },
}
DAY = 86400.0
EVENT = "event"  # the built-in kind of events that no conversion names
CUSTOMER = ("client_id", "user_id", "email", "phone")
EVENT_ID = Scalar(Place("built in"), "{{ event.event_id }}", quoted=True)
BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that identifies: a variable by its name, or an expression."""

    name: str
    value: Callable[[Scope], Any]
    built_in: bool  # the variable has not been rewritten by the user


@dataclass(frozen=True, slots=True)
class Kind:
    """One declared conversion. Times in seconds."""

    id: str
    events: frozenset[str]
    data_from: frozenset[str]
    key: Ref | None
    links: tuple[tuple[Ref, ...], ...]
    hints: tuple[tuple[Ref, ...], ...]
    within: float
    across_any: bool
    agree: tuple[Ref, ...]
    customer: tuple[Ref, ...]  # what tells whose it is
    event_id: Callable[[Scope], Any]
    scope: Callable[[Scope], Any]
    keep_key: float
    keep_links: float
    late: float
    of: Kind | None = None


@dataclass(frozen=True)
class Kinds:
    """All declared conversions, by the event names they are told with."""

    by_id: Mapping[str, Kind]
    by_event: Mapping[str, Kind]

    def of(self, event: Event) -> Kind | None:
        """The conversion this event is a copy of; None for an event of no declared conversion."""
        return self.by_event.get(event.name)


def compile_kinds(
    documents: Mapping[str, Document],
    context: Context,
    rewritten: Collection[str] = (),
    may_exist: Callable[[str, str], bool] = lambda kind, id: False,
) -> Kinds:
    """Everything under `conversions:`. `rewritten`: the built-in variables that the workspace defines itself.

    `may_exist` tells of a kind and id whether there is such an object that could not be read.
    """
    compiler = _Compiler(context, frozenset(rewritten))
    found: dict[str, Kind] = {}
    wanted: dict[str, Text] = {}
    told: list[tuple[Text, Kind]] = []
    for id, document in documents.items():
        said = conform(document.node, SCHEMA, context.problems)
        if said is None:
            continue
        if id == EVENT:
            hint = "give the conversion another name"
            context.problems.error("reserved-name", f"`{EVENT}` is built in", document.place, hint)
        found[id] = compiler.kind(id, said)
        lint(id, said, document, context.problems)
        told += [(name, found[id]) for key in ("events", "data_from") for name in _list(said.get(key, []))]
        if "of" in said:
            wanted[id] = said["of"]
    for id, parent in wanted.items():
        if parent in found:
            found[id] = replace(found[id], of=found[parent])
        elif not may_exist("conversions", parent):
            hint = did_you_mean(parent, found)
            context.problems.error("unknown-conversion", f"no conversion is called `{parent}`", parent.place, hint)
    return Kinds(found, _by_event([(name, found[kind.id]) for name, kind in told], context))


def _by_event(told: list[tuple[Text, Kind]], context: Context) -> dict[str, Kind]:
    """The conversion of each event's name; a name of two is told where it is written last."""
    found: dict[str, Kind] = {}
    for name, kind in sorted(told, key=lambda one: (one[0].place.file, one[0].place.line, one[0].place.column)):
        first = found.setdefault(str(name), kind)
        if first.id != kind.id:
            message = f"the event `{name}` is already a copy of `{first.id}`"
            context.problems.error("event-twice", message, name.place, "name each event in one conversion only")
    return found


class _Compiler:
    def __init__(self, context: Context, rewritten: frozenset[str]) -> None:
        self._context = context
        self._rewritten = rewritten

    def kind(self, id: str, said: Mapping[str, Any]) -> Kind:
        hints = said.get("hints", {})
        keep = said.get("keep", {})
        return Kind(
            id=id,
            events=frozenset(map(str, _list(said.get("events", [])))),
            data_from=frozenset(map(str, _list(said.get("data_from", [])))),
            key=self._ref(said["key"]) if "key" in said else None,
            links=tuple(self._all_of(link) for link in said.get("links", [])),
            hints=tuple(self._all_of(hint) for hint in hints.get("any", [])),
            within=hints.get("within", 0.0),
            across_any=hints.get("across", "clients") == "any",
            agree=tuple(self._agree(name) for name in hints.get("agree", [])),
            customer=tuple(self._ref(Scalar(Place("built in"), name)) for name in CUSTOMER),
            event_id=self._expression(said.get("event_id", EVENT_ID)),
            scope=self._expression(said["scope"]) if "scope" in said else lambda scope: scope.container.get("id"),
            keep_key=keep.get("key", 400 * DAY),
            keep_links=keep.get("links", 30 * DAY),
            late=said.get("late", DAY),
        )

    def _all_of(self, said: Any) -> tuple[Ref, ...]:
        names = said.get("all", []) if isinstance(said, dict) else [said]
        return tuple(self._ref(name) for name in names)

    def _ref(self, node: Scalar) -> Ref:
        """A bare name is a variable, anything else an expression."""
        text = node.text
        if not BARE.match(text):
            self._refuse_constant(node)
            return Ref(text, self._expression(node), built_in=False)
        expression = parse_located(f"var.{text}", lambda at, length: node.place, self._context)
        value = expression.evaluate if expression else _nothing
        return Ref(text, value, built_in=text not in self._rewritten)

    def _refuse_constant(self, node: Scalar) -> None:
        if "{{" not in node.text and "}}" not in node.text:
            hint = "write a variable's name, or an expression: \"{{ event.… }}\""
            message = f"`{node.text}` is no variable, and the same for every event"
            self._context.problems.error("constant-value", message, node.place, hint)

    def _agree(self, node: Scalar) -> Ref:
        """A bare name here is a field of the event, unless a variable has that name."""
        text, known = node.text, self._context.variables
        if BARE.match(text) and (known is None or text not in known):
            expression = parse(f"event.{text}", node.place, self._context)
            return Ref(text, expression.evaluate if expression else _nothing, built_in=False)
        return self._ref(node)

    def _expression(self, node: Node) -> Callable[[Scope], Any]:
        if not isinstance(node, Scalar):
            self._context.problems.error("wrong-type", "this must be a text with an expression", node.place)
            return _nothing
        render = compile_text(node, self._context).render

        def value(scope: Scope) -> Any:
            found = render(scope)
            return None if found is ABSENT else found

        return value


def _nothing(scope: Scope) -> Any:
    return None


def _list(value: Any) -> list[Text]:
    return value if isinstance(value, list) else [value]
