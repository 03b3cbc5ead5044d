"""`tagport mark`: orders that another system has already sent count as fired."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import (
    FINDINGS,
    CannotRun,
    environment_option,
    folder_argument,
    format_option,
    opened,
    print_json,
    store_refused,
)
from container.errors import NotStored, Unreadable
from container.problems import did_you_mean

if TYPE_CHECKING:
    from container.cli.common import Opened
    from container.cli.tables import Line, Table, Unread
    from container.dedup.marking import Elsewhere, Marked

TOGETHER = 100  # orders in one commit: a running `serve` waits for no more
SHOWN = 20  # orders named on the terminal
_BETWEEN = re.compile(r"[\s,;|]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    marked: Sequence[tuple[Line, Elsewhere, Marked]]
    unread: Sequence[Unread]

    def as_json(self) -> dict[str, Any]:
        """The output of `--format json`."""
        return {
            "orders": [_order(line, order, done) for line, order, done in self.marked],
            "unread": [one.as_json() for one in self.unread],
        }


@click.command("mark")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@folder_argument
@click.option("--key", metavar="COLUMN", help="The column with the order's name, where it is not called like the key.")
@click.option(
    "--conversion",
    default="purchase",
    show_default=True,
    metavar="KIND",
    help="What lines without a `conversion` tell of.",
)
@click.option("--tag", "tags", multiple=True, metavar="ID", help="Only for this tag; may be given repeatedly.")
@environment_option
@format_option
def command(
    file: Path, folder: Path, key: str | None, conversion: str, tags: Sequence[str], environment: str | None, form: str
) -> None:
    """Mark the orders in FILE as sent by another system: no copy of them that arrives later is sent again.

    FILE is a CSV whose first line names its columns, or JSON with one object a line: the conversion's key
    (`transaction_id`), and where there are any `conversion`, `time`, `tags`, `targets` and links. `serve` may be
    running. Exit code 1 where a line could not be read.
    """
    from container.cli.tables import read_table

    table = read_table(file)
    known = opened(folder, environment, make=True)  # one marks before the first `serve`
    try:
        reader = _Reader(known, key, conversion, tags)
        reader.look_at(table, file)
        outcome = asyncio.run(_mark(known, reader, table))
    except NotStored as error:
        raise store_refused(error) from error
    finally:
        known.container.store.close()
    if form == "json":
        print_json(outcome.as_json())
    else:
        _show(outcome, file)
    sys.exit(FINDINGS if outcome.unread else 0)


class _Reader:
    """Lines of one file as orders. `read` raises `Unreadable` saying what is wrong with a line."""

    def __init__(self, known: Opened, key: str | None, conversion: str, tags: Sequence[str]) -> None:
        from container.cli.tables import column

        self._kinds = known.container.dedup.kinds.by_id
        self._known_tags = {tag.id for tag in known.container.tags}
        self._key = column(key) if key else None
        self._conversion, self._now = conversion, time.time()
        try:
            self._tags = self._checked(tags)
        except Unreadable as error:
            raise CannotRun(f"--tag: {error}") from error

    def look_at(self, table: Table, file: Path) -> None:
        """Raise `CannotRun` where a CSV has no column that could name an order."""
        kind = self._kinds.get(self._conversion)
        if kind is None:
            if "conversion" in table.columns:
                return
            raise CannotRun(_unknown("conversion", self._conversion, self._kinds))
        links = (name for link in kind.links for name in _named(*link))
        names = {self._key} if self._key else {*_named(kind.key), *links, "order_id"}
        if table.columns and names.isdisjoint(table.columns):
            missing = f"`{self._key or next(iter(_named(kind.key)), 'event_id')}`"
            listed = ", ".join(table.columns)
            hint = "say which column holds the order's name, as in `--key order_number`"
            raise CannotRun(f"{file} has no column {missing}; it has {listed}: {hint}")

    def read(self, line: Line) -> Elsewhere:
        """The order that a line tells of."""
        from container.cli.tables import time_of
        from container.dedup.marking import Elsewhere
        from container.event import Event, Request, new_id

        values = dict(line.values)
        kind = self._kind(str(values.pop("conversion", "") or self._conversion))
        tags = self._checked(_listed(values.pop("tags", None)) or _listed(values.pop("tag", None)))
        targets = _listed_targets(values.pop("targets", None) or values.pop("target", None))
        if self._key and kind.key is not None:
            kind = replace(kind, key=replace(kind.key, value=lambda scope: scope.event.get(self._key)))
        stated = time_of(values)
        values["timestamp"] = self._now if stated is None else stated
        request = Request(client="mark", source="mark", received=self._now)
        event = Event(new_id(self._now), values, request)
        return Elsewhere(event, kind, tags or ([] if targets else self._tags), targets)

    def nameless(self, order: Elsewhere) -> str:
        """Why an order cannot be marked that nothing names."""
        kind = order.kind
        wanted = [*_named(kind.key), *(" and ".join(_named(*link)) for link in kind.links)]
        return f"nothing in it names a {kind.id}: it needs {' or '.join(f'`{name}`' for name in wanted)}"

    def _kind(self, id: str) -> Any:
        if id not in self._kinds:
            raise Unreadable(_unknown("conversion", id, self._kinds))
        return self._kinds[id]

    def _checked(self, tags: Sequence[str]) -> Sequence[str]:
        for id in tags:
            if id not in self._known_tags:
                raise Unreadable(_unknown("tag", id, self._known_tags))
        return tags


async def _mark(known: Opened, reader: _Reader, table: Table) -> Outcome:
    """Everything in the file, `TOGETHER` orders to a commit."""
    from container.cli.tables import Unread
    from container.cli.telling import dedup_of, with_columns

    container = known.container
    dedup = dedup_of(container.dedup.kinds, with_columns(container.variables.over), container.store, known.keys)
    marked: list[tuple[Line, Elsewhere, Marked]] = []
    unread: list[Unread] = []
    orders = _orders(table.lines, reader, unread)
    while some := list(islice(orders, TOGETHER)):
        done = await dedup.mark([order for _, order in some])
        for (line, order), one in zip(some, done, strict=True):
            if one is None:
                unread.append(Unread(line.number, reader.nameless(order)))
            else:
                marked.append((line, order, one))
    return Outcome(marked, sorted(unread, key=lambda one: one.number))


def _orders(
    lines: Iterable[Line | Unread], reader: _Reader, unread: list[Unread]
) -> Iterator[tuple[Line, Elsewhere]]:
    from container.cli.tables import Unread

    for line in lines:
        if isinstance(line, Unread):
            unread.append(line)
            continue
        try:
            yield line, reader.read(line)
        except Unreadable as error:
            unread.append(Unread(line.number, str(error)))


def _named(*refs: Any) -> list[str]:
    return [ref.name for ref in refs if ref is not None]


def _unknown(what: str, id: str, known: Iterable[str]) -> str:
    hint = did_you_mean(id, known) or f"there are {', '.join(f'`{one}`' for one in sorted(known)) or 'none'}"
    return f"there is no {what} `{id}`: {hint}"


def _listed(said: Any) -> list[str]:
    """Ids in one cell, with blanks, commas or semicolons between, or a JSON list of them."""
    if isinstance(said, list):
        return [str(one) for one in said]
    return [one for one in _BETWEEN.split(str(said or "")) if one]


def _listed_targets(said: Any) -> list[str]:
    """Targets in one cell, with semicolons between: a target itself has blanks."""
    if isinstance(said, list):
        return [str(one) for one in said]
    return [one.strip() for one in str(said or "").split(";") if one.strip()]


def _order(line: Line, order: Elsewhere, done: Marked) -> dict[str, Any]:
    return {
        "line": line.number,
        "conversion": order.kind.id,
        "name": done.name,
        "id": done.id,
        "new": done.new,
        "marked": [*done.marked],
        "marked_before": [*done.before],
        "fired_here": [*done.fired],
    }


def _show(outcome: Outcome, file: Path) -> None:
    now = [one for one in outcome.marked if one[2].marked]
    before = [one for one in outcome.marked if not one[2].marked and one[2].before]
    here = [one for one in outcome.marked if one[2].fired]
    click.echo(f"{file}: {_counted(len(outcome.marked), 'order')} read, {len(now)} marked as sent by another system")
    for what, some in (("marked", now), ("marked before", before), ("had fired here as well", here)):
        if some:
            click.echo(f"  {what:<23}{_names(some)}")
    for wanted, count in _scopes(now).items():
        click.echo(f"  {'only for':<23}{wanted} ({_counted(count, 'order')})")
    for one in outcome.unread:
        click.echo(click.style(f"  line {one.number} could not be read: {one.reason}", fg="red"))


def _scopes(now: Sequence[tuple[Line, Elsewhere, Marked]]) -> Mapping[str, int]:
    """What single tags and targets were marked, with the number of orders."""
    from container.dedup.firing import EVERYWHERE

    found: dict[str, int] = {}
    for _, _, done in now:
        for target in done.marked:
            if target != EVERYWHERE:
                name = target.removeprefix(f"{EVERYWHERE} ")
                found[name] = found.get(name, 0) + 1
    return found


def _names(some: Sequence[tuple[Line, Elsewhere, Marked]]) -> str:
    names = list(dict.fromkeys(done.name or done.id for _, _, done in some))
    more = f" and {len(names) - SHOWN:,} more (--format json has all)" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
