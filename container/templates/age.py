"""How old an event may be that the vendor takes: one limit, or one by what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any

from container.encoding import load
from container.language.expression import Context, Expression, Scope, as_text
from container.language.shape import compile_expression
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Text
from container.workspace import durations
from container.workspace.conform import conform

NAMES = frozenset(("sent",))
SCHEMA: dict[str, Any] = {
    "title": "`age`",
    "type": "object",
    "required": ["lookup", "table"],
    "properties": {
        "lookup": {"type": "string", "x-node": True, "description": "over `sent`: the body, or its one `batch.join`"},
        "table": {"type": "object", "additionalProperties": durations.SCHEMA},
        "default": durations.SCHEMA,
    },
}


@dataclass(frozen=True)
class Age:
    """Seconds. `default` None: the vendor names no limit for what is not in the table."""

    default: float | None = None
    lookup: Expression | None = None
    table: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def shortest(self) -> float:
        """The shortest of the limits: of what is younger nothing need be looked at."""
        return min((*self.table.values(), inf if self.default is None else self.default))

    def of(self, item: bytes) -> float | None:
        """The limit of one call, by what it sends as JSON."""
        if self.lookup is None:
            return self.default
        try:
            sent = load(item)
        except ValueError:  # no JSON
            return self.default
        return self.table.get(as_text(self.lookup.evaluate(Scope(local={"sent": sent}))) or "", self.default)


NO_LIMIT = Age()


def compile_age(node: Node | None, given: Context) -> Age:
    """The age limit written at `node`; problems go to the context."""
    if isinstance(node, Scalar):
        return Age(durations.seconds(Text(node.text, node.place), given.problems))
    if not isinstance(node, MappingNode):
        return NO_LIMIT
    said = conform(node, SCHEMA, given.problems) or {}
    context = Context(given.problems, roots=frozenset(), locals=NAMES)
    lookup = compile_expression(said["lookup"], context) if "lookup" in said else None
    table = {str(key): float(limit) for key, limit in said.get("table", {}).items()}
    default = float(said["default"]) if "default" in said else None
    return Age(default, lookup, table)
