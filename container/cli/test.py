"""`tagport test`: the tests that the configuration carries."""

from __future__ import annotations

import asyncio
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
@click.option("--online", is_flag=True, help="Also send each live tag's test event to its vendor's test mode.")
@click.option("--vendors", metavar="URL", help="With --online: send to URL instead, for instance a `tagport sink`.")
@format_option
def command(folder: Path, environment: str | None, online: bool, vendors: str | None, form: str) -> None:
    """Run the templates' own tests and tests/routes/*.yaml of the workspace in DIR. Exit code 1 where one fails.

    With --online each live tag's test event goes to its vendor's test mode (Meta's and TikTok's test_event_code, GA4's
    validation server, Google's validateOnly), and the answer is explained. Set test codes in environments/NAME.yaml.
    """
    results = list(run(folder, environment))
    if online:
        results += asyncio.run(_ask(folder, environment, vendors))
    failed = [result for result in results if result.problems]
    if form == "json":
        print_json({"tests": [result.as_json() for result in results]})
    else:
        for result in results:
            if result.answer:
                click.echo(f"{result.name}: {result.answer}")
        for result in failed:
            click.echo(click.style(f"FAILED {result.file}: {result.name}", fg="red"))
            for problem in result.problems:
                click.echo(f"    {problem}")
        click.echo(f"{len(results) - len(failed)} passed" + (f", {len(failed)} failed" if failed else ""))
    sys.exit(FINDINGS if failed else 0)


async def _ask(folder: Path, environment: str | None, vendors: str | None) -> list[Result]:
    from container.build import in_memory
    from container.cli.online import ask

    return [result async for result in ask(built(folder, environment, in_memory), vendors)]


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
