"""From the YAML of a `webhook` client to the client: every expression compiled at load, every problem at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from container.clients.options import path_option, place, settings
from container.clients.webhook.client import Topic, WebhookClient
from container.clients.webhook.rules import Each, Render, Rule, Rules
from container.clients.webhook.schema import IGNORE, OTHERS
from container.clients.webhook.signature import compile_signature
from container.language.conditions import compile_conditions
from container.language.expression import Context
from container.language.expression.names import is_reserved
from container.language.shape import compile_shape
from container.node import Mapping as MappingNode
from container.node import Node, Scalar

_ROOTS = frozenset(("request", "env", "now"))
_COMMON = ("let", "map", "names", "ids_from", "needs")
_TAKEN = ("body", "topic", "item", "index", "match", "params")


def compile(id: str, values: dict[str, Any], context: Context) -> WebhookClient:
    """The client of these options."""
    return _Compiler(values, replace(context, roots=_ROOTS, locals=frozenset(("body",)))).client(id, context)


class _Compiler:
    """One client; `context` knows what expressions over its body may name."""

    def __init__(self, values: dict[str, Any], context: Context) -> None:
        self._values = values
        self._problems = context.problems
        self._known: dict[tuple[int, frozenset[str]], Render] = {}
        self._ping = context
        self._each, self._context = self._compile_each(values, context)

    def client(self, id: str, outside: Context) -> WebhookClient:
        """The client; `outside` knows what its fixed options may name."""
        values = self._values
        self._refuse_nothing()
        topic = self._topic()
        if topic is not None:
            self._context = self._context.adding("topic")
        unsigned, delivery = values.get("unsigned"), values.get("delivery_id")
        return WebhookClient(
            path=path_option(values.get("path"), outside),
            scheme=compile_signature(values.get("signature", {}), values.get("secret"), outside),
            rules=self._rules(),
            topic=topic,
            each=self._each,
            delivery_id=None if delivery is None else self._render(delivery, self._ping),
            unsigned=None if unsigned is None else compile_conditions(unsigned, self._ping),
            **settings(id, values, "server", outside),
        )

    def _refuse_nothing(self) -> None:
        """A client that maps nothing makes empty events."""
        if "map" not in self._values and "events" not in self._values:
            hint = 'write for instance map: {event_name: purchase, transaction_id: "{{ body.id }}"}'
            self._problem("missing-key", "a webhook client needs `map` or `events`", self._values.get("kind"), hint)

    def _problem(self, code: str, message: str, at: Any, hint: str) -> None:
        self._problems.error(code, message, place(at), hint)

    def _topic(self) -> Topic | None:
        node, events = self._values.get("topic"), self._values.get("events", {})
        if node is None and any(key != OTHERS for key in events):
            first = next(key for key in events if key != OTHERS)
            hint = 'say where it stands: topic: "{{ body.type }}"'
            self._problem("missing-key", "`events` goes by the topic, and there is no `topic`", first, hint)
        if not isinstance(node, Scalar):
            return None
        written = node.text.strip().removeprefix("{{").removesuffix("}}").strip()
        return Topic(render=self._render(node, self._context), written=written)

    # --- rules

    def _rules(self) -> Rules:
        found: dict[str, Sequence[Rule]] = {}
        for topic, said in self._values.get("events", {}).items():
            if "*" in topic[:-1]:
                hint = "`*` may stand at the end: `orders/*` is every topic that begins with `orders/`"
                self._problem("bad-topic", f"`{topic}` has a `*` within it", topic, hint)
            found[topic] = self._of_topic(said)
        others = found.pop(OTHERS, None)
        beginnings = [(topic[:-1], rules) for topic, rules in found.items() if topic.endswith("*")]
        return Rules(
            exact={str(topic): rules for topic, rules in found.items() if not topic.endswith("*")},
            beginnings=sorted(beginnings, key=lambda one: -len(one[0])),
            others=[self._rule({})] if others is None else others,
        )

    def _of_topic(self, said: Any) -> Sequence[Rule]:
        if isinstance(said, list):
            return [self._rule(one) for one in said]
        if not isinstance(said, str):
            return [self._rule(said)]
        if said == IGNORE:
            return ()
        where = place(said)
        name = MappingNode(where, {"event_name": Scalar(where, str(said))}, {"event_name": Scalar(where, "event_name")})
        return [self._rule({"map": name})]

    def _rule(self, said: Mapping[str, Any]) -> Rule:
        """A rule with the client's common part: what the rule says itself wins, key by key."""
        common = {key: self._values[key] for key in _COMMON if key in self._values}
        let, context = self._let(_laid(common.get("let"), said.get("let")), self._context)
        each, context = self._compile_each(said, context)
        named = {**said.get("names", {}), **common.get("names", {}), **said.get("names", {})}  # its own come first
        names = [(of, sort, node) for of, sorts in named.items() for sort, node in sorts.items()]
        return Rule(
            let=let,
            when=compile_conditions(said["when"], context) if "when" in said else None,
            each=each,
            data=compile_shape(_laid(common.get("map"), said.get("map")), context).render,
            names=[(of, sort, self._render(node, context)) for of, sort, node in names],
            ids_from=[self._render(node, context) for node in said.get("ids_from", common.get("ids_from", ()))],
            needs=tuple(str(name) for name in said.get("needs", common.get("needs", ()))),
        )

    def _let(self, node: MappingNode, context: Context) -> tuple[list[tuple[str, Render]], Context]:
        """The names in the order in which they stand: each may use those above it."""
        found: list[tuple[str, Render]] = []
        for name, member in node:
            if is_reserved(name) or name in _TAKEN:
                hint = "call it something else"
                self._problems.error("reserved-name", f"`{name}` means something already", node.key_place(name), hint)
                continue
            found.append((name, self._render(member, context)))
            context = context.adding(name)
        return found, context

    def _compile_each(self, said: Mapping[str, Any], context: Context) -> tuple[Each | None, Context]:
        node, name = said.get("each"), said.get("as", "item")
        if node is None:
            if "as" in said:
                self._problem("missing-key", "`as` names the elements of `each`, and there is none", name, "add `each`")
            return None, context
        if name != "item" and (is_reserved(name) or name in _TAKEN or not name.isidentifier()):
            self._problem("reserved-name", f"`{name}` cannot be an element's name", name, "for instance `as: line`")
        return Each(self._render(node, context), str(name)), context.adding(str(name), "index")

    def _render(self, node: Node, context: Context) -> Render:
        """What renders a node of the client; the common part's is compiled once, and not for every topic anew."""
        key = (id(node), context.locals)
        if key not in self._known:
            self._known[key] = compile_shape(node, context).render
        return self._known[key]


def _laid(under: MappingNode | None, over: MappingNode | None) -> MappingNode:
    """The members of both; a key of `over` replaces that of `under` as a whole, in its place."""
    if under is None or over is None:
        only = under or over
        return only if only is not None else MappingNode(place(None))
    return MappingNode(under.place, {**under.members, **over.members}, {**under.keys, **over.keys})
