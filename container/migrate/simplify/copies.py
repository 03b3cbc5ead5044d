"""Lookup tables that copy event names: each to itself, or as the template's own table does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from container.migrate.simplify.draft import Draft, words
from container.migrate.simplify.proposal import Proposal
from container.node import Mapping as MappingNode
from container.node import Scalar
from container.workspace.documents import CONTAINER
from container.workspace.model import Document

EVENT_NAME = "event_name"
_NAME = re.compile(r"\{\{ *event\.event_name *\}\}")


def copies(draft: Draft) -> Iterator[Proposal]:
    """One proposal for each table, or for each tag that needs none."""
    found = draft.documents()
    for id, document in found["variables"].items():
        table = _table(document)
        if table is None or document.place.file == CONTAINER:
            continue
        if all(key == value for key, value in table.items()):
            yield _inlined(draft, found, id, document)
        else:
            yield from _templates_own(draft, found, id)


def _table(document: Document) -> dict[str, str] | None:
    """The table of a variable that looks the event's name up, where it holds texts only."""
    node = document.node
    if not isinstance(node, MappingNode):
        return None
    asked, table = node.get("lookup"), node.get("table")
    if not (isinstance(asked, Scalar) and _NAME.fullmatch(asked.text.strip()) and isinstance(table, MappingNode)):
        return None
    rows = {key: value.text for key, value in table if isinstance(value, Scalar)}
    return rows if rows and len(rows) == len([*table]) else None


def _inlined(draft: Draft, found: Mapping[str, Mapping[str, Document]], id: str, document: Document) -> Proposal:
    reading = re.compile(rf"\bvar\.{re.escape(id)}(?!\w)")
    files: dict[str, str | None] = {}
    touched: set[str] = set()
    for kind, documents in found.items():
        for other in documents.values():
            if other.shipped or not any(reading.search(word) for word in words(other.node)):
                continue
            files[other.place.file] = reading.sub("event.event_name", draft.text(other.place.file))
            touched |= {other.id} if kind == "tags" else set()
    files[document.place.file] = None
    reason = "its table gives each event name back as it is: `event.event_name` says the same"
    return Proposal("copied-names", f"drop the lookup table `{id}`", reason, files, touched=frozenset(touched))


def _templates_own(draft: Draft, found: Mapping[str, Mapping[str, Document]], id: str) -> Iterator[Proposal]:
    """Tags whose template turns the names into the vendor's by itself."""
    said = re.compile(rf"""\{{\{{ *var\.{re.escape(id)} *\}}\}}""")
    quoted = rf"""{EVENT_NAME}: *(["']){said.pattern}\1"""
    for tag in found["tags"].values():
        params = tag.mapping.get("params")
        node = params.get(EVENT_NAME) if isinstance(params, MappingNode) else None
        if not isinstance(node, Scalar) or not said.fullmatch(node.text.strip()) or tag.place.file == CONTAINER:
            continue
        text = draft.text(tag.place.file)
        without = re.sub(rf"(?m)^ *{quoted} *\n|{quoted}, *|, *{quoted}", "", text)
        reason = f"the template's own table of event names gives what the variable `{id}` looks up"
        yield Proposal("template-names", f"let the template of the tag `{tag.id}` name its events", reason,
                       {tag.place.file: without}, touched=frozenset((tag.id,)))  # fmt: skip
