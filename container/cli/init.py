"""`tagport init`: a starter workspace to begin with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import click

from container.cli.common import CannotRun, folder_argument
from container.errors import WorkspaceError
from container.problems import did_you_mean


@click.command("init")
@folder_argument
@click.option(
    "--from", "names", metavar="NAME", multiple=True, help="Begin with this source; repeatable. `list starters`."
)
def command(folder: Path, names: Sequence[str]) -> None:
    """Write a starter workspace into DIR.

    Nothing is overwritten: a folder that already holds a workspace is left alone.
    """
    from container.build import SCHEMAS
    from container.workspace import starter, starters

    _check(names, starters.known(starter.sources()))
    try:
        written = starter.write(folder, SCHEMAS, names=list(dict.fromkeys(names)))
    except WorkspaceError as error:
        raise CannotRun("; ".join(f"{problem.file}: {problem.message}" for problem in error.problems)) from error
    except OSError as error:
        raise CannotRun(f"cannot write the workspace: {error}") from error
    for path in sorted(written):
        click.echo(f"wrote {path}")
    where = "" if folder == Path() else f" {folder}"
    click.echo(f"\nNext: copy {folder / '.env.example'} to {folder / '.env'} and fill it in,")
    click.echo(f"then `tagport check{where}` and `tagport serve{where}`.")


def _check(names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
            raise CannotRun(f"no starter is called `{name}`; {hint}")
