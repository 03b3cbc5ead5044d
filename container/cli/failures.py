"""`tagport failures`: what was not delivered, and what to do about it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from container.cli.common import FINDINGS, CannotRun, folder_argument, format_option, open_store, print_json
from container.errors import NotStored
from container.ledger.interface import LARGEST_ID, Store

ROW = click.IntRange(0, LARGEST_ID)


@click.command("failures")
@folder_argument
@click.option("--resend", multiple=True, type=ROW, metavar="ID", help="Send this one again; may be given repeatedly.")
@click.option("--drop", multiple=True, type=ROW, metavar="ID", help="Forget this one; may be given repeatedly.")
@click.option("--env", "environment", metavar="NAME", help="The environment whose store is meant.")
@format_option
def command(folder: Path, resend: Sequence[int], drop: Sequence[int], environment: str | None, form: str) -> None:
    """List refused, expired, unknown and stopped calls of the workspace in DIR.

    Exit code 1 while there are any, and where one of the IDs could not be resent or dropped. A running `serve` notices
    by itself what is sent again.
    """
    from container.admin.failures import listed

    if set(resend) & set(drop):
        raise CannotRun("an ID can be resent or dropped, not both")
    store = open_store(folder, environment)
    try:
        refused = asyncio.run(_change(store, resend, drop))
        rows = listed(store)
    except NotStored as error:
        raise CannotRun(str(error)) from error
    finally:
        store.close()
    if form == "json":
        print_json({"failures": rows})
    else:
        _show(rows)
    for id in refused:
        click.echo(f"{id}: not changed: it is no failure, or another copy has fired for its target since", err=True)
    sys.exit(FINDINGS if rows or refused else 0)


async def _change(store: Store, resend: Sequence[int], drop: Sequence[int]) -> list[int]:
    """Do what is asked; the ids that it could not be done for."""
    now = time.time()
    done: set[int] = set()
    if resend:
        done.update(await store.write(lambda writing: writing.requeue(resend, now)))
    if drop:
        done.update(await store.write(lambda writing: writing.drop(drop)))
    return sorted({*resend, *drop} - done)


def _show(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        click.echo("no failures")
    for row in rows:
        names = " ".join(f"{key}={row[key]}" for key in ("transaction_id", "event_id") if row[key])
        head = f"{row['id']}  {row['outcome']}  {row['tag']}  {row['event_name']}  {names}".rstrip()
        click.echo(click.style(head, bold=True))
        attempts = f"{row['attempts']} attempt{'s' if row['attempts'] != 1 else ''}"
        click.echo(f"    {row['target']} · {attempts} · since {row['since']}")
        if row["reason"]:
            click.echo(f"    {row['reason']}")
