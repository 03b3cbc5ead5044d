"""Variables nobody reads and triggers no tag uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from container.migrate.simplify.draft import Draft, texts
from container.migrate.simplify.proposal import Proposal
from container.node import Mapping as MappingNode
from container.node import Scalar, Sequence
from container.variables import BUILT_IN
from container.workspace.documents import CONTAINER
from container.workspace.model import Document

_READ = re.compile(r"""\bvar(?:\.(\w+)|\[["'](.+?)["']\])""")


def unused(draft: Draft) -> Iterator[Proposal]:
    """One proposal for each."""
    found = draft.documents()
    used = _triggers(found)
    for id, document in found["triggers"].items():
        if id not in used and document.place.file != CONTAINER:
            yield _drop("unused-trigger", "trigger", document, "no tag fires or is blocked by it")
    read = _read(found, draft.text(CONTAINER) if draft.exists(CONTAINER) else "")
    for id, document in found["variables"].items():
        if id not in read and id not in BUILT_IN and document.place.file != CONTAINER:
            yield _drop("unused-variable", "variable", document, "nobody reads it")


def _drop(code: str, what: str, document: Document, reason: str) -> Proposal:
    return Proposal(code, f"drop the {what} `{document.id}`", reason, {document.place.file: None})


def _triggers(found: Mapping[str, Mapping[str, Document]]) -> set[str]:
    used: set[str] = set()
    for tag in found["tags"].values():
        for key in ("triggers", "exceptions"):
            node = tag.mapping.get(key) if isinstance(tag.node, MappingNode) else None
            if isinstance(node, Sequence):
                used |= {item.text for item in node.items if isinstance(item, Scalar)}
    return used


def _read(found: Mapping[str, Mapping[str, Document]], container: str) -> set[str]:
    """The variables that are read, directly or by others that are."""
    reads = {id: {*_named(document)} for id, document in found["variables"].items()}
    todo = {name for match in _READ.finditer(container) for name in match.groups() if name}
    for kind, documents in found.items():
        for document in documents.values() if kind != "variables" else ():
            todo |= {*_named(document)}
            if kind in ("conversions", "environments"):  # where a bare name may be a variable
                todo |= {*texts(document.node)}
    todo |= BUILT_IN.keys()
    known: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in known:
            known.add(name)
            todo |= reads.get(name, set())
    return known


def _named(document: Document) -> Iterator[str]:
    for text in texts(document.node):
        for match in _READ.finditer(text):
            yield match[1] or match[2]
