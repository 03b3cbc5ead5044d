"""A conversion's history for the terminal: what happened, in order, as one reads it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from container.admin import story
from container.admin.story import LONGEST, Line
from container.cli.show import COLOURS

WIDE = 140  # columns where no terminal says how many it has
_STYLES = {**COLOURS, "strong": "bold", "new": "blue", "quiet": "bright_black"}


def show(history: Mapping[str, Any]) -> None:
    """Print a history (`admin.history`) on standard output."""
    parts = Group(*_parts(history))
    if sys.stdout.isatty():
        Console(highlight=False).print(parts)
        return
    out = io.StringIO()
    Console(file=out, highlight=False, width=WIDE).print(parts)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _parts(history: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _title(history)
    yield _heading("ONE CONVERSION, EVERY COPY")
    yield _timeline(history)
    still = list(story.still(history))
    if still:
        yield _heading("STILL TO COME")
        yield from (_line(("● ", tone), *line) for tone, line in still)
    if history["fields"]:
        yield _heading("WHAT TAGS SAW, AND WHERE IT CAME FROM")
        yield _fields(story.fields(history))
    if history["not_triggered"]:
        yield _heading("NOT TRIGGERED")
        yield from (_line(("● ", "quiet"), *line) for line in story.not_triggered(history["not_triggered"]))


def _heading(said: str) -> RenderableType:
    return Text(f"\n{said}", style="bright_black")


def _line(*pieces: tuple[str, str]) -> Text:
    """One line; nothing in it is taken for markup or a command to the terminal."""
    return Text.assemble(*((_printable(said), _STYLES.get(meant, "")) for said, meant in pieces))


def _title(history: Mapping[str, Any]) -> RenderableType:
    kind, order, money = story.headline(history)
    head = _line((kind, "strong"), (f" {order}  ", ""), (money, "strong"))
    return Group(head, _line((story.facts(history), "quiet")), _line((story.consent(history), "quiet")))


def _timeline(history: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="bright_black")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    day = ""
    for moment in story.moments(history["timeline"]):
        if moment.at[:10] != day:
            day = moment.at[:10]
            table.add_row(_date(day), "", "")
        said: Iterable[Line] = (moment.line, *moment.more)
        table.add_row(moment.at[11:23], _line(("●", moment.tone)), Group(*(_line(*line) for line in said)))
    return table


def _fields(rows: Iterable[tuple[str, str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=LONGEST)
    table.add_column(no_wrap=True, style="bright_black")
    for row in rows:
        table.add_row(*(_line((cell, "")) for cell in row))
    return Padding(table, (0, 0, 0, 0))


def _date(day: str) -> str:
    return datetime.fromisoformat(day).strftime("%a %d %b %Y")


def _printable(said: str) -> str:
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in said)
