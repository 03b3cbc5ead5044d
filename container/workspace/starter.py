"""What `tagport init` writes, and the gallery of templates: in a wheel inside the package, else in the repository."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from container.errors import WorkspaceError
from container.problems import Problem
from container.workspace import starters
from container.workspace.editors import container_schema, editor_schema
from container.workspace.scalars import Schema

PACKAGE = Path(__file__).parent.parent
SCHEMAS = ".tagport"
IGNORED = (".env", "/data/")
_PARTS = ("container.yaml", ".env.example", "triggers", "tags")


def gallery() -> Path:
    """The folder of the templates that come with the package."""
    return _shipped("gallery", PACKAGE.parent / "templates")


def webhooks() -> Path:
    """The folder of the clients that come with the package, one file a kind."""
    return _shipped("webhooks", PACKAGE.parent / "webhooks")


def source() -> Path:
    """The folder that holds the starter's files, among others."""
    return _shipped("starter", PACKAGE.parent)


def sources() -> Path:
    """The folder of the starters for one source each."""
    return _shipped("starters", PACKAGE.parent / "starters")


def _shipped(name: str, otherwise: Path) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else otherwise


def write(
    folder: Path, schemas: Mapping[str, Schema], starter: Path | None = None, names: Sequence[str] = ()
) -> list[Path]:
    """Write the starter workspace into `folder`, which is made where it is missing; gives the files written.

    `schemas`: of `container` and of each kind, by name; written for editors into `.tagport/`. `names`: of the sources
    it is to have, else the general starter's. Raises WorkspaceError, before anything is written, where the folder
    holds a workspace or one of the files already; and OSError, after taking back what had been written.
    """
    files = starters.laid_over(dict(_texts(starter or source())), sources(), names)
    files = {name: _with_modeline(name, text, schemas) for name, text in files.items()}
    files |= _schemas(schemas)
    _refuse_existing(folder, files)
    ignored = _ignored(folder / ".gitignore")
    if ignored:
        files[".gitignore"] = ignored
    return _write_all(folder, files)


def _texts(starter: Path) -> Iterator[tuple[str, str]]:
    """Every file of the starter: its path in the workspace and its text."""
    for part in _PARTS:
        root = starter / part
        for path in [root] if root.is_file() else sorted(root.rglob("*.yaml")):
            yield path.relative_to(starter).as_posix(), path.read_text(encoding="utf-8")


def _schemas(schemas: Mapping[str, Schema]) -> Iterator[tuple[str, str]]:
    """What editors complete and check by."""
    for kind, schema in schemas.items():
        written = container_schema(schemas) if kind == "container" else editor_schema(schema)
        yield f"{SCHEMAS}/{kind}.schema.json", json.dumps(written, indent=2, ensure_ascii=False) + "\n"


def _with_modeline(name: str, text: str, schemas: Mapping[str, Schema]) -> str:
    """A YAML file with the first line by which editors find its schema."""
    path = Path(name)
    kind = path.parts[0].removesuffix(path.suffix)
    if path.suffix != ".yaml" or kind not in schemas:
        return text
    up = "../" * (len(path.parts) - 1)
    return f"# yaml-language-server: $schema={up}{SCHEMAS}/{kind}.schema.json\n{text}"


def _refuse_existing(folder: Path, files: Mapping[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError([Problem(str(folder), 1, 1, "not-a-folder", "this is a file, not a folder")])
    names = ["container.yaml", "container.yml", *files]
    found = next((name for name in names if os.path.lexists(folder / name)), None)
    if found:
        message = "this is there already, and nothing is overwritten: choose another folder"
        raise WorkspaceError([Problem(str(folder / found), 1, 1, "already-there", message)])


def _ignored(path: Path) -> str:
    """.gitignore with what must not be committed; empty where it has all of that."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    missing = [line for line in IGNORED if line not in text.splitlines()]
    if not missing:
        return ""
    return "\n".join([*text.splitlines(), *missing]) + "\n"


def _write_all(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """All files, or none: a failure takes back those that were not there before."""
    made: list[Path] = []
    kept = folder / ".gitignore" if (folder / ".gitignore").is_file() else None
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path != kept:
                made.append(path)
            path.write_text(text, encoding="utf-8")
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return [folder / name for name in files]
