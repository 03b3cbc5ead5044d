"""`tagport failures`: what was not delivered, and what to do about it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import FINDINGS, CannotRun, folder_argument, format_option, open_store, print_json
from container.errors import NotStored
from container.ledger.interface import LARGEST_ID, Store

if TYPE_CHECKING:
    from container.admin.failures import Advise

ROW = click.IntRange(0, LARGEST_ID)
SHOWN = 20  # calls of one group that are told one by one


@click.command("failures")
@folder_argument
@click.option("--resend", multiple=True, type=ROW, metavar="ID", help="Send this one again; may be given repeatedly.")
@click.option("--drop", multiple=True, type=ROW, metavar="ID", help="Forget this one; may be given repeatedly.")
@click.option("--since", metavar="T", help="Only what failed since then: 2h, 3d, or 2026-11-23T10:00:00Z.")
@click.option("--env", "environment", metavar="NAME", help="The environment whose store is meant.")
@format_option
def command(
    folder: Path,
    resend: Sequence[int],
    drop: Sequence[int],
    since: str | None,
    environment: str | None,
    form: str,
) -> None:
    """List refused, expired, unknown and stopped calls of the workspace in DIR, by tag and reason.

    Each reason stands there in the vendor's words, with what to do about it. Exit code 1 while there are any, and where
    one of the IDs could not be resent or dropped. What could not be made into a call (`invalid`) is listed too, and
    changes no exit code. A running `serve` notices by itself what is sent again.
    """
    from container.admin import failures

    if set(resend) & set(drop):
        raise CannotRun("an ID can be resent or dropped, not both")
    begin = _begin(since)
    store = open_store(folder, environment)
    try:
        refused = asyncio.run(_change(store, resend, drop))
        done = [(id, "is sent again" if id in resend else "is dropped") for id in (*resend, *drop) if id not in refused]
        found = failures.since(store.failures(), begin)
        not_made = failures.not_made(store.newest_kept("failure", failures.INVALID), begin)
    except NotStored as error:
        raise CannotRun(str(error)) from error
    finally:
        store.close()
    told = {**failures.shown(found, _adviser(folder)), "not_made": not_made}
    if form == "json":
        print_json(told)
    else:
        for id, what in done:
            click.echo(f"{id} {what}")
        _show(told)
    for id in refused:
        click.echo(f"{id}: not changed: it is no failure, or another copy has fired for its target since", err=True)
    sys.exit(FINDINGS if found or refused else 0)


def _begin(text: str | None) -> float:
    """The time of `--since`, Unix seconds; 0 where nothing is said."""
    if text is None:
        return 0.0
    from container.cli.instants import parse_instant
    from container.node import Text
    from container.problems import Place, Problems
    from container.workspace import durations

    span = durations.seconds(Text(text, Place("--since")), Problems())
    if span is not None:
        return time.time() - span
    try:
        return parse_instant(text)
    except ValueError as error:
        raise CannotRun(f"--since: `{text}` is no time; write 2h, 3d or 2026-11-23T10:00:00Z") from error


def _adviser(folder: Path) -> Advise:
    """What the workspace's templates and the gallery's say of their vendors' codes; the workspace may be broken."""
    from container.admin.failures import adviser
    from container.cli.templates import available
    from container.problems import Problems
    from container.templates import advice_of

    return adviser({id: advice_of(document).of for id, document in available(folder, Problems()).items()})


async def _change(store: Store, resend: Sequence[int], drop: Sequence[int]) -> list[int]:
    """Do what is asked; the ids that it could not be done for."""
    now = time.time()
    done: set[int] = set()
    if resend:
        done.update(await store.write(lambda writing: writing.requeue(resend, now)))
    if drop:
        done.update(await store.write(lambda writing: writing.drop(drop)))
    return sorted({*resend, *drop} - done)


def _show(told: dict[str, Any]) -> None:
    rows = {row["id"]: row for row in told["failures"]}
    if not rows:
        click.echo("no failures")
    for group in told["groups"]:
        head = f"{group['count']} × {group['outcome']}  {group['tag']}  since {group['since']}"
        click.echo(click.style(head, bold=True))
        if group["reason"]:
            click.echo(f"    {group['reason']}")
        click.echo(f"    → {group['advice']}")
        for id in group["ids"][:SHOWN]:
            click.echo(f"    {_row(rows[id])}")
        if group["count"] > SHOWN:
            click.echo(f"    … and {group['count'] - SHOWN} more: --format json has them all")
    for group in told["not_made"]:
        head = f"{group['count']} × not made  {group['tag']}  the last {group['latest'][:19]}Z"
        click.echo(click.style(head, bold=True))
        click.echo(f"    {group['reason']}")
        click.echo(f"    → `tagport explain {group['record']}` shows the event; another copy may still bring it")


def _row(row: dict[str, Any]) -> str:
    names = " ".join(f"{key}={row[key]}" for key in ("transaction_id", "event_id") if row[key])
    attempts = f"{row['attempts']} attempt{'s' if row['attempts'] != 1 else ''}"
    return f"{row['id']}  {row['event_name']}  {names}  {row['target']} · {attempts}".replace("    ", "  ")
