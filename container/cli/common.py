"""What the verbs share: the folder, what goes wrong, and how it is said."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from container.cli import DIR
from container.errors import TagportError
from container.problems import Problems

if TYPE_CHECKING:
    from container.build import Ledger, OpenLedger
    from container.dedup.keys import Keys
    from container.ledger.interface import Store
    from container.pipeline import Container

FINDINGS = 1
COULD_NOT_RUN = 2
PORT = click.IntRange(0, 65535)

Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])


class CannotRun(click.ClickException):
    """The verb could not do its work: exit code 2, with what to do about it."""

    exit_code = COULD_NOT_RUN

    def show(self, file: IO[Any] | None = None) -> None:
        """On standard error."""
        click.echo(f"tagport: {self.format_message()}", file=file, err=file is None)


def folder_argument(function: Wrapped) -> Wrapped:
    """`[DIR]`: the workspace's folder, the current one where it is left out."""
    return click.argument("folder", metavar=DIR, default=".", type=click.Path(path_type=Path))(function)


def environment_option(function: Wrapped) -> Wrapped:
    """`--env NAME`."""
    return click.option(
        "--env", "environment", metavar="NAME", help="Lay environments/NAME.yaml over the workspace."
    )(function)


def format_option(function: Wrapped) -> Wrapped:
    """`--format text|json`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="json is for machines and keeps its shape between versions.",
    )(function)


def print_json(value: Any) -> None:
    """`value` on standard output, indented, numbers as they were written."""
    from container.encoding import encode

    click.echo(json.dumps(json.loads(encode(value)), indent=2, ensure_ascii=False))


def read_bytes(path: Path) -> bytes:
    """A file the user named. Raises `CannotRun`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error


def built(folder: Path, environment: str | None, ledger: OpenLedger) -> Container:
    """The workspace, built; its warnings go to standard error.

    Where it has errors, all problems are printed and the process ends with exit code 2.
    """
    from container.build import build

    problems = Problems()
    try:
        container = build(folder, problems, environ=os.environ, environment=environment, ledger=ledger)
    except (OSError, TagportError) as error:
        raise CannotRun(str(error)) from error
    report(folder, problems)
    if container is None:
        sys.exit(COULD_NOT_RUN)
    return container


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace over the store it has, and the store's keys."""

    container: Container
    keys: Keys


def opened(folder: Path, environment: str | None, *, make: bool = False) -> Opened:
    """The workspace over its store, which `serve` may be using. `make`: it need not be there. Raises `CannotRun`."""
    from container.build import on_disk

    found: list[Ledger] = []

    def ledger(path: Path) -> Ledger:
        if not make and not path.is_file():
            raise CannotRun(f"there is no store at {path}: has `tagport serve` run here?")
        found.append(on_disk(path))
        return found[0]

    return Opened(built(folder, environment, ledger), found[0].keys)


def store_refused(error: Exception) -> CannotRun:
    """What to say where the store took nothing."""
    why = error.__cause__ or error
    return CannotRun(f"the store could not be changed ({why}): another process may be using it, try again")


def report(folder: Path, problems: Problems) -> None:
    """Every problem with its line and caret, on standard error."""
    if not len(problems):
        return
    from container.cli.report import show

    show(problems, folder, sys.stderr)


def open_store(folder: Path, environment: str | None) -> Store:
    """The store the workspace names, whatever else is wrong with the workspace. Raises `CannotRun`."""
    from container.build import SCHEMA, on_disk
    from container.node import Scalar
    from container.workspace.documents import load

    problems = Problems()
    found = load(folder, problems, None, environment, tests=False).container.get("store")
    for missing in (problem for problem in problems if problem.code == "no-container"):
        raise CannotRun(f"{missing.message}: {missing.hint}")
    said = found.text if isinstance(found, Scalar) else SCHEMA["properties"]["store"]["default"]
    path = folder / said.partition(":")[2]
    if not path.is_file():
        raise CannotRun(f"there is no store at {path}: has `tagport serve` run here?")
    try:
        return on_disk(path).store
    except (OSError, TagportError) as error:
        raise CannotRun(str(error)) from error
