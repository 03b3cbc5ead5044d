"""What a migration made: files, and what became of each object of the export."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from container.workspace.writer import comment_lines, write

CONVERTED = "converted"
NOTE = "converted, with a note"
HAND = "needs your hand"
BROWSER = "stays in the browser"
UNSUPPORTED = "unsupported"
_TODO = re.compile(r"`(TODO_\w+)`")
GRADES = (CONVERTED, NOTE, HAND, BROWSER, UNSUPPORTED)


@dataclass
class Entry:
    """An object of the export and what became of it. `file` and `line`: where it is now, empty and 0: nowhere."""

    kind: str
    id: str
    name: str
    type: str = ""
    grade: str = CONVERTED
    file: str = ""
    line: int = 0
    notes: list[str] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Something differs from GTM."""
        if text not in self.notes:
            self.notes.append(text)
        if self.grade == CONVERTED:
            self.grade = NOTE

    def hand(self, text: str) -> None:
        """A person has to do something: `check` is red until then."""
        if text not in self.notes:
            self.notes.append(text)
        if text not in self.todo:
            self.todo.append(text)
        self.grade = HAND

    def settle(self, names: Collection[str]) -> None:
        """What waited for nothing but these `TODO_…` names has been done."""
        for text in list(self.todo):
            waits_for = _TODO.findall(text)
            if waits_for and all(name in names for name in waits_for):
                self.todo.remove(text)
                self.notes[self.notes.index(text)] = f"done by hand: {text.partition(' (until then')[0]}"
        if self.grade == HAND and not self.todo:
            self.grade = NOTE

    def left(self, grade: str, reason: str) -> None:
        """It is not in the workspace at all."""
        self.grade = grade
        if reason not in self.notes:
            self.notes.append(reason)

    def as_json(self) -> dict[str, Any]:
        """The row of `--format json`."""
        keys = ("kind", "id", "name", "grade", "file", "line", "notes")
        return {key: getattr(self, key) for key in keys}


@dataclass(frozen=True)
class Document:
    """A YAML file: its value and the comment above it."""

    value: Any
    comment: str = ""

    def text(self) -> str:
        """As it is written."""
        return write(self.value, self.comment)

    @property
    def first_line(self) -> int:
        """Where the value begins."""
        return len(comment_lines(self.comment, "")) + 1


@dataclass
class Result:
    """All of it. `files`: path → text; `env`: what belongs into `.env`, empty where it must be filled in."""

    name: str
    web: bool
    leaves: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    not_understood: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    env_why: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # name → where it was found
    remarks: list[str] = field(default_factory=list)  # of the container as a whole

    def count(self, grade: str) -> int:
        """How many objects have this grade."""
        return sum(1 for entry in self.entries if entry.grade == grade)

    @property
    def done(self) -> bool:
        """Whether nothing needs a person's hand."""
        return not self.count(HAND)
