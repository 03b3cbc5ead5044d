"""A folder of YAML into documents by kind and id: container.yaml, its sections, and a folder for every kind."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import container.workspace.overlay as overlay
import container.workspace.reader as reader
import container.workspace.source as source
from container.node import Mapping, Node, Scalar
from container.problems import Place, Problems
from container.workspace.conform import conform, empty, plain
from container.workspace.editors import editor_schema
from container.workspace.model import KINDS, Document, Workspace

__all__ = ["CONTAINER", "KINDS", "Document", "Workspace", "conform", "editor_schema", "load", "plain"]

CONTAINER = "container.yaml"
_SUFFIXES = (".yaml", ".yml")
_NEAR = 0.75
_WORD = re.compile(r"\w+")
_ALMOST = re.compile(r"[^.].*\.ya?ml(\.txt)?", re.I)  # as editors save `meta.yaml` where they hide endings


def load(
    folder: Path,
    problems: Problems,
    gallery: Path | None,
    environment: str | None = None,
    *,
    webhooks: Path | None = None,
    tests: bool = True,
) -> Workspace:
    """Everything the folder holds, under the overlay of one environment; all that is wrong goes to `problems`.

    `gallery` and `webhooks`: the folders of the templates and of the clients that come with the package.
    Without container.yaml there is that one problem and nothing else is read. `tests=False` leaves `tests/` unread.
    """
    workspace = Workspace(folder, Mapping(Place(CONTAINER)), {kind: {} for kind in KINDS})
    loader = _Loader(workspace, problems)
    if not loader.container():
        return workspace
    loader.near_misses()
    for kind in KINDS:
        if kind != "tests" or tests:
            loader.folder(kind)
    workspace.tests = list(yaml_files(folder / "tests"))
    if gallery is not None:
        loader.gallery(gallery)
    overlay.apply(workspace, environment, problems)
    if webhooks is not None:
        loader.webhooks(webhooks)
    for kind, found in workspace.documents.items():
        workspace.documents[kind] = dict(sorted(found.items()))
    return workspace


class _Loader:
    """Fills a workspace."""

    def __init__(self, workspace: Workspace, problems: Problems) -> None:
        self.workspace = workspace
        self.problems = problems

    # --- container.yaml

    def container(self) -> bool:
        """container.yaml and its sections; False where there is none."""
        path = self._container_path()
        self.workspace.container_read = False
        if path is None:
            message = f"there is no {CONTAINER} in `{self.workspace.folder}`"
            self.problems.error("no-container", message, Place(CONTAINER), self._instead())
            return False
        node = self._read(path, path.name)
        if node is not None:
            self._container(path.name, node)
        return True

    def _instead(self) -> str:
        """What to do where there is no workspace: the one below is meant, or there is none yet."""
        below = sorted(path.parent.name for path in self.workspace.folder.glob(f"[!.]*/{CONTAINER}"))
        meant = f"is the one in `{below[0]}` meant? Name its folder behind the command. Else " if below else ""
        return meant + "`tagport init` writes a workspace"

    def _container_path(self) -> Path | None:
        paths = [self.workspace.folder / f"container{suffix}" for suffix in _SUFFIXES]
        found = [path for path in paths if path.is_file()]
        if len(found) == len(paths):
            message = "container.yaml stands beside container.yml, which is left alone"
            self.problems.error("duplicate-id", message, Place(found[1].name), "keep one of the two")
        return found[0] if found else None

    def _container(self, name: str, node: Node) -> None:
        if empty(node):
            node = Mapping(node.place)
        if not isinstance(node, Mapping):
            self.problems.error("wrong-type", f"{name} must be a mapping (`key: value`)", node.place)
            return
        self.workspace.container_read = True
        self.workspace.container = Mapping(node.place)
        for key, member in node:
            self._member(node.keys[key], member)

    def _member(self, key: Scalar, node: Node) -> None:
        near = _near(key.text)
        if key.text in KINDS:
            self._section(key.text, node)
        elif near:
            hint = f"did you mean `{near}`?"
            self.problems.error("unknown-key", f"there is no section `{key.text}`", key.place, hint)
            self._section(near, node)
        else:
            self.workspace.container.keys[key.text] = key
            self.workspace.container.members[key.text] = node

    def _section(self, kind: str, node: Node) -> None:
        if isinstance(node, Mapping):
            for id, member in node:
                self._add(Document(kind, id, member, node.key_place(id)))
        elif not empty(node):
            message = f"`{kind}` must be a mapping: the name of each {KINDS[kind]}, then what it is"
            self.problems.error("wrong-type", message, node.place)

    # --- folders

    def near_misses(self) -> None:
        """Warn of folders that hold YAML under a name that is nearly a kind's, and of files likewise."""
        for path in sorted(self.workspace.folder.iterdir()):
            near = _near(path.name)
            if near and path.is_dir() and next(yaml_files(path), None):
                message = f"the folder `{path.name}` is left alone: its name is no kind's"
                self.problems.warning("near-miss-folder", message, Place(path.name), f"did you mean `{near}`?")
        self._near_miss_files()

    def _near_miss_files(self) -> None:
        """Warn of files in a kind's folder whose ending is nearly that of YAML: nobody reads them."""
        for kind in KINDS:
            for path in sorted((self.workspace.folder / kind).rglob("*")):
                if _ALMOST.fullmatch(path.name) and path.suffix not in _SUFFIXES and path.is_file():
                    name = path.relative_to(self.workspace.folder).as_posix()
                    message = f"the file `{name}` is left alone: its name does not end in `.yaml`"
                    stem = re.split(r"\.ya?ml", path.name, flags=re.I)[0]
                    self.problems.warning("near-miss-file", message, Place(name), f"rename it to `{stem}.yaml`")

    def folder(self, kind: str) -> None:
        """Every file of a kind's folder."""
        root = self.workspace.folder / kind
        for path in yaml_files(root, self._unreadable):
            name = path.relative_to(self.workspace.folder).as_posix()
            id = path.stem if kind != "tests" else path.relative_to(root).with_suffix("").as_posix()
            self._file(kind, id, path, name)
        if kind == "tests":
            self._tests_elsewhere()

    def _tests_elsewhere(self) -> None:
        """Warn of what is written like a route test and lies where `tagport test` does not look."""
        for id, document in self.workspace.documents["tests"].items():
            if not id.startswith("routes/") and {"requests", "expect"} <= document.mapping.keys.keys():
                message = f"the route test `{document.place.file}` is never run: it is not in `tests/routes`"
                hint = f"move it to `tests/routes/{id.rpartition('/')[2]}.yaml`"
                self.problems.warning("near-miss-file", message, document.place, hint)

    def gallery(self, folder: Path) -> None:
        """The templates shipped with the package that the workspace does not have."""
        for path in yaml_files(folder):
            if not self.workspace.may_exist("templates", path.stem):
                name = f"gallery/{path.name}"
                self._add(Document("templates", path.stem, partial(self._shipped, path, name), Place(name), True))

    def _shipped(self, path: Path, name: str) -> Node:
        return self._read(path, name) or Mapping(Place(name))

    def webhooks(self, folder: Path) -> None:
        """Under each client whose kind comes with a file of its own, that file: what the client says itself wins."""
        for id, document in self.workspace.documents["clients"].items():
            named = document.mapping.get("kind")
            kind = named.text if isinstance(named, Scalar) else ""
            path = folder / f"{kind}.yaml"
            if _WORD.fullmatch(kind) and path.is_file():
                under = self._read(path, f"webhooks/{path.name}")
                node = document.node if under is None else overlay.merged(under, document.node)
                self.workspace.documents["clients"][id] = replace(document, written=node)

    def _unreadable(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            name = Path(error.filename).relative_to(self.workspace.folder).as_posix()
            message = f"this folder cannot be read: {error.strerror}"
            self.problems.error("unreadable-file", message, Place(name))

    def _file(self, kind: str, id: str, path: Path, name: str) -> None:
        node = self._read(path, name)
        if node is None:
            self.workspace.unread.add((kind, id))
        else:
            self._add(Document(kind, id, node, Place(name)))

    def _read(self, path: Path, name: str) -> Node | None:
        text = source.read_file(path, name, self.problems)
        if text is None:
            return None
        self.workspace.lines[name] = source.source_lines(text)
        return reader.read_text(text, name, self.problems)

    # --- documents

    def _add(self, document: Document) -> None:
        first = self.workspace.documents[document.kind].get(document.id)
        if first is not None:
            what = f"{KINDS[document.kind]} `{document.id}`"
            message = f"a second {what}; the first is in {first.place}"
            self.problems.error("duplicate-id", message, document.place, "rename one of the two, or delete it")
        elif document.shipped or self._is_object(document):
            self.workspace.documents[document.kind][document.id] = document
        else:
            self.workspace.unread.add((document.kind, document.id))

    def _is_object(self, document: Document) -> bool:
        """A mapping, or a variable's expression. What is no test in `tests/` is left alone."""
        node, what = document.node, KINDS[document.kind]
        if isinstance(node, Mapping):
            return True
        if document.kind == "tests":
            return False
        if empty(node):
            hint = "write what it is, or delete it"
            self.problems.error("empty-value", f"the {what} `{document.id}` is empty", document.place, hint)
            return False
        if document.kind == "variables" and isinstance(node, Scalar):
            return True
        also = "an expression or " if document.kind == "variables" else ""
        article = "an" if what[0] in "aeiou" else "a"
        self.problems.error("wrong-type", f"{article} {what} must be {also}a mapping (`key: value`)", node.place)
        return False


def _near(name: str) -> str:
    """The kind whose name was nearly written; empty where there is none, or it was written rightly."""
    if name in KINDS or name.startswith("."):
        return ""
    return next(iter(difflib.get_close_matches(name.lower(), KINDS, 1, _NEAR)), "")


def yaml_files(root: Path, unreadable: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """The YAML files under `root`, sorted; hidden files and folders are left alone."""
    for folder, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in _SUFFIXES and not name.startswith(".") and path.is_file():
                yield path
