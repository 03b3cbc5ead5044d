"""`tagport migrate`: a Google Tag Manager export becomes a workspace."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from container.cli.common import FINDINGS, CannotRun, format_option, print_json
from container.errors import TagportError, WorkspaceError

if TYPE_CHECKING:
    from container.migrate.result import Result


@click.command("migrate")
@click.argument("export", metavar="EXPORT.json", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", required=False, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Merge a later export into a DIR that was migrated before.")
@click.option("--simplify", is_flag=True, help="Propose what makes the workspace in DIR simpler; without an export.")
@click.option("--apply", is_flag=True, help="With --simplify: do it.")
@click.option("--traffic", metavar="FILE", type=click.Path(path_type=Path),
              help="With --simplify: requests to prove it by, besides generated events.")  # fmt: skip
@format_option
def command(
    export: Path, folder: Path | None, update: bool, simplify: bool, apply: bool, traffic: Path | None, form: str
) -> None:
    """Turn EXPORT.json (GTM: Admin, Export Container) into a workspace in DIR, with a report.

    Exit code 0 when all is converted, 1 when something needs a hand, 2 when the file is no export. With --simplify: 0
    when there is nothing to do or it is done, 1 when there are proposals, 2 when DIR has errors.
    """
    if simplify:
        if folder is not None or update:
            raise CannotRun("--simplify takes the workspace alone: `tagport migrate --simplify DIR`")
        from container.cli.simplify import propose

        sys.exit(FINDINGS if propose(export, apply, traffic, form) else 0)
    if apply or traffic is not None:
        raise CannotRun("--apply and --traffic go with --simplify: `tagport migrate --simplify DIR`")
    if folder is None:
        raise CannotRun("name the export and a folder: `tagport migrate EXPORT.json DIR`")
    _migrate(export, folder, update, form)


def _migrate(export: Path, folder: Path, update: bool, form: str) -> None:
    from container.migrate.run import migrate

    try:
        result = migrate(export)
        changed = _update(result, folder) if update else _write(result, folder)
    except WorkspaceError as error:
        raise CannotRun("; ".join(f"{problem.file}: {problem.message}" for problem in error.problems)) from error
    except OSError as error:
        raise CannotRun(f"{error.filename or export}: {error.strerror}") from error
    except TagportError as error:
        raise CannotRun(str(error)) from error
    if form == "json":
        print_json(as_json(result))
    else:
        _show(result)
        for line in changed.lines:
            click.echo(line)
    sys.exit(0 if result.done and not changed.conflicts else FINDINGS)


@dataclass(frozen=True)
class Written:
    """What is said of the files."""

    lines: list[str]
    conflicts: bool = False


def _write(result: Result, folder: Path) -> Written:
    from container.migrate.output import files_of, write
    from container.migrate.update import base_of

    files = files_of(result)
    write(folder, {**files, **base_of(files)})
    return Written([f"\n{len(files)} files in {folder}; read {folder / 'report.md'}, then `tagport check {folder}`."])


def _update(result: Result, folder: Path) -> Written:
    from container.migrate.output import files_of
    from container.migrate.update import apply, changes, settled

    done = settled(folder)
    for entry in result.entries:
        entry.settle(done)
    found = changes(folder, files_of(result))
    apply(folder, found)
    lines = ["", *(f"new: {name}" for name in found.added), *(f"changed: {name}" for name in found.changed)]
    lines += [f"conflict: {text}" for text in found.conflicts]
    return Written(lines if len(lines) > 1 else ["\nnothing has changed in GTM since"], bool(found.conflicts))


def as_json(result: Result) -> dict[str, object]:
    """The output of `--format json`."""
    return {
        "leaves": dict(result.leaves),
        "objects": [entry.as_json() for entry in result.entries],
        "secrets": sorted(result.secrets),
    }


def _show(result: Result) -> None:
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
