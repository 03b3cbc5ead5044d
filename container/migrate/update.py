"""`migrate --update`: a later export laid into a workspace that people have worked on since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from container.errors import WorkspaceError
from container.migrate.merging import merge
from container.migrate.output import ENV, EXAMPLE, IGNORE, PRIVATE, REPORT
from container.problems import Problem
from container.workspace.documents import CONTAINER

KEPT = ".tagport/migrated"  # the files as they were written last; no secrets are in them
THEIRS = ".gtm"  # behind the name of a file: what GTM has now, where both changed
_ASSIGNED = re.compile(r"^(?:export )?(\w+) *=", re.MULTILINE)
_FILLED = re.compile(r"^(?:export )?(TODO_\w+) *= *\S", re.MULTILINE)
_READ = re.compile(r"\b(?:env|secret)\.(TODO_\w+)")
_NAMED = re.compile(r"^container: (.+)$", re.MULTILINE)
_NOT_MERGED = (ENV, EXAMPLE, IGNORE, REPORT)


@dataclass
class Changes:
    """What an update does: paths in the workspace."""

    write: dict[str, str] = field(default_factory=dict)
    delete: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def base_of(files: Mapping[str, str]) -> dict[str, str]:
    """Copies to merge with the next time, by their paths."""
    return {f"{KEPT}/{name}": text for name, text in files.items() if name not in _NOT_MERGED}


def changes(folder: Path, files: Mapping[str, str]) -> Changes:
    """What to do in `folder` for it to have the new `files`. Raises WorkspaceError, OSError."""
    if not (folder / KEPT).is_dir():
        message = "this folder was not written by `tagport migrate`: leave `--update` out and choose another one"
        raise WorkspaceError([Problem(str(folder), 1, 1, "not-migrated", message)])
    found = Changes()
    base = {path.relative_to(folder / KEPT).as_posix(): _read(path) for path in _files(folder / KEPT)}
    _refuse_another(folder, _container(base), _container(files))
    for name in sorted({*base, *(name for name in files if name not in _NOT_MERGED)}):
        _one(found, name, base.get(name), _on_disk(folder / name), files.get(name))
    _env(found, _on_disk(folder / ENV) or "", files.get(ENV, ""))
    found.write |= {name: files[name] for name in (EXAMPLE, REPORT) if name in files}
    found.write |= base_of(files)
    found.delete += [f"{KEPT}/{name}" for name in base if name not in files]
    return found


def _refuse_another(folder: Path, mine: str, theirs: str) -> None:
    """The export of another container: merging it would take away everything that was migrated before."""
    if mine and theirs and mine != theirs:
        message = f"this folder was migrated from `{mine}`, and the export is of `{theirs}`: choose another folder"
        raise WorkspaceError([Problem(str(folder), 1, 1, "another-container", message)])


def _container(files: Mapping[str, str]) -> str:
    """Which container of GTM's the files were made from."""
    found = _NAMED.search(files.get(CONTAINER, ""))
    return found[1] if found else ""


def _one(found: Changes, name: str, base: str | None, mine: str | None, theirs: str | None) -> None:
    if theirs in (base, mine):
        return
    if theirs is None:
        if mine == base:
            found.delete.append(name)
            found.changed.append(name)
        elif mine is not None:
            found.conflicts.append(f"{name}: GTM has it no more, and you changed it")
        return
    if mine is None:
        if base is None:
            found.write[name] = theirs
            found.added.append(name)
        else:
            found.write[name + THEIRS] = theirs
            found.conflicts.append(f"{name}: GTM changed it, and you deleted it; GTM's is in {name}{THEIRS}")
        return
    merged = merge(base or "", mine, theirs)
    if merged is None:
        found.write[name + THEIRS] = theirs
        found.conflicts.append(f"{name}: GTM changed what you changed; yours stays, GTM's is in {name}{THEIRS}")
    else:
        found.write[name] = merged
        found.changed.append(name)


def _env(found: Changes, mine: str, theirs: str) -> None:
    """Names that are new, with their comments; a value you have is never changed."""
    known = set(_ASSIGNED.findall(mine))
    added = ""
    comment = ""
    for line in theirs.splitlines(keepends=True):
        if line.startswith("#"):
            comment += line
        else:
            added += comment + line if line.partition("=")[0] not in known else ""
            comment = ""
    if added:
        found.write[ENV] = f"{mine.rstrip()}\n{added}" if mine.strip() else added


def settled(folder: Path) -> set[str]:
    """The `TODO_…` names that somebody has seen to since the last export: replaced, or given a value."""
    mine = [_read(path) for path in _files(folder) if path.suffix == ".yaml" and ".tagport" not in path.parts]
    kept = [_read(path) for path in _files(folder / KEPT) if path.suffix == ".yaml"]
    replaced = {*_READ.findall("\n".join(kept))} - {*_READ.findall("\n".join(mine))}
    return replaced | {*_FILLED.findall(_on_disk(folder / ENV) or "")}


def apply(folder: Path, found: Changes) -> None:
    """Do it. Each file is replaced whole."""
    for name, text in found.write.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(text, encoding="utf-8", newline="\n")
        if name == ENV:
            new.chmod(PRIVATE)
        new.replace(path)
    for name in found.delete:
        (folder / name).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _on_disk(path: Path) -> str | None:
    return _read(path) if path.is_file() else None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
