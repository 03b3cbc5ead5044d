"""What a folder of YAML holds: its documents by kind and id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from container.node import Mapping, Node
from container.problems import Place

KINDS = {
    "clients": "client",
    "variables": "variable",
    "transformations": "transformation",
    "conversions": "conversion",
    "triggers": "trigger",
    "tags": "tag",
    "templates": "template",
    "environments": "environment",
    "tests": "test",
}


@dataclass(slots=True)
class Document:
    """One object. `place`: its file, or its key in container.yaml.

    `node` is a Mapping, except of a variable, which may be a Scalar (its expression). `shipped`: it comes from the
    gallery, whose files are read when somebody asks: `written` is the node, or what reads it.
    """

    kind: str
    id: str
    written: Node | Callable[[], Node]
    place: Place
    shipped: bool = False

    @property
    def node(self) -> Node:
        """What it says."""
        if callable(self.written):
            self.written = self.written()
        return self.written

    @property
    def mapping(self) -> Mapping:
        """The node of every kind but variables."""
        if not isinstance(self.node, Mapping):
            raise TypeError(f"{self.kind} {self.id} is no mapping")
        return self.node


@dataclass(slots=True)
class Workspace:
    """What a folder holds, each kind in the order of its ids.

    `container` is container.yaml without the sections of kinds. `lines` has the source of every file read, by the
    name problems use; of the gallery those of the templates that somebody asked for. `tests` are the files of
    `tests/`; documents of kind `tests` have their path as id.
    """

    folder: Path
    container: Mapping
    documents: dict[str, dict[str, Document]]
    lines: dict[str, list[str]] = field(default_factory=dict)
    tests: list[Path] = field(default_factory=list)
    unread: set[tuple[str, str]] = field(default_factory=set)
    container_read: bool = True

    def of(self, kind: str) -> list[Document]:
        """The documents of one kind."""
        return list(self.documents[kind].values())

    def unreadable(self, kind: str) -> set[str]:
        """The ids of one kind that are there and could not be read."""
        return {id for unread, id in self.unread if unread == kind}

    def may_exist(self, kind: str, id: str) -> bool:
        """There is such an object, or one that could not be read: then a reference to it is no problem of its own."""
        return id in self.documents[kind] or (kind, id) in self.unread or not self.container_read
