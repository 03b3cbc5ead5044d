"""`tagport migrate`: a Google Tag Manager export becomes a workspace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from container.cli.common import FINDINGS, CannotRun, format_option, print_json
from container.errors import TagportError, WorkspaceError

if TYPE_CHECKING:
    from container.migrate.result import Result


@click.command("migrate")
@click.argument("export", metavar="EXPORT.json", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@format_option
def command(export: Path, folder: Path, form: str) -> None:
    """Turn EXPORT.json (GTM: Admin, Export Container) into a workspace in DIR, with a report.

    Exit code 0 when all is converted, 1 when something needs a hand, 2 when the file is no export.
    """
    from container.migrate import output
    from container.migrate.run import migrate

    try:
        result = migrate(export)
        written = output.write(folder, output.files_of(result))
    except WorkspaceError as error:
        raise CannotRun("; ".join(f"{problem.file}: {problem.message}" for problem in error.problems)) from error
    except OSError as error:
        raise CannotRun(f"{error.filename or export}: {error.strerror}") from error
    except TagportError as error:
        raise CannotRun(str(error)) from error
    if form == "json":
        print_json(as_json(result))
    else:
        _show(result, folder, len(written))
    sys.exit(0 if result.done else FINDINGS)


def as_json(result: Result) -> dict[str, object]:
    """The output of `--format json`."""
    return {
        "leaves": dict(result.leaves),
        "objects": [entry.as_json() for entry in result.entries],
        "secrets": sorted(result.secrets),
    }


def _show(result: Result, folder: Path, written: int) -> None:
    from container.migrate.report import summary
    from container.migrate.result import HAND

    for line in summary(result):
        click.echo(line)
    for entry in result.entries:
        if entry.grade == HAND:
            where = f"{entry.file}:{entry.line}" if entry.file else "not in the export"
            click.echo(f"\nneeds your hand: {entry.kind} {entry.name} ({where})")
            for todo in entry.todo:
                click.echo(f"   {todo}")
    click.echo(f"\n{written} files in {folder}; read {folder / 'report.md'}, then `tagport check {folder}`.")
