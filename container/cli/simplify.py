"""`tagport migrate --simplify`: proposals shown, and on request carried out."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from container.cli.common import CannotRun, print_json
from container.errors import TagportError, WorkspaceError

if TYPE_CHECKING:
    from container.migrate.simplify.run import Simplified


def propose(folder: Path, apply: bool, traffic: Path | None, form: str) -> bool:
    """Tell what can be made simpler, and do it where `apply` says so. Whether anything is left to do."""
    found = _found(folder, traffic)
    if apply:
        _apply(folder, found)
    if form == "json":
        rows = [one.as_json() for one in found.proposals]
        print_json({"proposals": rows, "events": found.events, "applied": apply})
    else:
        _show(found, folder, apply)
    return bool(found.proposals) and not apply


def _found(folder: Path, traffic: Path | None) -> Simplified:
    from container.cli.traffic import requests
    from container.migrate.simplify import simplify

    if not folder.is_dir():
        raise CannotRun(f"{folder} is no folder: name the workspace, as in `tagport migrate --simplify DIR`")
    try:
        sent = requests(traffic, time.time()) if traffic is not None else []
        return simplify(folder, os.environ, sent)
    except WorkspaceError as error:
        for problem in error.problems:
            click.echo(f"{problem.file}:{problem.line}: {problem.message}", err=True)
        raise CannotRun(f"{folder} has errors: mend what `tagport check {folder}` says first") from error
    except OSError as error:
        raise CannotRun(f"{error.filename or folder}: {error.strerror}") from error
    except TagportError as error:
        raise CannotRun(str(error)) from error


def _apply(folder: Path, found: Simplified) -> None:
    from container.migrate.update import Changes, apply

    write = {name: text for name, text in found.files.items() if text is not None}
    try:
        apply(folder, Changes(write=write, delete=[name for name, text in found.files.items() if text is None]))
    except OSError as error:
        raise CannotRun(f"{error.filename or folder}: {error.strerror}") from error


def _show(found: Simplified, folder: Path, applied: bool) -> None:
    from container.migrate.simplify.proposal import change

    for one in found.proposals:
        click.echo(f"\n{one.title} ({one.code})\n   {one.reason}")
        for name, text in one.files.items():
            click.echo(f"   {change(text)}: {name}")
    number = len(found.proposals)
    if not number:
        click.echo(f"nothing to make simpler ({found.events} events looked at)")
        return
    what = f"{number} proposal{'' if number == 1 else 's'}; {found.events} events give the same before and after"
    click.echo(f"\n{what}; " + ("done" if applied else f"`tagport migrate --simplify {folder} --apply` does it"))
