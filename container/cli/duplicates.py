"""`tagport duplicates`: what a container without recognition would have sent twice, and what cannot be told apart."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import FINDINGS, CannotRun, environment_option, format_option, open_store, print_json

if TYPE_CHECKING:
    from container.cli.audit import Audit, Telling, Told
    from container.cli.tables import Unread

RECENT = 200_000  # records of the store that are looked at
SHOWN = 50  # rows of each table on the terminal


@click.command("duplicates")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--event", default="purchase", show_default=True, metavar="NAME", help="What lines without an event are.")
@click.option("--most", default=SHOWN, show_default=True, metavar="N", help="At most so many rows of each table.")
@environment_option
@format_option
def command(
    file: Path | None, folder: Path | None, event: str, most: int, environment: str | None, form: str
) -> None:
    """Report what would have been sent twice without recognition, and which purchases cannot be told apart.

    FILE holds events: a CSV of orders with their ids, sources and times, JSON with one event a line, or decision
    records. Without FILE, the records in DIR's store are looked at. Sends and stores nothing. Exit code 1 where
    something was told twice, cannot be told apart, or could not be read.
    """
    if folder is None and (file is None or file.is_dir()):
        file, folder = None, file
    folder = folder or Path()
    audit, unread = _of_store(folder, environment) if file is None else _of_file(file, folder, environment, event)
    if form == "json":
        print_json({**audit.as_json(), "unread": [one.as_json() for one in unread]})
    else:
        _show(audit, unread, str(file or folder), most)
    sys.exit(FINDINGS if audit.twice or audit.doubtful or unread else 0)


def _of_store(folder: Path, environment: str | None) -> tuple[Audit, Sequence[Unread]]:
    from container.cli.recorded import audit_of
    from container.cli.telling import recognition

    store = open_store(folder, environment)
    try:
        return audit_of(store.recent(RECENT), recognition(folder, environment).kinds), ()
    finally:
        store.close()


def _of_file(file: Path, folder: Path, environment: str | None, event: str) -> tuple[Audit, Sequence[Unread]]:
    from container.cli.recorded import audit_of, is_record
    from container.cli.tables import Line, read_table
    from container.cli.telling import Replay, events_of, recognition

    table = read_table(file)
    lines = list(table.lines)
    known = recognition(folder, environment)
    records = [line.values for line in lines if isinstance(line, Line) and is_record(line.values)]
    if records:
        return audit_of(records, known.kinds), [line for line in lines if not isinstance(line, Line)]
    if event not in known.kinds.by_event:
        raise CannotRun(f"--event: no conversion is told by `{event}`; there are {', '.join(known.kinds.by_event)}")
    replay = Replay(known, event)
    events, unread = events_of(lines, replay)
    return asyncio.run(replay.tell(events)), unread


def _show(audit: Audit, unread: Sequence[Unread], name: str, most: int) -> None:
    from rich.console import Console

    from container.cli.audit import DOUBTS

    out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    others = f", and {_counted(audit.others, 'other event')} that no conversion names" if audit.others else ""
    told = _counted(len(audit.told), "conversion")
    out.print(f"[bold]{name}[/]: {_counted(audit.events - audit.others, 'copy')} of {told}{others}", soft_wrap=True)
    for one in unread:
        out.print(f"[red]line {one.number} could not be read:[/] {_safe(one.reason)}", soft_wrap=True)
    if audit.twice:
        _show_twice(out, audit, most)
    if audit.doubtful:
        out.print(f"\n[bold]Cannot be told apart: {_counted(len(audit.doubtful), 'conversion')}[/]")
        for why in DOUBTS:
            _show_doubt(out, DOUBTS[why], [one for one, reasons in audit.doubtful if why in reasons], most)
    if not audit.twice and not audit.doubtful:
        out.print("[green]nothing was told twice, and everything can be told apart[/]")


def _show_twice(out: Any, audit: Audit, most: int) -> None:
    from rich.table import Table

    too_often = _counted(sum(len(one.extra) for one in audit.twice), "time")
    heading = f"Told more than once: {_counted(len(audit.twice), 'conversion')}, sent {too_often} too often"
    out.print(f"\n[bold]{heading} by a container without recognition[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim", show_footer=True, footer_style="bold")
    table.add_column("", footer="")
    table.add_column("order", footer="in all")
    table.add_column("copies")
    table.add_column("recognised by")
    table.add_column("counted too much", justify="right", footer=_money(audit.twice))
    for one in audit.twice[:most]:
        copies = "\n".join(_copies(one))
        table.add_row(f"[dim]{one.kind}[/]", _safe(one.name) or "–", copies, ", ".join(one.matched_by), _money([one]))
    out.print(table)
    _show_rest(out, len(audit.twice) - most)
    if audit.suppressed:
        kept = ", ".join(f"{tag} {count}" for tag, count in sorted(audit.suppressed.items()))
        out.print(f"[dim]tagport kept these tags from firing again:[/] {kept}", soft_wrap=True)


def _copies(one: Told) -> Iterator[str]:
    first = one.tellings[0]
    for copy in one.tellings[:5]:
        after = f" [dim]+{_span(copy.at - first.at)}[/]" if copy is not first else ""
        client = "" if copy.client == copy.source else f" [dim]{_safe(copy.client)}[/]"
        yield f"{copy.source}{client} {copy.where}{after}"
    if len(one.tellings) > 5:
        yield f"[dim]and {len(one.tellings) - 5} more[/]"


def _show_doubt(out: Any, reason: str, some: Sequence[Told], most: int) -> None:
    if not some:
        return
    out.print(f"  [yellow]{reason}[/]", soft_wrap=True)
    for one in some[:most]:
        out.print(f"    [bold]{_safe(one.name) or '–'}[/]  {' · '.join(map(_short, one.tellings[:4]))}", soft_wrap=True)
    _show_rest(out, len(some) - most)


def _short(copy: Telling) -> str:
    worth = f" {copy.value} {copy.currency}".rstrip() if copy.value is not None else ""
    return _safe(f"{copy.client} {copy.where}{worth}")


def _safe(text: str) -> str:
    """A text from a file as it is shown: nothing in it is taken for a colour or a command to the terminal."""
    from rich.markup import escape

    return escape("".join(sign if sign.isprintable() else "�" for sign in text))


def _show_rest(out: Any, count: int) -> None:
    if count > 0:
        out.print(f"    [dim]and {count:,} more (--most, or --format json)[/]")


def _money(some: Sequence[Told]) -> str:
    from container.cli.audit import amount

    return " + ".join(f"{value:,.2f} {currency}".rstrip() for currency, value in sorted(amount(some).items()))


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _counted(count: int, what: str) -> str:
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count:,} {what if count == 1 else many}"
