"""Templates without a workspace: those of a folder, those of the gallery, or a single file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from container.node import Mapping
from container.problems import Place, Problems
from container.workspace.documents import Document
from container.workspace.reader import read
from container.workspace.starter import gallery

SUFFIXES = (".yaml", ".yml")


def available(folder: Path, problems: Problems) -> dict[str, Document]:
    """By id: the templates in the folder's `templates/`, and those of the gallery that it does not have."""
    found: dict[str, Document] = {}
    for root, prefix in ((folder / "templates", "templates"), (gallery(), "gallery")):
        for path in _files(root):
            if path.stem not in found:
                document = document_of(path, f"{prefix}/{path.relative_to(root).as_posix()}", problems)
                if document is not None:
                    found[path.stem] = document
    return found


def document_of(path: Path, name: str, problems: Problems) -> Document | None:
    """The document of one file; None where it cannot be read or is no mapping, which is told."""
    node = read(path, name, problems)
    if node is not None and not isinstance(node, Mapping):
        problems.error("wrong-type", "a template must be a mapping (`key: value`)", node.place)
        return None
    return Document("templates", path.stem, node, Place(name)) if node is not None else None


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file() and not path.name.startswith("."):
            yield path
