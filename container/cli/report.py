"""Problems for people, as rustc tells them: the line, a caret under the spot, what to write instead; and for machines.

error[unknown-trigger]: tag `meta_purchase` is fired by `purchse`, which no file defines
  --> tags/meta_purchase.yaml:3:12
   |
 3 | triggers: [purchse]
   |            ^^^^^^^ did you mean `purchase`?
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from container.problems import Problem, Problems

Lines = Mapping[str, Sequence[str]]
Piece = tuple[str, str]  # a text and its style
WIDEST = 120
# A name without a value, or with an odd one, is one thing to mend, however many places read it.
ONE_FOR_ALL = ("missing-secret", "missing-environment", "unlikely-parameter")
MOST_PLACES = 5  # named of the others
_STYLES = {"error": "bold red", "warning": "bold yellow"}
_RULER = "blue"


def show(problems: Problems, folder: Path, out: TextIO | None = None) -> None:
    """Print every problem of the workspace in `folder`, in colour where a terminal reads it."""
    write(problems, SourceLines(folder), out or sys.stdout)


def write(problems: Iterable[Problem], lines: Lines, out: TextIO) -> None:
    """Print problems; `lines` are the sources by the names problems use."""
    if not out.isatty():
        out.write(text(problems, lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, soft_wrap=True)
    for problem, *others in _told_once(problems):
        console.print(Text.assemble(*_pieces(problem, lines, others)), end="\n")


def text(problems: Iterable[Problem], lines: Lines) -> str:
    """The same without colour: a block and an empty line for each problem."""
    told = _told_once(problems)
    return "".join("".join(said for said, _ in _pieces(problem, lines, others)) + "\n" for problem, *others in told)


def summary(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`, or `no problems`."""
    found = [problem.severity for problem, *_ in _told_once(problems)]
    counts = [(found.count(severity), severity) for severity in ("error", "warning")]
    return ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count) or "no problems"


def as_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """`check --format json`: `{"problems": [{file, line, column, severity, code, message, hint}]}`."""
    return {"problems": [problem.as_json() for problem in problems]}


class SourceLines(Mapping[str, Sequence[str]]):
    """The lines of a workspace's YAML files and of the gallery's, read when a problem asks for them.

    No other file is shown: `.env` holds secrets.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Sequence[str]] = {}

    def __getitem__(self, name: str) -> Sequence[str]:
        if name not in self._read:
            self._read[name] = self._lines(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def _lines(self, name: str) -> Sequence[str]:
        from container.workspace.source import LARGEST, source_lines
        from container.workspace.starter import gallery, webhooks

        shipped = {"gallery": gallery, "webhooks": webhooks}.get(name.partition("/")[0])
        path = shipped() / Path(name).name if shipped else self._folder / name
        if path.suffix not in (".yaml", ".yml") or not path.is_file() or path.stat().st_size > LARGEST:
            return []
        try:
            return source_lines(path.read_bytes().decode("utf-8", "replace"))
        except OSError:
            return []


def _told_once(problems: Iterable[Problem]) -> list[list[Problem]]:
    """Each problem with those that are mended with it; machines get all of them."""
    found: dict[object, list[Problem]] = {}
    for problem in problems:
        same = problem.message if problem.code in ONE_FOR_ALL else object()
        found.setdefault(same, []).append(problem)
    return list(found.values())


def _pieces(problem: Problem, lines: Lines, others: Sequence[Problem]) -> Iterator[Piece]:
    style = _STYLES.get(problem.severity, "bold")
    source = _source(problem, lines)
    margin = " " * (len(str(problem.line)) if source is not None else 1)
    yield f"{problem.severity}[{problem.code}]", style
    yield f": {_printable(problem.message)}\n", "bold"
    yield f" {margin}--> ", _RULER
    yield f"{_printable(problem.file)}:{problem.line}:{problem.column}\n", ""
    if source is not None:
        yield from _excerpt(problem, source, margin, style)
    elif problem.hint:
        yield f" {margin} = ", _RULER
        yield f"{_printable(problem.hint)}\n", style
    if others:
        yield f" {margin} = ", _RULER
        yield f"{_also(others)}\n", ""


def _also(others: Sequence[Problem]) -> str:
    places = [f"{_printable(one.file)}:{one.line}" for one in others[:MOST_PLACES]]
    more = [f"{len(others) - MOST_PLACES} more places"] if len(others) > MOST_PLACES else []
    return "also at " + ", ".join([*places, *more])


def _excerpt(problem: Problem, source: str, margin: str, style: str) -> Iterator[Piece]:
    shown, before, marked = _window(source, problem.column - 1, problem.length)
    yield f" {margin} |\n {problem.line} | ", _RULER
    yield f"{shown}\n", ""
    yield f" {margin} | ", _RULER
    yield " " * before, ""
    yield "^" * marked, style
    yield f" {_printable(problem.hint)}\n" if problem.hint else "\n", style


def _source(problem: Problem, lines: Lines) -> str | None:
    """The line itself; None where there is nothing to point at."""
    known = lines.get(problem.file, ())
    if not 0 < problem.line <= len(known) or not known[problem.line - 1].strip():
        return None
    return known[problem.line - 1]


def _window(source: str, column: int, length: int) -> tuple[str, int, int]:
    """The part of a line around the spot as it is shown, the cells before the spot, the cells of the spot."""
    source = source.rstrip()
    column = min(column, len(source))
    start = max(0, column - WIDEST // 2) if len(source) > WIDEST else 0
    end = min(len(source), start + WIDEST)
    left, right = "…" if start else "", "…" if end < len(source) else ""
    shown = left + _printable(source[start:end]) + right
    before = len(left) + _cells(_printable(source[start:column]))
    marked = _cells(_printable(source[column : min(column + length, end)]))
    return shown, before, max(marked, 1)


def _printable(said: str) -> str:
    """Tabs as a space, all else that a terminal would act on as �."""
    return "".join(sign if sign.isprintable() else " " if sign == "\t" else "�" for sign in said)


def _cells(said: str) -> int:
    """The columns a text takes on a terminal."""
    return sum(_width(sign) for sign in said)


def _width(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
