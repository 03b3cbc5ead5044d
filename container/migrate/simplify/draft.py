"""The workspace as it would be: a copy in which proposals are tried; the original is not touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from container.build import Builder, Ledger
from container.dedup.keys import Keys
from container.ledger.memory import MemoryStore
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Sequence
from container.pipeline import Container
from container.problems import Problems
from container.workspace import documents, starter
from container.workspace.model import Document, Workspace

NOW = 1_795_600_800.0  # of the generated events, Unix seconds
_LEFT = ("data", "node_modules")  # of the folder itself; what is hidden is left anywhere


class Draft:
    """A workspace that is being made simpler. `environment`: its secrets, which are not copied."""

    def __init__(self, original: Path, copy: Path, environment: Mapping[str, str]) -> None:
        self.folder = copy
        self._environment = environment

        def left(folder: str, names: list[str]) -> set[str]:
            top = _LEFT if Path(folder) == original else ()
            return {name for name in names if name.startswith(".") or name in top}

        shutil.copytree(original, copy, ignore=left)

    def container(self, problems: Problems) -> Container | None:
        """Built as it stands. None: it has errors."""
        workspace = self._load(problems)
        return Builder(workspace, problems, self._environment).container(_in_memory)

    def documents(self) -> dict[str, dict[str, Document]]:
        """What it holds, by kind and id."""
        return self._load(Problems()).documents

    def text(self, file: str) -> str:
        """A file as it stands."""
        return (self.folder / file).read_text(encoding="utf-8")

    def exists(self, file: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / file).exists()

    @contextmanager
    def with_files(self, files: Mapping[str, str | None]) -> Iterator[None]:
        """The draft with other files, for as long as it takes."""
        before = {name: self.text(name) if self.exists(name) else None for name in files}
        self.put(files)
        try:
            yield
        finally:
            self.put(before)

    def put(self, files: Mapping[str, str | None]) -> None:
        """Change and delete files."""
        for name, text in files.items():
            if text is None:
                (self.folder / name).unlink(missing_ok=True)
            else:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_text(text, encoding="utf-8", newline="\n")

    def _load(self, problems: Problems) -> Workspace:
        return documents.load(self.folder, problems, starter.gallery(), webhooks=starter.webhooks())


def _in_memory(path: Path) -> Ledger:
    return Ledger(MemoryStore(lambda: NOW), Keys.fresh())


def texts(node: Node) -> Iterator[str]:
    """Every text in a node, keys left out."""
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from texts(item)
    elif isinstance(node, MappingNode):
        for _, member in node:
            yield from texts(member)


def words(node: Node) -> Iterator[str]:
    """Every text in a node, and every key."""
    yield from texts(node)
    if isinstance(node, Sequence):
        for item in node.items:
            yield from words(item)
    elif isinstance(node, MappingNode):
        for key, member in node:
            yield key
            yield from words(member)


def listed(node: Node | None) -> list[str] | None:
    """The texts of a list, or the one text; None where anything else stands there."""
    if isinstance(node, Scalar):
        return [node.text]
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return [item.text for item in node.items if isinstance(item, Scalar)]
    return None
