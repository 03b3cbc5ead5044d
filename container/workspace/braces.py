"""`{{ }}` without quotes: YAML reads it as a mapping, fails on it, or cuts it at `#`.

Looks at the source line and writes it as it should stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

CODE = "unquoted-braces"
LONGEST = 2000
MESSAGE = "an expression without quotes: YAML takes `{{` for the start of a mapping"
_OPENERS = {"[": "]", "{": "}"}
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""")
# `key:"{{`, `key "{{`, `key:{{`: what is missing is the space or the `:`
_NO_MEMBER = re.compile(r"""\s*[\w-]+(:?\s*["']|:)""")
_CLOSING = re.compile(r"[\s,\]}]*$")


def hint(lines: Sequence[str], number: int) -> str:
    """What to write instead of the line `number` (from 0)."""
    fixed = quoted_line(lines[number]) if number < len(lines) else None
    if fixed is None:
        return 'put the whole value in quotes: "{{ … }}"'
    return f"write it as: {fixed.strip()}"


def quoted_line(line: str) -> str | None:
    """The line with quotes around each value that holds a bare `{{`; None where there is none to be seen."""
    found = spans(line)
    if not found:
        return None
    for start, end in reversed(found):
        line = line[:start] + _quoted(line[start:end]) + line[end:]
    return line


def span(line: str, column: int) -> tuple[int, int]:
    """Where the value around `column` (from 0) begins and ends."""
    for start, end in spans(line):
        if start <= column < end:
            return start, end
    return column, column + 2


def _quoted(value: str) -> str:
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def spans(line: str) -> list[tuple[int, int]]:
    """The values of one line that hold a bare `{{` and its `}}`; none in a line nobody wrote by hand."""
    found: list[tuple[int, int]] = []
    line = line if len(line) <= LONGEST else ""
    closers: list[str] = []
    start = at = _past_indent(line, 0)
    while at < len(line):
        character = line[at]
        if line.startswith("{{", at):
            end = _value_end(line, at, bool(closers))
            if end is None or _NO_MEMBER.fullmatch(line[:at]):
                return found
            found.append((start, end))
            at = end
        elif at == start and character in "'\"":
            token = _TOKEN.match(line, at)
            at = token.end() if token else len(line)
        elif character == "#" and (at == 0 or line[at - 1].isspace()):
            break
        elif at == start and character in _OPENERS:
            closers.append(_OPENERS[character])
            start = at = _past_space(line, at + 1)
        elif closers and character in ",]}":
            if character != ",":
                closers.pop()
            start = at = _past_space(line, at + 1)
        elif character == ":" and (at + 1 == len(line) or line[at + 1] in " \t" or line[at - 1] in "\"'"):
            start = at = _past_space(line, at + 1)
        else:
            at += 1
    return found


def _past_indent(line: str, at: int) -> int:
    """Past the indentation and the dashes of list elements."""
    at = _past_space(line, at)
    while line.startswith("- ", at):
        at = _past_space(line, at + 2)
    return at


def _past_space(line: str, at: int) -> int:
    while at < len(line) and line[at] in " \t":
        at += 1
    return at


def _value_end(line: str, at: int, inside: bool) -> int | None:
    """Where the value whose first `{{` is at `at` ends; `inside`: between brackets of the same line."""
    closed = _expression_end(line, at)
    if closed is None:
        return None
    position = closed
    while position < len(line):
        if line.startswith("{{", position):
            further = _expression_end(line, position)
            if further is None:
                return None
            position = closed = further
        elif (inside and line[position] in ",]}") or (line[position] == "#" and line[position - 1].isspace()):
            break
        else:
            position += 1
    if not inside and _CLOSING.match(line, closed):
        return closed
    return len(line[:position].rstrip())


def _expression_end(line: str, at: int) -> int | None:
    """The end of the `}}` that closes the `{{` at `at`; texts inside the expression are passed over."""
    position = at + 2
    while position < len(line):
        if line.startswith("}}", position):
            return position + 2
        token = _TOKEN.match(line, position) if line[position] in "'\"" else None
        position = token.end() if token else position + 1
    return None
