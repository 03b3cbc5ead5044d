"""`tagport render`: one template, one event."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import FINDINGS, CannotRun, folder_argument, print_json, read_bytes
from container.problems import Problems, did_you_mean

if TYPE_CHECKING:
    from container.templates import Template


@click.command("render")
@click.argument("template")
@folder_argument
@click.option("--params", type=click.Path(path_type=Path), metavar="F", help="The parameters: a YAML or JSON file.")
@click.option("--event", type=click.Path(path_type=Path), metavar="F", help="The event data: a YAML or JSON file.")
@click.option("--now", metavar="T", help="The time of rendering: Unix seconds, or 2026-11-23T10:00:00Z.")
def command(template: str, folder: Path, params: Path | None, event: Path | None, now: str | None) -> None:
    """Render a template for one event and print its requests as JSON.

    TEMPLATE is an id (of DIR's templates/, else of the gallery) or a YAML file. No workspace is needed. Exit code 1
    where there are problems.
    """
    from container.cli.instants import parse_instant
    from container.clients.common import add_page
    from container.templates import render

    try:
        at = None if now is None else parse_instant(now)
    except ValueError as error:
        raise CannotRun(f"--now: `{now}` is no time; write Unix seconds or 2026-11-23T10:00:00Z") from error
    found = _template(template, folder)
    told = render(found, _mapping(params, "--params"), _mapping(event, "--event"), at, add_page)
    print_json(told)
    sys.exit(FINDINGS if told["problems"] else 0)


def _template(named: str, folder: Path) -> Template:
    from container.cli.report import show
    from container.cli.templates import SUFFIXES, available, document_of
    from container.language.expression import Context
    from container.templates import compile

    problems = Problems()
    if named.endswith(SUFFIXES):
        if not Path(named).is_file():
            raise CannotRun(f"there is no file {named}")
        document = document_of(Path(named), named, problems)
        root = Path()
    else:
        known = available(folder, Problems())
        if named not in known:
            hint = did_you_mean(named, known) or f"there are {', '.join(known)}"
            raise CannotRun(f"there is no template `{named}`: {hint}")
        document, root = known[named], folder
    template = compile(document, Context(problems)) if document is not None else None
    if template is None or problems.errors:
        show(problems, root, sys.stderr)
        raise CannotRun(f"the template `{named}` has errors")
    return template


def _mapping(path: Path | None, option: str) -> dict[str, Any]:
    """The mapping in a YAML or JSON file; an empty one where no file is given."""
    if path is None:
        return {}
    from container.encoding import decode
    from container.errors import Unreadable

    data = read_bytes(path)
    try:
        found = decode(data) if path.suffix == ".json" else _yaml(data, path)
    except Unreadable as error:
        raise CannotRun(f"{option} {path}: {error}") from error
    if not isinstance(found, dict):
        raise CannotRun(f"{option} {path}: this must be a mapping (`key: value`)")
    return found


def _yaml(data: bytes, path: Path) -> Any:
    """YAML, or JSON in a file of another name: JSON has escapes that YAML has not."""
    from container.cli.report import show
    from container.encoding import decode
    from container.errors import Unreadable
    from container.workspace.conform import plain
    from container.workspace.reader import read_text

    if data.lstrip()[:1] == b"{":
        try:
            return decode(data)
        except Unreadable:
            pass
    problems = Problems()
    node = read_text(data.decode("utf-8", "replace"), str(path), problems)
    if node is None or problems.errors:
        show(problems, Path(), sys.stderr)
        raise CannotRun(f"{path} cannot be read")
    return plain(node)
