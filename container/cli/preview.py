"""`tagport preview`: what would happen to a request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import (
    CannotRun,
    built,
    environment_option,
    folder_argument,
    format_option,
    print_json,
    read_bytes,
)

if TYPE_CHECKING:
    from container.event import Request
    from container.pipeline import Container


@click.command("preview")
@click.argument("request_file", metavar="REQUEST.http", type=click.Path(path_type=Path))
@folder_argument
@click.option("--ip", metavar="ADDRESS", help="The visitor's address; else that of X-Forwarded-For, else 127.0.0.1.")
@click.option("--sign", is_flag=True, help="Sign it as its sender does: a kept webhook's own signature is too old.")
@environment_option
@format_option
def command(request_file: Path, folder: Path, ip: str | None, sign: bool, environment: str | None, form: str) -> None:
    """Show what the workspace in DIR would do with the HTTP request in a file.

    Prints the decision record of every event in it, and the rendered calls. Sends nothing and stores nothing.
    """
    from container.build import in_memory
    from container.cli.raw import read_request
    from container.errors import Unreadable
    from container.replay import replay
    from container.visitors.peers import Peers

    try:
        request = read_request(read_bytes(request_file), received=time.time())
    except Unreadable as error:
        raise CannotRun(f"{request_file}: {error}") from error
    sender = ip or Peers().address("127.0.0.1", request.headers)
    container = built(folder, environment, in_memory)
    request = _signed(request, container) if sign else request
    told = asyncio.run(replay(container, replace(request, ip=sender))).as_json()
    if form == "json":
        print_json(told)
    else:
        _show(told)


def _signed(request: Request, container: Container) -> Request:
    """The request with the signature of now, where its client asks for one."""
    from container.clients.client import Signed

    client = container.client_for(request.method, request.path)
    if not isinstance(client, Signed):
        raise CannotRun("--sign: what takes this request asks for no signature and no token")
    return replace(request, headers={**request.headers, **client.signature(request.body, request.received)})


def _show(told: dict[str, Any]) -> None:
    from container.cli.show import call_lines, lines

    click.echo(f"{told['status']} {told['reason']}".rstrip())
    for record in told["records"]:
        click.echo()
        for line in lines(record):
            click.echo(line)
    if any(row["decision"] == "waiting" for record in told["records"] for row in record["tags"]):
        click.echo("\nWhat waits is sent with the other copy: a test in tests/routes/ plays both.")
    for call in told["calls"]:
        click.echo()
        for line in call_lines(call):
            click.echo(line)
