"""`tagport forget`: a person taken out of the store, from every table and from the file's free space."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import (
    FINDINGS,
    CannotRun,
    Opened,
    environment_option,
    folder_argument,
    format_option,
    opened,
    print_json,
    store_refused,
)
from container.errors import NotStored
from container.problems import did_you_mean

if TYPE_CHECKING:
    from container.cli.person import Traces

ROUNDS = 5  # of looking again for what has come in meanwhile
UNDER_WAY = 15.0  # seconds for which calls that are being sent are waited for
WORDS = {
    "conversions": "conversions",
    "names": "names and links",
    "hints": "hints",
    "copies": "stored copies",
    "waits": "waits",
    "firings": "firings",
    "calls": "calls queued or failed",
    "deliveries": "deliveries",
    "records": "decision records",
}


@dataclass(slots=True)
class Removed:
    """What was taken away, by kind of row."""

    rows: Counter[str] = field(default_factory=Counter)
    conversions: list[Mapping[str, Any]] = field(default_factory=list)
    under_way: int = 0  # calls that a vendor may have got all the same
    client_ids: set[str] = field(default_factory=set)
    written_anew: bool = False

    def as_json(self) -> dict[str, Any]:
        """The output of `--format json`."""
        return {
            "removed": {what: self.rows[what] for what in WORDS},
            "conversions": self.conversions,
            "under_way": self.under_way,
            "client_ids": sorted(self.client_ids),
            "written_anew": self.written_anew,
        }


@click.command("forget")
@click.argument("who", metavar="KEY=VALUE")
@folder_argument
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@environment_option
@format_option
def command(who: str, folder: Path, dry_run: bool, environment: str | None, form: str) -> None:
    """Remove a person from the store: KEY is email, phone, user_id, transaction_id or client_id.

    Takes away every conversion found by it with its names, hints, copies, waits, firings, calls, deliveries and
    records, and writes the store's file anew. `serve` may be running; it waits meanwhile. Exit code 1 where nothing is
    found, or a call was under way.
    """
    key, value = _asked(who)
    known = opened(folder, environment)
    try:
        removed = asyncio.run(_forget(known, key, value, dry_run))
    except NotStored as error:
        raise store_refused(error) from error
    finally:
        known.container.store.close()
    if form == "json":
        print_json(removed.as_json())
    else:
        _show(removed, who, dry_run)
    sys.exit(0 if removed.rows.total() and not removed.under_way else FINDINGS)


def _asked(who: str) -> tuple[str, str]:
    from container.cli.person import KEYS
    from container.language.normalisers import hashed

    key, _, value = who.partition("=")
    if key not in KEYS:
        hint = did_you_mean(key, KEYS) or f"write one of {', '.join(f'{one}=…' for one in KEYS)}"
        raise CannotRun(f"nobody is found by `{key}`: {hint}")
    if not value.strip():
        raise CannotRun(f"write whose, as in `tagport forget {key}=…`")
    if key == "email" and hashed("email", value) is None:
        raise CannotRun(f"`{value}` is no e-mail address, and no SHA-256 of one")
    return key, value


async def _forget(known: Opened, key: str, value: str, dry_run: bool) -> Removed:
    """Until nothing is found any more: a copy may come in meanwhile."""
    from container.cli.person import traces

    store, removed = known.container.store, Removed()
    for _ in range(ROUNDS):
        found = await _settled(known, key, value, dry_run)
        if not found:
            break
        _note(known, found, removed)
        removed.rows.update(await _gone(known, found, dry_run))
        if dry_run:
            return removed
    else:
        if traces(known, key, value):
            raise NotStored("copies of this person keep coming in")
    await store.scrub()
    removed.written_anew = True
    return removed


async def _settled(known: Opened, key: str, value: str, dry_run: bool) -> Traces:
    """The person's traces, once none of their calls is under way, or the time for that is over."""
    from container.cli.person import traces

    end = time.monotonic() + (0 if dry_run else UNDER_WAY)
    while True:
        found = traces(known, key, value)
        if not found.under_way or time.monotonic() > end:
            return found
        await asyncio.sleep(0.2)


def _note(known: Opened, found: Traces, removed: Removed) -> None:
    for stored in known.container.store.conversions(sorted(found.numbers)).values():
        if stored.kind != "event":
            name = stored.state.get("page") or stored.state.get("key", "")
            removed.conversions.append({"kind": stored.kind, "transaction_id": name, "id": stored.id})
    removed.under_way += len(found.under_way)
    removed.client_ids |= found.client_ids


async def _gone(known: Opened, found: Traces, dry_run: bool) -> Mapping[str, int]:
    """How many rows of each kind went; of a dry run, would have gone."""
    counts: list[Mapping[str, int]] = []

    def work(ledger: Any) -> None:
        counts.append(ledger.forget(found.numbers, found.records, found.rows))
        if dry_run:
            raise _OnlyLooking

    with contextlib.suppress(_OnlyLooking):
        await known.container.store.write(work)
    return counts[-1]


class _OnlyLooking(Exception):
    """Takes back what a dry run did."""


def _show(removed: Removed, who: str, dry_run: bool) -> None:
    if not removed.rows.total():
        scrubbed = "; the store's file was written anew all the same" if removed.written_anew else ""
        click.echo(f"nothing is known of {who}{scrubbed}")
        return
    click.echo(click.style(f"{who}: {'would be removed' if dry_run else 'removed'}", bold=True))
    named = [f"{one['kind']} {one['transaction_id'] or one['id']}" for one in removed.conversions]
    if named:
        click.echo(f"  {', '.join(named)}")
    for what, word in WORDS.items():
        if removed.rows[what]:
            click.echo(f"  {removed.rows[what]:>6,}  {word}")
    if removed.written_anew:
        click.echo("the store's file was written anew: nothing of it is left in free space")
    if removed.under_way:
        calls = "a call was" if removed.under_way == 1 else f"{removed.under_way} calls were"
        click.echo(click.style(f"{calls} being sent at that moment: run this again in a minute", fg="yellow"))
    for id in sorted(removed.client_ids - {who.removeprefix("client_id=")}):
        click.echo(f"their browser is client_id={id}: `tagport forget client_id={id}` removes its page views, too")
