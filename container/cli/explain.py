"""`tagport explain`: what became of a conversion, and why its tags fired or did not."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import (
    FINDINGS,
    CannotRun,
    environment_option,
    folder_argument,
    format_option,
    open_store,
    opened,
    print_json,
)

if TYPE_CHECKING:
    from container.ledger.interface import Store

RECENT = 100_000  # records looked through for `event=NAME`
CONVERSIONS = 20  # whole histories shown


@click.command("explain")
@click.argument("what", metavar="ID|ORDER|ADDRESS|KEY=VALUE")
@folder_argument
@click.option("--most", default=20, show_default=True, metavar="N", help="At most so many records of `event=`.")
@environment_option
@format_option
def command(what: str, folder: Path, most: int, environment: str | None, form: str) -> None:
    """Show the history of the conversion that KEY=VALUE names, or the decision record with this ID and its history.

    An order's number or an e-mail address may stand by itself. KEY is a variable that names or hints at a conversion
    (transaction_id, event_id, email, ...) or a field of the event; `event` takes a record's ID, an event_id, or an
    event's name for its newest records. Exit code 1 where nothing is found.
    """
    key, equals, value = what.partition("=")
    if equals and not value:
        raise CannotRun(f"write what `{key}` is, as in `tagport explain {key}=1042`")
    if not equals:
        store, found = _of_words(folder, environment, what)
    elif key == "event":
        store, found = _of_event(folder, environment, value, most)
    else:
        store, found = _of_conversion(folder, environment, key, value)
    try:
        told = found.told(store)
    finally:
        store.close()
    if form == "json":
        print_json(told)
    else:
        _show(told, found.details, what)
    sys.exit(0 if told["records"] or told["conversions"] else FINDINGS)


class _Found:
    """Conversions by number and records by id. `details`: the records are what was asked for, checks and all."""

    def __init__(self, numbers: Sequence[int], records: Sequence[str], *, details: bool) -> None:
        self.numbers = numbers
        self.records = records
        self.details = details

    def told(self, store: Store) -> dict[str, Any]:
        """`{"conversions": [...], "records": [...]}`."""
        from container.admin.history import history
        from container.admin.record import told

        conversions = [one for number in self.numbers[:CONVERSIONS] if (one := history(store, number)) is not None]
        ids = list(self.records)
        if not self.details:
            ids = [str(record["id"]) for number in self.numbers for record in store.records(number)] + ids
        records = [one for id in dict.fromkeys(ids) if (one := told(store, id)) is not None]
        return {"conversions": conversions, "records": records}


def _of_words(folder: Path, environment: str | None, what: str) -> tuple[Store, _Found]:
    """A record's id, else what a person has before them: an order's number, or an address."""
    store = open_store(folder, environment)
    if store.record(what) is not None:
        return store, _of_ids(store, [what])
    store.close()
    return _of_conversion(folder, environment, "email" if "@" in what else "transaction_id", what)


def _of_ids(store: Store, ids: Sequence[str]) -> _Found:
    """Records, and the histories of the declared conversions they belong to."""
    from container.admin.history import numbers_of

    records = [record for id in ids if (record := store.record(id)) is not None]
    conversions = [record.get("conversion") or {} for record in records]
    declared = [one["id"] for one in conversions if one.get("kind", "event") != "event"]
    return _Found(numbers_of(store, declared), ids, details=True)


def _of_event(folder: Path, environment: str | None, value: str, most: int) -> tuple[Store, _Found]:
    store = open_store(folder, environment)
    if store.record(value) is not None:
        return store, _of_ids(store, [value])
    named = [str(record["id"]) for record in store.recent(RECENT) if record["event"]["name"] == value]
    if named:
        return store, _Found((), named[:most], details=True)
    store.close()
    return _of_conversion(folder, environment, "event_id", value)


def _of_conversion(folder: Path, environment: str | None, key: str, value: str) -> tuple[Store, _Found]:
    from container.cli.finding import find

    known = opened(folder, environment)
    store = known.container.store
    try:
        found = find(known, key, value)
    except CannotRun:
        store.close()
        raise
    return store, _Found(found.numbers, found.records, details=False)


def _show(told: Mapping[str, Any], details: bool, what: str) -> None:
    from container.cli.show import lines
    from container.cli.timeline import show

    conversions, records = told["conversions"], told["records"]
    shown = records if details else [one for one in records if one["conversion"]["kind"] == "event"]
    if not conversions and not shown:
        click.echo(f"nothing is known of {what}: no copy of it came here, or it is past the time it is kept")
        if "=" not in what and "@" not in what and not any(sign.isdigit() for sign in what):
            hint = "what a tag did stands under each order and event"
            click.echo(f"an event's name is asked for as `event={what}`; {hint}")
    for at, record in enumerate(shown):
        if at:
            click.echo()
        for line in lines(record):
            click.echo(line)
    for at, history in enumerate(conversions):
        if at or shown:
            click.echo()
        show(history)
    if conversions and not details and records:
        click.echo(click.style(f"\ntagport explain {records[-1]['id']} shows every check of one decision", dim=True))
