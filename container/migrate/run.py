"""An export in a file, as a migrated workspace."""

from __future__ import annotations

from pathlib import Path

from container.migrate import server
from container.migrate.export import Export, read
from container.migrate.output import checked
from container.migrate.result import Result


def migrate(path: Path) -> Result:
    """What becomes of the export in `path`; nothing is written. Raises `NotAnExport`, `OSError`."""
    return converted(read(path))


def converted(export: Export) -> Result:
    """What becomes of an export, `check` asked."""
    result = server.convert_web(export) if export.web else server.convert(export)
    checked(result)
    return result
