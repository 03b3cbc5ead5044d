"""`tagport explain`: why an event's tags fired or did not."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import (
    FINDINGS,
    environment_option,
    folder_argument,
    format_option,
    open_store,
    opened,
    print_json,
)

if TYPE_CHECKING:
    from container.dedup.keys import Keys
    from container.ledger.interface import Store
    from container.pipeline import Container

RECENT = 100_000  # records looked through for `event=NAME`


@click.command("explain")
@click.argument("what", metavar="ID|KEY=VALUE")
@folder_argument
@click.option("--most", default=20, show_default=True, metavar="N", help="At most so many records of `event=`.")
@environment_option
@format_option
def command(what: str, folder: Path, most: int, environment: str | None, form: str) -> None:
    """Show the stored decision record with this ID, or those of the conversion that KEY=VALUE names.

    KEY is a variable that names or hints at a conversion (transaction_id, event_id, email, ...), or `event` for the
    newest records of an event name. Exit code 1 where nothing is found.
    """
    from container.admin.app import told

    key, equals, value = what.partition("=")
    if not equals:
        store, ids = open_store(folder, environment), [what]
    elif key == "event":
        store = open_store(folder, environment)
        ids = of_event(store, value, most)
    else:
        store, ids = _of_conversion(folder, environment, key, value)
    try:
        records = [found for id in ids if (found := told(store, id)) is not None]
    finally:
        store.close()
    if form == "json":
        print_json({"records": records})
    else:
        _show(records)
    sys.exit(0 if records else FINDINGS)


def of_event(store: Store, name: str, most: int) -> list[str]:
    """Ids of the newest records of an event name, newest first."""
    found = [str(record["id"]) for record in store.recent(RECENT) if record["event"]["name"] == name]
    return found[:most]


def _of_conversion(folder: Path, environment: str | None, key: str, value: str) -> tuple[Store, list[str]]:
    known = opened(folder, environment)
    store = known.container.store
    return store, find(known.container, known.keys, key, value) or _mentioned(store, key, value)


def find(container: Container, keys: Keys, key: str, value: str) -> list[str]:
    """Ids of the records of every conversion that a copy with this one variable would be recognised as."""
    from container.dedup.identity import Identifier
    from container.event import Event, Request
    from container.language.expression import Scope

    names: set[bytes] = set()
    hints: set[bytes] = set()
    for kind in container.dedup.kinds.by_id.values():
        event = Event("", {key: value}, Request())
        scope = Scope(
            event=event.data,
            var=lambda name: value if name == key else None,
            container={"id": container.id, "version": container.version},
        )
        identity = Identifier(keys).of_copy(kind, event, scope)
        names.update(mark.hash for mark in (*identity.names, *identity.links))
        hints.update(mark.hash for mark in identity.hints)
    store = container.store
    known = store.conversions(number for _, number in store.find(sorted(names), sorted(hints)))
    numbers = sorted({stored.number for stored in known.values()})
    return [str(record["id"]) for number in numbers for record in store.records(number)]


def _mentioned(store: Store, key: str, value: str) -> list[str]:
    """Ids of records that show the value itself: events of no declared conversion, old conversions."""
    return [str(record["id"]) for record in reversed(store.recent(RECENT)) if _shows(record, key, value)]


def _shows(record: Mapping[str, Any], key: str, value: str) -> bool:
    places = (record["event"]["data"], record.get("conversion") or {})
    return any(str(place[key]) == value for place in places if key in place)


def _show(records: Sequence[Mapping[str, Any]]) -> None:
    from container.cli.show import lines

    if not records:
        click.echo("no record is kept of this")
    for number, record in enumerate(records):
        if number:
            click.echo()
        for line in lines(record):
            click.echo(line)
