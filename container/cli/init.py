"""`tagport init`: a starter workspace to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from container.cli.common import CannotRun, folder_argument
from container.errors import WorkspaceError


@click.command("init")
@folder_argument
def command(folder: Path) -> None:
    """Write a starter workspace into DIR.

    Nothing is overwritten: a folder that already holds a workspace is left alone.
    """
    from container.build import SCHEMAS
    from container.workspace.starter import write

    try:
        written = write(folder, SCHEMAS)
    except WorkspaceError as error:
        raise CannotRun("; ".join(f"{problem.file}: {problem.message}" for problem in error.problems)) from error
    except OSError as error:
        raise CannotRun(f"cannot write the workspace: {error}") from error
    for path in sorted(written):
        click.echo(f"wrote {path}")
    where = "" if folder == Path() else f" {folder}"
    click.echo(f"\nNext: fill in .env.example as .env, then `tagport check{where}` and `tagport serve{where}`.")
