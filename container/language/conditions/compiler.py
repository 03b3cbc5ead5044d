"""From the YAML of `when:` to a condition."""

from __future__ import annotations

from container.language.conditions.condition import All, Condition, Part, all_of, any_of, negated
from container.language.conditions.leaf import EXAMPLE, LeafCompiler
from container.language.expression import Context
from container.node import Mapping, Node, Sequence
from container.problems import Place

_GROUPS = ("all", "any", "not")


def compile_conditions(node: Node, context: Context) -> Condition:
    """The condition of a `when:` list (all of them) or of a single mapping; problems go to the context."""
    return Condition(_all(node, context), node.place)


def _all(node: Node, context: Context) -> All:
    return all_of(_parts(node, context))


def _parts(node: Node, context: Context) -> list[Part]:
    items = node.items if isinstance(node, Sequence) else [node]
    return [part for part in (_part(item, context) for item in items) if part is not None]


def _problem(context: Context, code: str, message: str, place: Place, hint: str = "") -> None:
    context.problems.error(code, message, place, hint)


def _part(node: Node, context: Context) -> Part | None:
    if not isinstance(node, Mapping):
        _problem(context, "bad-condition", "a condition is a mapping", node.place, f"as in {EXAMPLE}")
        return None
    groups = [key for key, _ in node if key in _GROUPS]
    if not groups:
        return LeafCompiler(node, context).part()
    for key, _ in node:
        if key != groups[0]:
            hint = f"put `{key}` into a condition of its own"
            _problem(context, "bad-condition", f"beside `{groups[0]}` stands nothing else", node.key_place(key), hint)
    parts = [_group(group, node.members[group], context) for group in groups]
    return parts[0]


def _group(name: str, node: Node, context: Context) -> Part | None:
    if name == "not" and not (isinstance(node, Sequence) and not node.items):
        return negated(_all(node, context))
    if not isinstance(node, Sequence) or not node.items:
        _problem(context, "bad-condition", f"`{name}` holds a list of conditions", node.place, f"as in [{EXAMPLE}]")
        return None
    parts = _parts(node, context)
    return all_of(parts) if name == "all" else any_of(parts)
