"""`tagport list`: what there is to write in a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from container.cli.common import folder_argument, format_option, print_json
from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Problems

Rows = Iterable[tuple[str, str]]  # name, what it is


def templates(folder: Path) -> Rows:
    """The gallery's templates, and the workspace's own, which win by name."""
    from container.cli.templates import available

    for id, document in sorted(available(folder, Problems()).items()):
        title = getattr(document.mapping.get("title"), "text", "")
        needed = _needed(document.mapping.get("params"))
        yield id, " · ".join(part for part in (title, needed) if part)


def _needed(params: Node | None) -> str:
    """The parameters that a tag must give."""
    required = params.get("required") if isinstance(params, Mapping) else None
    names = [node.text for node in required.items if isinstance(node, Scalar)] if isinstance(required, Sequence) else []
    return f"needs {', '.join(names)}" if names else ""


def clients(folder: Path) -> Rows:
    """Kinds of client."""
    from container.clients import KINDS

    for kind, known in KINDS.items():
        yield kind, known.help


def normalisers(folder: Path) -> Rows:
    """What may stand behind `|` in an expression."""
    from container.language.normalisers import NORMALISERS

    for name, known in sorted(NORMALISERS.items()):
        yield name, known.help


def operators(folder: Path) -> Rows:
    """What a condition may ask."""
    from container.language.conditions import OPERATORS

    yield from OPERATORS.items()


def starters(folder: Path) -> Rows:
    """What `init --from` may name."""
    from container.workspace import starter
    from container.workspace.starters import known

    yield from known(starter.sources()).items()


LISTS: dict[str, Callable[[Path], Rows]] = {
    "templates": templates,
    "clients": clients,
    "normalisers": normalisers,
    "operators": operators,
    "starters": starters,
}


@click.command("list")
@click.argument("what", type=click.Choice(list(LISTS)), metavar="|".join(LISTS))
@folder_argument
@format_option
def command(what: str, folder: Path, form: str) -> None:
    """List what exists. For `templates`, those of the workspace in DIR are listed with the gallery's."""
    rows = list(LISTS[what](folder))
    if form == "json":
        print_json({what: [{"name": name, "help": help} for name, help in rows]})
        return
    wide = max((len(name) for name, _ in rows), default=0)
    for name, help in rows:
        click.echo(f"{name:<{wide}}  {help}".rstrip())
