"""`tagport check`: everything that is wrong with a workspace, at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from container.cli.common import FINDINGS, environment_option, folder_argument, format_option, print_json
from container.problems import Problems


@click.command("check")
@folder_argument
@environment_option
@format_option
def command(folder: Path, environment: str | None, form: str) -> None:
    """Load the workspace in DIR as `serve` does, without starting, and report every problem.

    Exit code 1 where there is an error; warnings alone are fine.
    """
    from container.build import build
    from container.cli.report import as_json, show, summary

    problems = Problems()
    build(folder, problems, environ=os.environ, environment=environment)
    if form == "json":
        print_json(as_json(problems))
    else:
        show(problems, folder)
        click.echo(summary(problems))
    sys.exit(FINDINGS if problems.errors else 0)
