"""The YAML parser's complaints in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

import container.workspace.braces as braces

DEEPEST = 50
_TIGHT = re.compile(r"[\w$.-]+:(?=\S)")
Spot = tuple[int, int]  # line and column, from 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A syntax error; line and column count from 0."""

    line: int
    column: int
    message: str
    hint: str = ""
    code: str = "yaml-syntax"
    length: int = 1


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Fault:
    """What the parser's error means for the person who wrote the file."""
    problem = error.problem_mark or error.context_mark
    context = error.context_mark or problem
    said = error.problem or ""
    spot = _inside(lines, (problem.line, problem.column)) if problem else (0, 0)
    opened = _inside(lines, (context.line, context.column)) if context else (0, 0)
    found = _unquoted(lines, (spot[0], opened[0])) or _runs_on(said, lines, spot)
    if found:
        return found
    for explanation in (_tab, _start, _quote, _unclosed, _colon, _list, _words):
        fault = explanation(said, lines, spot, opened)
        if fault:
            return fault
    return Fault(*spot, f"this is not YAML: {said or 'it cannot be read'}")


def _inside(lines: Sequence[str], spot: Spot) -> Spot:
    """The spot itself, or the end of the last line that has anything where it lies behind that."""
    line, column = spot
    if line < len(lines) and (lines[line].strip() or column):
        return line, min(column, len(lines[line]))
    line = min(line, len(lines) - 1)
    while line > 0 and not lines[line].strip():
        line -= 1
    return line, len(lines[line].rstrip())


def _unquoted(lines: Sequence[str], suspects: Sequence[int]) -> Fault | None:
    """Bare braces are to blame where quoting them moves the error further down, or away."""
    for number in dict.fromkeys(suspects):
        fixed = braces.quoted_line(lines[number])
        if fixed is None:
            continue
        after = first_error("\n".join([*lines[:number], fixed, *lines[number + 1 :]]))
        if after is None or _last_line(after) > max(suspects):
            start, end = braces.spans(lines[number])[0]
            return Fault(number, start, braces.MESSAGE, braces.hint(lines, number), braces.CODE, end - start)
    return None


def first_error(text: str) -> yaml.MarkedYAMLError | None:
    """The first syntax error; None where there is none, or where the text is too deep to look further."""
    return _walk(text)[0]


def _walk(text: str) -> tuple[yaml.MarkedYAMLError | None, Any]:
    """The first syntax error and the last scalar's event before it.

    Too deep a text ends it: the parser takes quadratic time on nested brackets.
    """
    depth, scalar = 0, None
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            scalar = event if isinstance(event, yaml.ScalarEvent) else scalar
            if depth > DEEPEST:
                break
    except yaml.MarkedYAMLError as error:
        return error, scalar
    return None, scalar


def too_deep(error: yaml.MarkedYAMLError, text: str) -> Any:
    """The first event deeper than `DEEPEST` where the parser itself gave up on the depth, else None.

    libyaml 0.2.6 looks ahead and stops at 1,000 open brackets before it tells of the first of them.
    """
    if error.problem_mark is None or "nesting depth" not in (error.problem or ""):
        return None
    depth = 0
    for event in yaml.parse(text[: error.problem_mark.index], Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return event
    return None


def _runs_on(said: str, lines: Sequence[str], spot: Spot) -> Fault | None:
    """A text that swallowed lines before the error: a quote that was meant to end earlier, a `:` without a space."""
    _, scalar = _walk("\n".join(lines))
    if scalar is None or not scalar.start_mark.line < scalar.end_mark.line == spot[0]:
        return None
    start = (scalar.start_mark.line, scalar.start_mark.column)
    if scalar.style in ("'", '"'):
        message = f"the quote that opens here is closed only on line {spot[0] + 1}"
        return Fault(*start, message, "close it at the end of the text")
    if said != "mapping values are not allowed in this context":
        return None
    first = lines[start[0]]
    if not first[: start[1]].strip(" -"):
        return _no_member(start[0], first)
    key = lines[spot[0]][: spot[1]]
    column = len(key) - len(key.lstrip())
    message = f"this line is indented deeper than line {start[0] + 1}, so that it reads as part of the text there"
    return Fault(spot[0], column, message, "indent it as its neighbours are", length=spot[1] - column)


def _no_member(number: int, line: str) -> Fault:
    """A line that should have been `key: value`."""
    begin = len(line) - len(line.lstrip(" -"))
    missing = _TIGHT.match(line, begin)
    if missing:
        return Fault(number, missing.end(), "a space is missing after `:`", f"write `{missing.group()} …`")
    length = len(line.rstrip()) - begin
    return Fault(number, begin, "this line is no `key: value`", "write a `:` and a space after the key", length=length)


def _last_line(error: yaml.MarkedYAMLError) -> int:
    return max((mark.line for mark in (error.problem_mark, error.context_mark) if mark), default=0)


def _tab(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    line, column = spot
    written = lines[line]
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" not in indent or not ("tab" in said or column <= len(indent)):
        return None
    return Fault(line, indent.index("\t"), "a tab: YAML is indented with spaces", "replace the tab by spaces", "tab")


def _start(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    if said == "found character that cannot start any token":
        at, character = spot, lines[spot[0]][spot[1] : spot[1] + 1]
    elif said == "did not find expected alphabetic or numeric character":
        at, character = opened, lines[opened[0]][opened[1] : opened[1] + 1]
    elif said == "found undefined tag handle":
        at, character = opened, "!"
    else:
        return None
    shown = "a backtick" if character == "`" else f"`{character}`"
    return Fault(*at, f"a text cannot begin with {shown}", "put the text in quotes")


def _quote(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    if said == "found unexpected end of stream" or said == "found unexpected document indicator":
        return Fault(*opened, "the quote that opens here is never closed", "close it at the end of the text")
    if said in ("found unknown escape character", "did not find expected hexdecimal number"):
        hint = r"write `\\` for a backslash, or use single quotes, in which it means nothing special"
        return Fault(*spot, r"in double quotes `\` begins an escape, and this is none", hint, length=2)
    before = lines[spot[0]][: spot[1]].rstrip()
    if said == "did not find expected key" and before.endswith(("'", '"')):
        hint = "quote the whole value; inside single quotes write '' for '"
        return Fault(*spot, "the quotes end before this, and something follows", hint)
    return None


def _unclosed(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    for closer, what in (("]", "list"), ("}", "mapping")):
        if said == f"did not find expected ',' or '{closer}'":
            message = f"the {what} that opens here is not closed, or a comma is missing in it"
            return Fault(*opened, message, f"look for the missing `{closer}` or `,`")
    return None


def _colon(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    if said == "mapping values are not allowed in this context":
        if ": " in lines[spot[0]][: spot[1]]:
            return Fault(*spot, "a second `:` in one line", "put a text that contains `: ` in quotes")
        return Fault(*spot, "a `key:` cannot stand here", "check the indentation of this line and the one before")
    if said == "could not find expected ':'":
        return _no_member(opened[0], lines[opened[0]])
    return None


def _list(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    if said == "block sequence entries are not allowed in this context":
        return Fault(*spot, "a list cannot begin here", "write it on lines of its own, or as [a, b]")
    if said == "did not find expected '-' indicator":
        return Fault(*spot, "this line is no element of the list above it", "begin it with `- ` or indent it otherwise")
    return None


def _words(said: str, lines: Sequence[str], spot: Spot, opened: Spot) -> Fault | None:
    hints = {
        "did not find expected key": ("this line does not fit in here", "indent it as its neighbours are"),
        "did not find expected node content": ("a value is missing here", "a text that begins like this needs quotes"),
        "did not find expected comment or line break": ("after `|` or `>` the line must end", "begin on the next line"),
        "could not find expected directive name": ("a text cannot begin with `%`", "put the text in quotes"),
        "did not find expected <document start>": ("the document ended above (`...`)", "delete the `...`"),
        "found incompatible YAML document": ("this version of YAML is not known", "delete this line"),
    }
    found = hints.get(said)
    if said == "did not find expected node content" and spot[1] >= len(lines[spot[0]].rstrip()):
        found = ("the text ends inside a bracket", "look for the missing `]` or `}`")
    return Fault(*spot, found[0], found[1]) if found else None
