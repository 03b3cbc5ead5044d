"""Whether the files that a load reads have changed since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from container.workspace.documents import yaml_files
from container.workspace.model import KINDS
from container.workspace.secrets import ENV_FILE, SECRET_FILES

Stamp = frozenset[tuple[str, int, int, int]]  # path, when it was changed (ns), size, inode


def stamp(folder: Path, secret_files: Path = SECRET_FILES) -> Stamp:
    """What a load of this workspace would read. Tests are read when they run, and are left out."""
    return frozenset(found for path in _read(folder, secret_files) if (found := _stamp(path)) is not None)


def _read(folder: Path, secret_files: Path) -> Iterator[Path]:
    yield from (folder / name for name in ("container.yaml", "container.yml", ENV_FILE))
    for kind in KINDS:
        if kind != "tests":
            yield from yaml_files(folder / kind)
    if secret_files.is_dir():
        yield from secret_files.iterdir()


def _stamp(path: Path) -> tuple[str, int, int, int] | None:
    """None where it is not there, or no longer."""
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino
