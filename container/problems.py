"""What is wrong with a workspace, where, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file the user wrote: path relative to the workspace; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def moved(self, offset: int, length: int = 1) -> Place:
        """The place `offset` characters further on the same line."""
        return Place(self.file, self.line, self.column + offset, length)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of `check`. `code` is a stable kebab-case name; `hint` says what to write instead."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: str = "error"
    length: int = 1

    def as_json(self) -> dict[str, str | int]:
        """The row of `check --format json` (DESIGN §7)."""
        keys = ("file", "line", "column", "severity", "code", "message", "hint")
        return {key: getattr(self, key) for key in keys}


class Problems:
    """Gathers every problem of a workspace, so that all are told at once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def error(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Note what keeps the container from starting."""
        self._add(code, message, place, hint, "error")

    def warning(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Note what is allowed and probably not meant."""
        self._add(code, message, place, hint, "warning")

    def _add(self, code: str, message: str, place: Place, hint: str, severity: str) -> None:
        problem = Problem(
            place.file, place.line, place.column, code, message, hint, severity, max(place.length, 1)
        )
        self._found[problem] = None

    @property
    def errors(self) -> list[Problem]:
        """Those that keep the container from starting."""
        return [problem for problem in self if problem.severity == "error"]

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found, key=lambda found: (found.file, found.line, found.column)))

    def __len__(self) -> int:
        return len(self._found)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant by `word`; empty where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.65)
    if not near:
        near = [name for name in names if name.lower() == word.lower()][:1]
    return near[0] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the known word nearest to `word`; empty where none is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else ""
