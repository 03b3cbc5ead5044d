"""`tagport test`: the tests that the configuration carries."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from container.cli.common import (
    FINDINGS,
    built,
    environment_option,
    folder_argument,
    format_option,
    print_json,
)

if TYPE_CHECKING:
    from container.cli.routes import Result


@click.command("test")
@folder_argument
@environment_option
@format_option
def command(folder: Path, environment: str | None, form: str) -> None:
    """Run the templates' own tests and tests/routes/*.yaml of the workspace in DIR. Exit code 1 where one fails."""
    results = list(run(folder, environment))
    failed = [result for result in results if result.problems]
    if form == "json":
        print_json({"tests": [result.as_json() for result in results]})
    else:
        for result in failed:
            click.echo(click.style(f"FAILED {result.file}: {result.name}", fg="red"))
            for problem in result.problems:
                click.echo(f"    {problem}")
        click.echo(f"{len(results) - len(failed)} passed" + (f", {len(failed)} failed" if failed else ""))
    sys.exit(FINDINGS if failed else 0)


def run(folder: Path, environment: str | None) -> Iterator[Result]:
    """Every test, one after the other."""
    from container.build import in_memory
    from container.cli import routes
    from container.cli.routes import Result
    from container.clients.common import add_page
    from container.problems import Problems
    from container.templates import run_tests
    from container.workspace.documents import load

    container = built(folder, environment, in_memory)
    for template in container.templates.values():
        for one in run_tests(template, add_page):
            yield Result(template.document.place.file, one.name, [one.message] if one.message else [])
    for id, document in load(folder, Problems(), None, environment).documents["tests"].items():
        if id.startswith("routes/"):
            yield routes.run(folder, document, os.environ, environment)
