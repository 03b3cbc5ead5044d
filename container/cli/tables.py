"""Orders and events in a file that a user names: CSV as spreadsheets and shops export it, or JSON, one object a line.

Every line is read by itself: one that cannot be read is told with its number and reason, and the others count.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from container.cli.common import CannotRun, read_bytes
from container.encoding import decode
from container.errors import Unreadable
from container.language.normalisers.times import unix_seconds

TIMES = ("timestamp", "time", "date", "event_time", "created_at", "processed_at", "paid_at", "received")
SEPARATORS = ",;\t|"
_OTHER = re.compile(r"[^0-9a-z]+")
_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d\Z)")
_HALF = re.compile("[\udc80-\udcff]")  # a byte that is no UTF-8
_FORMATS = {
    b"PK\x03\x04": "is a spreadsheet, no text: save it as CSV (UTF-8)",
    b"\xff\xfe": "is UTF-16: save it as CSV (UTF-8)",
    b"\xfe\xff": "is UTF-16: save it as CSV (UTF-8)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line's values by column, as `order_id`; what is empty is left out. `number` counts from 1."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that cannot be read, and why."""

    number: int
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the output."""
        return {"line": self.number, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Table:
    """A file's lines. `columns`: those of a CSV's first line, empty for JSON."""

    columns: tuple[str, ...]
    lines: Iterable[Line | Unread]


def read_table(path: Path) -> Table:
    """The file's lines. Raises `CannotRun` where the file as a whole is none that can be read."""
    data = read_bytes(path)
    for start, what in _FORMATS.items():
        if data.startswith(start):
            raise CannotRun(f"{path} {what}")
    text = data.decode("utf-8-sig", "surrogateescape")
    if not text.strip():
        raise CannotRun(f"{path} is empty")
    if text.lstrip()[0] in "[{":
        return Table((), _json(text))
    return _csv(text)


def column(name: str) -> str:
    """A column's name as fields are called: `Order ID` is order_id."""
    return _OTHER.sub("_", name.strip().lower()).strip("_")


def time_of(values: Mapping[str, Any]) -> float | None:
    """The time that a line states, Unix seconds; None where it states none. Raises `Unreadable`."""
    name = next((name for name in TIMES if values.get(name) not in (None, "")), None)
    if name is None:
        return None
    said = values[name]
    text = _OFFSET.sub("", said.strip().removesuffix(" UTC")) if isinstance(said, str) else said
    found = unix_seconds(text)
    if found is None:
        raise Unreadable(f"`{name}` is `{said}`, which is no time: write 2026-11-23T10:00:00Z or Unix seconds")
    return float(found)


def _csv(text: str) -> Table:
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    first = next(rows, None)
    if first is None or isinstance(first, Unread):
        raise CannotRun(f"the first line must name the columns: {first.reason if first else 'there is none'}")
    columns = tuple(map(column, first[1]))
    return Table(tuple(name for name in columns if name), (_line(columns, row) for row in rows))


def _rows(reader: Any) -> Iterator[tuple[int, list[str]] | Unread]:
    """Rows with the number of the line each begins in; empty ones are left out."""
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unread(number, _told(error))
            continue
        if any(cell.strip() for cell in row):
            yield number, row


def _told(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote that opens here is never closed, so nothing after it could be read"
    return f"the quotes do not pair ({error})"


def _line(columns: tuple[str, ...], row: tuple[int, list[str]] | Unread) -> Line | Unread:
    if isinstance(row, Unread):
        return row
    number, cells = row
    if len(cells) != len(columns):
        reason = f"it has {len(cells)} values, and the first line names {len(columns)} columns"
        return Unread(number, f"{reason}: is a text with a comma in it not quoted?")
    if any(_HALF.search(cell) for cell in cells):
        return Unread(number, "it is not UTF-8: save the file as CSV (UTF-8)")
    values = zip(columns, (cell.strip() for cell in cells), strict=True)
    return Line(number, {name: value for name, value in values if name and value})


def _json(text: str) -> Iterator[Line | Unread]:
    """One object a line; or one JSON value: a list of objects, or what `--format json` prints of records."""
    try:
        whole = decode(text)
    except Unreadable:
        yield from (_object(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        return
    listed = whole.get("records", [whole]) if isinstance(whole, dict) else whole
    for number, value in enumerate(listed if isinstance(listed, list) else [listed], 1):
        yield _values(number, value)


def _object(number: int, line: str) -> Line | Unread:
    if _HALF.search(line):
        return Unread(number, "it is not UTF-8")
    try:
        return _values(number, decode(line))
    except Unreadable as error:
        return Unread(number, str(error).replace("the body", "it").replace("line 1, ", ""))


def _values(number: int, value: Any) -> Line | Unread:
    if not isinstance(value, dict):
        return Unread(number, 'a line is an object: {"transaction_id": "1042"}')
    return Line(number, value)
