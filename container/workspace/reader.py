"""YAML into nodes that know their places; everything that makes YAML surprising is refused by name.

Built on the C loader's events: its `compose()` overflows the stack on deeply nested input, follows aliases and
hides explicit tags.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import container.workspace.braces as braces
import container.workspace.syntax as syntax
from container.node import Mapping, Node, Scalar, Sequence
from container.problems import Place, Problems
from container.workspace.source import read_file, source_lines, within_limit
from container.workspace.syntax import DEEPEST

MOST_PROBLEMS = 50
REMEMBERED = 1 << 16  # characters: of a file that is read once
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Stop(Exception):
    """Nothing that follows in this file is worth reading; the reason is among the problems."""


def read(path: Path, name: str, problems: Problems) -> Node | None:
    """The file's one YAML document; `name` is its path as problems show it. None: problems were added.

    An empty file is an empty unquoted Scalar.
    """
    text = read_file(path, name, problems)
    return None if text is None else read_text(text, name, problems)


def read_text(text: str, name: str, problems: Problems) -> Node | None:
    """The one YAML document of `text`, as `read`. Nobody changes a node: a file as it was gives the same ones."""
    if not within_limit(len(text), name, problems):
        return None
    known = _faultless(text, name) if len(text) <= REMEMBERED else None
    return known or _Builder(text.removeprefix("\ufeff"), name, problems).document()


@functools.lru_cache(maxsize=512)  # a reload, and most tests, find nearly all files as they were
def _faultless(text: str, name: str) -> Node | None:
    """The document of a file of which there is nothing to tell."""
    problems = Problems()
    node = _Builder(text.removeprefix("\ufeff"), name, problems).document()
    return None if len(problems) else node


class _Builder:
    """Reads one file's events, depth first."""

    def __init__(self, text: str, name: str, problems: Problems) -> None:
        self.text = text
        self.name = name
        self.lines = source_lines(text)
        self.problems = problems
        self.found = 0
        self.refused = False
        self.bare: set[int] = set()
        self.refused_at: set[Place] = set()
        self.events: Iterator[Any] = iter(())

    def document(self) -> Node | None:
        """The only document; None where something was refused."""
        self.events = yaml.parse(self.text, Loader=yaml.CSafeLoader)
        try:
            return self._document()
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except (yaml.reader.ReaderError, UnicodeEncodeError):
            self._unprintable()
        return None

    def _document(self) -> Node | None:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return Scalar(Place(self.name), "")
        node = self._node(next(self.events), 1)
        next(self.events)
        after = next(self.events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._refuse(
                "second-document",
                "a second document begins here (`---`)",
                self._place(after),
                "one file is one object: put the second one into a file of its own",
            )
        return None if self.refused else node

    def _too_deep(self, event: Any) -> None:
        message = f"this is nested more than {DEEPEST} deep"
        self._refuse("too-deep", message, self._place(event), "look for a bracket that is never closed")

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        deep = syntax.too_deep(error, self.text)
        if deep is not None:
            self._too_deep(deep)
            return
        found, lines = self._without_bare_braces(error)
        fault = syntax.explain(found, lines) if found is not None else None
        if fault is not None and fault.code == braces.CODE:
            self.bare.add(fault.line)
        for number in sorted(self.bare):
            self._tell_bare(number)
        if fault is not None:
            column = min(fault.column, len(self.lines[fault.line]))  # the line was longer with its quotes
            place = Place(self.name, fault.line + 1, column + 1, fault.length)
            self.problems.error(fault.code, fault.message, place, fault.hint)

    def _tell_bare(self, number: int) -> None:
        """Every value of the line with bare braces: the parser may have stopped at the first."""
        hint = braces.hint(self.lines, number)
        for start, end in braces.spans(self.lines[number]):
            place = Place(self.name, number + 1, start + 1, end - start)
            if place not in self.refused_at:
                self.problems.error(braces.CODE, braces.MESSAGE, place, hint)

    def _without_bare_braces(self, error: yaml.MarkedYAMLError) -> tuple[yaml.MarkedYAMLError | None, list[str]]:
        """The error that is left, and its lines, once the braces already told of stand in quotes."""
        if not self.bare:
            return error, self.lines
        lines = list(self.lines)
        for number in self.bare:
            fixed = braces.quoted_line(lines[number])
            if fixed is None:
                return None, lines
            lines[number] = fixed
        return syntax.first_error("\n".join(lines)), lines

    def _unprintable(self) -> None:
        bad = _UNPRINTABLE.search(self.text)
        before = source_lines(self.text[: bad.start()] if bad else "")
        place = Place(self.name, len(before), len(before[-1]) + 1)
        character = f"U+{ord(bad.group()):04X}" if bad else "a character"
        self.problems.error("bad-character", f"{character} may not stand in YAML", place, "delete this character")

    # --- nodes

    def _node(self, event: Any, depth: int) -> Node:
        if depth > DEEPEST:
            self._too_deep(event)
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._plain_yaml_only(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _alias(self, event: Any) -> Scalar:
        place = self._place(event)
        hint = "write the value out; a text that begins with `*` stands in quotes"
        self._refuse("alias", f"`*{event.anchor}`: YAML's aliases are not used here", place, hint)
        return Scalar(place, "")

    def _plain_yaml_only(self, event: Any) -> None:
        if event.anchor is not None:
            hint = "delete it; a text that begins with `&` stands in quotes"
            place = self._word(event, "&")
            self._refuse("anchor", f"`&{event.anchor}`: YAML's anchors are not used here", place, hint)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "delete it; a text that begins with `!` stands in quotes"
            self._refuse("tag", f"`{tag}`: YAML's tags are not used here", self._word(event, "!"), hint)

    def _scalar(self, event: Any) -> Scalar:
        place = self._place(event)
        quoted = bool(event.style)
        if not quoted and event.value.count("{{") > event.value.count("}}"):
            self._cut_at_comment(event, place)
        return Scalar(place, event.value, quoted, self.text[event.start_mark.index : event.end_mark.index])

    def _cut_at_comment(self, event: Any, place: Place) -> None:
        end = event.end_mark
        if end.line < len(self.lines) and self.lines[end.line][end.column :].lstrip().startswith("#"):
            message = "YAML cuts this text at ` #`, inside the expression"
            self._refuse(braces.CODE, message, place, braces.hint(self.lines, end.line))

    def _sequence(self, event: Any, depth: int) -> Sequence:
        sequence = Sequence(self._place(event))
        while not isinstance(child := next(self.events), yaml.SequenceEndEvent):
            sequence.items.append(self._node(child, depth + 1))
        return sequence

    def _mapping(self, event: Any, depth: int) -> Mapping:
        mapping = Mapping(self._place(event))
        while not isinstance(child := next(self.events), yaml.MappingEndEvent):
            if not mapping.keys:
                mapping.place = self._mapping_place(event, child)
            key = self._key(child, depth)
            value = self._node(next(self.events), depth + 1)
            if key is None or self._twice(mapping, key):
                continue
            mapping.keys[key.text] = key
            mapping.members[key.text] = value
        return mapping

    def _mapping_place(self, event: Any, first_key: Any) -> Place:
        return self._place(event if event.flow_style else first_key)

    def _key(self, event: Any, depth: int) -> Scalar | None:
        key = self._node(event, depth + 1) if self._may_be_key(event) else None
        if isinstance(key, Scalar) and key.text == "<<" and not key.quoted:
            hint = "write the keys out"
            self._refuse("merge-key", "`<<`: YAML's merge keys are not used here", key.place, hint)
            return None
        return key if isinstance(key, Scalar) else None

    def _may_be_key(self, event: Any) -> bool:
        if isinstance(event, yaml.AliasEvent):
            return True
        if isinstance(event, yaml.ScalarEvent):
            if event.value or event.style:
                return True
            self._refuse("bad-key", "a `:` without a key before it", self._place(event), "write `key: value`")
            return False
        self._refuse_key(event)
        self._skip(event)
        return False

    def _refuse_key(self, event: Any) -> None:
        line, column = event.start_mark.line, event.start_mark.column
        written = self.lines[line] if line < len(self.lines) else ""
        if written[column - 1 : column + 1] == "{{" and column:
            column -= 1
        if written[column : column + 2] != "{{":
            message = "a key must be a text, not a list or a mapping"
            self._refuse("bad-key", message, self._place(event), "write `key: value`")
            return
        span = braces.span(written, column)
        place = Place(self.name, line + 1, span[0] + 1, span[1] - span[0])
        self._refuse(braces.CODE, braces.MESSAGE, place, braces.hint(self.lines, line))

    def _skip(self, event: Any) -> None:
        """Read past a node that was refused."""
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 0:
                return
            if depth > DEEPEST:
                raise _Stop
            event = next(self.events)

    def _twice(self, mapping: Mapping, key: Scalar) -> bool:
        first = mapping.keys.get(key.text)
        if first is None:
            return False
        message = f"`{key.text}` stands here a second time; the first is on line {first.place.line}"
        self._found("duplicate-key", message, key.place, "keep one of the two")
        return True

    # --- places and problems

    def _place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        if start.line == end.line:
            length = end.column - start.column
        else:
            length = len(self.lines[start.line].rstrip()) - start.column if start.line < len(self.lines) else 1
        return Place(self.name, start.line + 1, start.column + 1, max(length, 1))

    def _word(self, event: Any, sign: str) -> Place:
        """The word that begins with `sign`, at or after the event's start."""
        line, column = event.start_mark.line, event.start_mark.column
        at = max(self.lines[line].find(sign, column), column)
        return Place(self.name, line + 1, at + 1, len(self.lines[line][at:].split(maxsplit=1)[0]))

    def _refuse(self, code: str, message: str, place: Place, hint: str) -> None:
        self.refused = True
        self.refused_at.add(place)
        if code == braces.CODE:
            self.bare.add(place.line - 1)
        self._found(code, message, place, hint)

    def _found(self, code: str, message: str, place: Place, hint: str) -> None:
        self.problems.error(code, message, place, hint)
        self.found += 1
        if self.found >= MOST_PROBLEMS:
            raise _Stop
