"""The words of an expression, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Fault(Exception):
    """Why an expression cannot be read: at which offset, and what to write instead."""

    at: int
    length: int
    message: str
    hint: str = ""


Kind = Literal["name", "key", "number", "text", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is as written, without quotes for texts and without the dot for keys."""

    kind: Kind
    text: str
    at: int
    length: int


_token = re.compile(
    r"""\s*(?:
      (?P<name>[^\W\d]\w*)
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | \.(?P<key>[\w$-]+)
    | '(?P<single>[^']*)' | "(?P<double>[^"]*)"
    | (?P<sign>\?\?|==|!=|<=|>=|\|\||[|()\[\],:<>])
    )""",
    re.VERBOSE,
)
_AND_OR = "write `and`, `or`, `not`"
_NO_ARITHMETIC = "there is no arithmetic: use a normaliser, for instance sum(price, quantity)"
_INSTEAD = {
    "=": "write `==` to compare",
    "&": _AND_OR,
    "!": _AND_OR,
    "+": _NO_ARITHMETIC,
    "-": _NO_ARITHMETIC,
    "*": _NO_ARITHMETIC,
    "/": _NO_ARITHMETIC,
    "%": _NO_ARITHMETIC,
    "?": "`a ?? b` is the first that is present; to choose, use `lookup` or `$if`",
    "{": "the braces stand only around the whole expression",
    "}": "the braces stand only around the whole expression",
    ".": "a key follows the dot at once: `event.value`",
    "$": 'a key with other letters is written event["$key"]',
}


def tokens(text: str) -> list[Token]:
    """All words, the last one is of kind `end`. Raises `Fault` at what is no word."""
    found: list[Token] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _token.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        found.append(_made(match))
        position = match.end()
    found.append(Token("end", "", end, 1))
    return found


def _made(match: re.Match[str]) -> Token:
    group = match.lastgroup or ""
    at = match.start() + len(match[0]) - len(match[0].lstrip())
    if group == "sign" and match[group] == "||":
        raise Fault(at, 2, "`||` is no sign of this language", _AND_OR)
    kind: Kind = "text" if group in ("single", "double") else group  # type: ignore[assignment]
    return Token(kind, match[group], at, match.end() - at)


def _unreadable(text: str, position: int) -> Fault:
    at = position + len(text[position:]) - len(text[position:].lstrip())
    sign = text[at]
    if sign in "'\"":
        return Fault(at, len(text) - at, f"the text that starts with {sign} does not end", f"add the closing {sign}")
    return Fault(at, 1, f"`{sign}` is no sign of this language", _INSTEAD.get(sign, ""))
