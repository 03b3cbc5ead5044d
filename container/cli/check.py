"""`tagport check`: everything that is wrong with a workspace, at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from container.cli.common import FINDINGS, environment_option, folder_argument, format_option, print_json
from container.problems import Problems

if TYPE_CHECKING:
    from container.pipeline import Container


@click.command("check")
@folder_argument
@environment_option
@format_option
def command(folder: Path, environment: str | None, form: str) -> None:
    """Load the workspace in DIR as `serve` does, without starting, and report every problem.

    The own tests of the templates that tags use, and of the workspace's, are run against their contracts. Exit code 1
    where there is an error; warnings alone are fine.
    """
    from container.build import build
    from container.cli.report import as_json, show, summary

    problems = Problems()
    container = build(folder, problems, environ=os.environ, environment=environment)
    if container is not None:
        _test_templates(container, problems)
    if form == "json":
        print_json(as_json(problems))
    else:
        show(problems, folder)
        click.echo(summary(problems))
    sys.exit(FINDINGS if problems.errors else 0)


def _test_templates(container: Container, problems: Problems) -> None:
    """What a template's author wrote down still has to hold, and its events to be what the contract takes."""
    from container.clients.common import add_page
    from container.templates import run_tests

    used = {tag.template_id for tag in container.tags}
    for id in sorted({*used, *container.templates.own}):
        for result in run_tests(container.templates[id], add_page):
            if not result.passed:
                message = f"template `{id}`: its test `{result.name}` fails: {result.message}"
                hint = "mend the template or the test; `tagport test` runs it again"
                problems.error("template-test", message, result.place, hint)
