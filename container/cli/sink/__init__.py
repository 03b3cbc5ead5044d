"""`tagport sink`: a vendor double, to point `tagport serve --vendors` at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click

from container.cli.common import PORT
from container.cli.sink.faults import HELP, parse


def _faults(context: click.Context, parameter: click.Parameter, rules: tuple[str, ...]) -> tuple[str, ...]:
    for rule in rules:
        try:
            parse(rule)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return rules


@click.command("sink", epilog=HELP)
@click.option("--port", default=9000, type=PORT, show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="Append every call to this file, as JSON.")
@click.option("--fault", "faults", multiple=True, metavar="RULE", callback=_faults, help="A fault; may be repeated.")
@click.option("--show-secrets", is_flag=True, help="Record tokens as they came instead of ***.")
def command(port: int, host: str, log: Path | None, faults: tuple[str, ...], show_secrets: bool) -> None:
    """A vendor double: answers as Meta, TikTok and Google do and records every call.

    Point `tagport serve --vendors http://127.0.0.1:9000` at it. Each call is one line of JSON: at, host (the vendor's
    own), method, path, query, headers, body (parsed where it is JSON). Without --log the lines go to standard output.

    While it runs: GET /_calls lists what came in, POST /_faults {"faults": ["meta:429:20%"]} replaces the faults.
    """
    import uvicorn

    from container.cli.sink.app import configure, make_sink

    file: IO[str] = log.open("a", encoding="utf-8") if log is not None else sys.stdout
    app = make_sink(file, faults, show_secrets)
    click.echo(f"vendor double on http://{host}:{port}", err=True)
    uvicorn.Server(configure(app, host, port)).run()
