"""`tagport copy`: a client or a template that comes with tagport, as a file of one's own to change."""

from __future__ import annotations

from pathlib import Path

import click

from container.cli.common import CannotRun, folder_argument
from container.problems import Problems, did_you_mean
from container.workspace import documents, starter


@click.command("copy")
@click.argument("name")
@folder_argument
def command(name: str, folder: Path) -> None:
    """Copy the client or the template NAME into the workspace in DIR, to change it there.

    From then on the copy counts: an upgrade of tagport no longer changes it. Nothing is overwritten.
    """
    source, kind = _found(name)
    if not (folder / documents.CONTAINER).is_file():
        raise CannotRun(f"there is no {documents.CONTAINER} in {folder}; `tagport init` writes a workspace")
    target = folder / kind / f"{name}.yaml"
    if target.exists():
        raise CannotRun(f"{target} is there already, and nothing is overwritten")
    written = documents.load(folder, Problems(), None, tests=False).documents[kind].get(name)
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{target} cannot be written: {error.strerror}") from error
    click.echo(f"wrote {target}")
    if written is not None:
        click.echo(f"\nNext: `{name}` is in {written.place} too. Take what you need of it over, and delete it.")


def _found(name: str) -> tuple[Path, str]:
    """The file, and the kind's folder in a workspace. Raises `CannotRun`."""
    known = {
        path.stem: (path, kind)
        for kind, folder in (("templates", starter.gallery()), ("clients", starter.webhooks()))
        for path in sorted(folder.glob("*.yaml"))
    }
    if name not in known:
        hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
        raise CannotRun(f"no client and no template that comes with tagport is called `{name}`; {hint}")
    return known[name]
