"""The command `tagport`: one file a verb, read when it is asked for."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Sequence
from typing import Any

import click

from container import __version__

DIR = "[DIR]"  # the argument of the verbs that work in a workspace
COLLECT = (50_000, 20, 50)  # thresholds of the garbage collector: what is built here stays, looking at it is in vain

VERBS: dict[str, str] = {
    "init": "Write a starter workspace.",
    "copy": "Copy a client or a template into the workspace, to change it.",
    "check": "Load the workspace and report every problem.",
    "serve": "Run the container.",
    "sink": "Run a vendor double that answers as Meta, TikTok and Google do.",
    "test": "Run the templates' own tests and the workspace's route tests.",
    "migrate": "Turn a Google Tag Manager export into a workspace.",
    "compare": "Tell what two workspaces send differently for the same requests.",
    "render": "Render one template for one event.",
    "preview": "Show what would happen to a request, sending and storing nothing.",
    "explain": "Tell why an event's tags fired or did not.",
    "duplicates": "Report what was told twice, and what cannot be told apart.",
    "mark": "Count orders that another system has already sent as fired.",
    "forget": "Remove a person from the store.",
    "failures": "List what was not delivered; send it again or drop it.",
    "list": "List templates, clients, normalisers or operators.",
}


class Verbs(click.Group):
    """The verbs of `VERBS`, each imported only when it runs, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return [*VERBS]  # not `list(VERBS)`: the verb's own file becomes a name here once it is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, from its own file."""
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"container.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        if any(parameter.human_readable_name == DIR for parameter in command.params):
            command.epilog = "DIR is the workspace's folder; left out, the current one."
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([*VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A verb that is nearly one of ours is answered with the one that was meant."""
        name = str(args[0]) if args else ""
        if name and not name.startswith("-") and name not in VERBS:
            from container.problems import did_you_mean

            hint = did_you_mean(name, VERBS)
            ctx.fail(f"there is no verb `{name}`" + (f": {hint}" if hint else ""))
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"tagport {__version__}")
        ctx.exit()


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit code: 0 fine, 1 findings or differences, 2 could not run.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def command() -> None:
    """A server-side tag container you can read."""


def main(args: Sequence[str] | None = None) -> Any:
    """The entry point of the installed command."""
    gc.set_threshold(*COLLECT)
    return command(args=args, prog_name="tagport")
