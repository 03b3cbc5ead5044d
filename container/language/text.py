"""Literal text and `{{ expressions }}` of one scalar, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from container.language.expression import Context, Expression, parse_located
from container.node import Scalar
from container.problems import Place

# up to the braces that close it; braces in quotes do not
_expression = re.compile(r"""\{\{((?:[^'"}]|'[^']*'|"[^"]*"|\}(?!\}))*)\}\}""")
_any_closed = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: literal, or the inside of braces. `at` is its offset in the scalar's text."""

    text: str
    at: int
    is_expression: bool


def pieces(node: Scalar, context: Context) -> list[Piece] | None:
    """The parts of the text in their order; None: problems were added."""
    text = node.text
    if "{{" not in text and "}}" not in text:
        return [Piece(text, 0, False)] if text else []
    found: list[Piece] = []
    position = 0
    while (opening := text.find("{{", position)) >= 0:
        match = _expression.match(text, opening) or _any_closed.match(text, opening)
        if match is None:
            _unpaired(node, opening, "{{", context)
            return None
        if not _literal(node, text, position, opening, found, context):
            return None
        found.append(Piece(match[1], match.start(1), True))
        position = match.end()
    return found if _literal(node, text, position, len(text), found, context) else None


def _literal(node: Scalar, text: str, start: int, end: int, found: list[Piece], context: Context) -> bool:
    stray = text.find("}}", start, end)
    if stray >= 0:
        _unpaired(node, stray, "}}", context)
        return False
    if start < end:
        found.append(Piece(text[start:end], start, False))
    return True


def _unpaired(node: Scalar, at: int, braces: str, context: Context) -> None:
    message = f"`{braces}` has no `{'}}' if braces == '{{' else '{{'}`"
    hint = f"close the expression with }}}}; braces that are meant as text are written {{{{ '{braces}' }}}}"
    context.problems.error("unpaired-braces", message, place_in(node, at, 2), hint)


def parts(node: Scalar, context: Context) -> list[str | Expression] | None:
    """Literal texts and compiled expressions in their order; None: problems were added."""
    split = pieces(node, context)
    if split is None:
        return None
    made = [_part(node, piece, context) for piece in split]
    return None if None in made else [part for part in made if part is not None]


def _part(node: Scalar, piece: Piece, context: Context) -> str | Expression | None:
    if not piece.is_expression:
        return piece.text

    def locate(offset: int, length: int) -> Place:
        return place_in(node, piece.at + offset, length)

    return parse_located(piece.text, locate, context)


def place_in(node: Scalar, offset: int, length: int) -> Place:
    """Where the text's character at `offset` stands in the file."""
    if node.raw:
        return _in_raw(node, offset, length)
    if "\n" not in node.text:
        return node.place.moved(offset + node.quoted, length)
    before = node.text[:offset]
    line = node.place.line + 1 + before.count("\n")
    return Place(node.place.file, line, offset - before.rfind("\n"), length)


def _in_raw(node: Scalar, offset: int, length: int) -> Place:
    before = node.raw[: _raw_offset(node.text, node.raw, offset)]
    lines = before.count("\n")
    column = len(before) - before.rfind("\n") if lines else node.place.column + len(before)
    return Place(node.place.file, node.place.line + lines, column, length)


def _raw_offset(text: str, raw: str, offset: int) -> int:
    """Where `text[offset]` stands in `raw`: letters are looked up in turn, what YAML adds between is passed over."""
    position = raw.find("\n") + 1 if raw[:1] in ("|", ">") else 0
    for sign in text[:offset]:
        position = _after(sign, raw, position)
    here = text[offset : offset + 1]
    return position if not here or here.isspace() else max(_after(here, raw, position) - 1, 0)


def _after(sign: str, raw: str, position: int) -> int:
    found = -1 if sign.isspace() else raw.find(sign, position)
    return found + 1 if found >= 0 else position
