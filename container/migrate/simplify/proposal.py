"""A proposal: files that change or go, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Proposal:
    """One step. `files`: path in the workspace → its new text, None: it goes.

    `renamed`: the tags that go → the tag that does their work. `touched`: the tags whose requests have to be seen
    before anything is proved.
    """

    code: str
    title: str
    reason: str
    files: Mapping[str, str | None]
    renamed: Mapping[str, str] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """The row of `--format json`."""
        files = [{"file": name, "change": change(text)} for name, text in self.files.items()]
        return {"code": self.code, "title": self.title, "reason": self.reason, "files": files}


def change(text: str | None) -> str:
    """What becomes of a file."""
    return "delete" if text is None else "write"
