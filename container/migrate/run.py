"""An export in a file, as a migrated workspace."""

from __future__ import annotations

from pathlib import Path

from container.clients import KINDS
from container.migrate import server
from container.migrate.export import Export, read
from container.migrate.output import checked
from container.migrate.result import Result
from container.workspace.starter import gallery


def migrate(path: Path) -> Result:
    """What becomes of the export in `path`; nothing is written. Raises `NotAnExport`, `OSError`."""
    return converted(read(path))


def converted(export: Export) -> Result:
    """What becomes of an export, `check` asked."""
    templates = [path.stem for path in gallery().glob("*.yaml")]
    convert = server.convert_web if export.web else server.convert
    result = convert(export, templates, list(KINDS))
    checked(result)
    return result
