"""docs/vendors/*.md, written from the gallery's templates: `python tests/support/vendor_page.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gallery import GALLERY, ROOT, template

from container.language.shape import (
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
from container.language.values import as_text
from container.node import Mapping as MappingNode
from container.node import Node, Scalar
from container.node import Sequence as SequenceNode
from container.templates import Template
from container.templates.leaks import ANY, Keys

PAGES = ROOT / "docs" / "vendors"
IDS = sorted(path.stem for path in GALLERY.glob("*.yaml"))
OUTCOMES = {
    "delivered": "delivered",
    "accepted": "accepted: a 2xx that proves nothing",
    "retry": "tried again, with growing pauses",
    "later": "tried again after hours",
    "stop": "stopped: the account's queue waits, an alarm is raised",
}


def path(id: str) -> Path:
    return PAGES / f"{id}.md"


def page(id: str) -> str:
    """The whole page of one template."""
    found = template(id)
    head, more, tail = found.notes.partition("\n## ")
    parts = [
        [f"# {found.title}", "", *_intro(found), "", head.strip()],
        _parameters(found),
        _sent(found),
        _refused(found),
        _answers(found),
        _codes(found),
        *(_table(name, rows) for name, rows in _tables(found).items()),
        [(more + tail).strip()] if more else [],
    ]
    return "\n\n".join("\n".join(lines).strip() for lines in parts if lines) + "\n"


def _intro(found: Template) -> Iterator[str]:
    yield f"Template `{found.id}`, for [the vendor's page]({found.docs})." if found.docs else f"Template `{found.id}`."
    consent = ", ".join(f"`{name}`" for name in found.consent)
    yield f"Consent it needs unless the tag says otherwise: {consent or 'none'}."
    several = "; one tag may fire for several of them" if found.targets_many else ""
    yield f"A firing is unique by the host and `{_text(found.target.tree)}`{several}."
    rules = found.rules
    if rules.most > 1:
        halved = ", and a refused one is halved down to the guilty event" if rules.split_on_refusal else ""
        yield f"Up to {rules.most} waiting events travel in one request{halved}."
    if rules.rate is not None:
        whose = "All accounts together are" if rules.rate.shared else "One account is"
        yield f"{whose} sent at most {rules.rate.requests} requests in {rules.rate.seconds:g} seconds."
    age = _written(found.document.mapping.get("age"))
    if age:
        yield f"The vendor takes nothing older than: {age}."
    if found.notice:
        yield f"\n**{found.notice}**"


def _parameters(found: Template) -> Iterator[str]:
    yield "## Parameters of the tag\n\n| parameter | takes | |\n|---|---|---|"
    for name, parameter in found.params.items():
        takes = parameter.format or parameter.type
        words = ", ".join(f"`{word}`" for word in parameter.enum)
        default = f" Default: `{as_text(parameter.default)}`." if parameter.default is not None else ""
        needed = " (required)" if parameter.required else ""
        told = f"{parameter.description}{default}" + (f" One of {words}." if words else "")
        yield f"| `{name}`{needed} | {takes} | {_cell(told)} |"


# --- what is sent


def _sent(found: Template) -> Iterator[str]:
    """Every leaf of the request, with where it comes from and how it is hashed."""
    request = found.request
    method = request.method if isinstance(request.method, str) else _text(request.method.tree)
    yield f"## What is sent\n\n`{method} {_text(request.url.tree)}`\n"
    yield "An absent value leaves no field. Names without a root are worked out in the template (`let:`).\n"
    yield "| field | comes from | personal data |\n|---|---|---|"
    for part, way, shape in request.shapes():
        if part in ("url", "method"):
            continue
        for keys, text in _leaves(shape.tree, way):
            mark = found.contract.mark(keys) if found.contract is not None and part in request.contracted else None
            yield f"| `{_name(part, keys)}` | {_cell(text)} | {_mark(mark)} |"
    yield from _lets(found)


def _lets(found: Template) -> Iterator[str]:
    if found.lets:
        yield "\n| name | is |\n|---|---|"
    for name, shape in found.lets.items():
        for keys, text in _leaves(shape.tree, ()):
            yield f"| `{_name(name, keys)}` | {_cell(text)} |"


def _leaves(node: ShapeNode, keys: Keys) -> Iterator[tuple[Keys, str]]:
    match node:
        case LiteralShape() | Leaf() | TextShape():
            yield keys, f"`{_text(node)}`"
        case MappingShape(members=members):
            for name, member in members:
                yield from _leaves(member, (*keys, name))
        case ListShape(items=items):
            for item in items:
                yield from _leaves(item, (*keys, ANY) if not isinstance(item, EachShape) else keys)
        case EachShape(source=source, key=key, body=body):
            below = (*keys, ANY if key is None else f"{{{_text(key)}}}")
            inner = list(_leaves(body, below))
            yield from [(way, f"{text}, each of `{_text(source)}`") for way, text in inner]
        case IfShape(condition=condition, body=body, otherwise=otherwise):
            yield from [(way, f"{text}, if `{_text(condition)}`") for way, text in _leaves(body, keys)]
            if otherwise is not None:
                yield from [(way, f"otherwise {text}") for way, text in _leaves(otherwise, keys)]
        case BaseShape(base=other, body=body):
            yield keys, f"members of `{_text(other)}`, unless written below"
            yield from _leaves(body, keys)
        case OverrideShape(override=other, body=body):
            yield keys, f"members of `{_text(other)}` win over those below"
            yield from _leaves(body, keys)


def _text(node: ShapeNode) -> str:
    """A leaf as it is written, without the braces of a single expression."""
    match node:
        case Leaf(expression=expression):
            return expression.text
        case TextShape(parts=parts):
            return "".join(part if isinstance(part, str) else f"{{{{ {part.text} }}}}" for part in parts)
        case LiteralShape(value=value):
            return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        case ListShape(items=items):
            return ", ".join(map(_text, items))
        case MappingShape(members=members):
            return ", ".join(f"{name}: {_text(member)}" for name, member in members)
        case BaseShape(base=other) | OverrideShape(override=other):
            return _text(other)
        case _:
            return "…"


def _name(part: str, keys: Keys) -> str:
    if part in ("json", "form", "text") and keys:
        part, keys = str(keys[0]), keys[1:]
    return part + "".join("[]" if key == ANY else f".{key}" for key in keys)


def _mark(mark: Any) -> str:
    if mark is None:
        return ""
    return "in the clear" if mark.rule is None else f"hashed(`{mark.rule}`)"


# --- what the vendor takes and says


def _refused(found: Template) -> Iterator[str]:
    """The contract's own words."""
    rules = list(dict.fromkeys(_rules(found.document.mapping.get("contract"))))
    if rules:
        yield "## What is never sent\n"
        yield "Refused before it is sent (the decision is `invalid` and names the field):\n"
        yield from (f"- {rule}" for rule in rules)


def _rules(node: Node | None) -> Iterator[str]:
    if isinstance(node, MappingNode):
        for key, member in node:
            if key == "x-rule" and isinstance(member, Scalar):
                yield member.text
            else:
                yield from _rules(member)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _rules(item)


def _answers(found: Template) -> Iterator[str]:
    yield "## Answers\n\nThe first that holds counts.\n\n| the answer | outcome |\n|---|---|"
    for outcome, rule in found.rules.rules:
        yield f"| `{_cell(rule.text)}` | {OUTCOMES[outcome]} |"
    yield "| anything else | refused: kept, see `tagport failures` |"
    again = found.retry_ambiguous.tree
    said = _text(again)
    known = {"False": "It is not sent again by itself.", "True": "It is sent again: a second copy is dropped."}
    yield "\nWhere no answer came, nobody knows whether the event arrived. " + (
        known.get(said) or f"It is sent again where this holds: `{said}`."
    )


def _codes(found: Template) -> Iterator[str]:
    if found.advice.codes:
        yield "## Codes, and what to do\n\n| the vendor says | what to do |\n|---|---|"
        yield from (f"| {code} | {_cell(advice)} |" for code, advice in found.advice.codes.items())


def _tables(found: Template) -> Mapping[str, Mapping[str, str]]:
    said = found.document.mapping.get("tables")
    tables = said.members if isinstance(said, MappingNode) else {}
    return {
        name: {key: member.text for key, member in rows if isinstance(member, Scalar)}
        for name, rows in tables.items()
        if isinstance(rows, MappingNode)
    }


def _table(name: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f"## Table `{name}`\n\n| from | to |\n|---|---|"
    yield from (f"| `{key}` | `{value}` |" for key, value in rows.items())


def _written(node: Node | None) -> str:
    if isinstance(node, Scalar):
        return node.text
    if not isinstance(node, MappingNode):
        return ""
    table = node.get("table")
    rows = table.members if isinstance(table, MappingNode) else {}
    found = [f"{member.text} for `{key}`" for key, member in rows.items() if isinstance(member, Scalar)]
    default = node.get("default")
    return "; ".join([*found, f"else {default.text}" if isinstance(default, Scalar) else "else no limit"])


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


if __name__ == "__main__":
    for id in IDS:
        path(id).write_text(page(id), "utf-8")
