"""Workspaces and what can be made simpler in them, one case a file.

A case is a workspace (`---- its/path` and the file), then `---- proposals` with a line for each one, in order: `code:
title`, then perhaps ` | words of its reason`; `---- becomes its/path` with a whole file as it is then, `---- gone` with
the paths of files that are no more. What is left must build, and there must be nothing more to do.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from container.errors import WorkspaceError
from container.event import Request
from container.migrate.simplify import simplify
from container.migrate.simplify.run import Simplified

CASES = sorted((Path(__file__).parents[2] / "simplifications").glob("*.case"))
HEADER = re.compile(r"^---- (.*)\n", re.MULTILINE)
ENVIRON = {"META_ACCESS_TOKEN": "not-a-token"}


def parts_of(path: Path) -> dict[str, str]:
    _, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def written(folder: Path, parts: dict[str, str]) -> Path:
    for name, text in parts.items():
        if name != "proposals" and name != "gone" and not name.startswith("becomes "):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def carry_out(folder: Path, found: Simplified) -> None:
    for name, text in found.files.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path, tmp_path: Path) -> None:
    parts = parts_of(path)
    folder = written(tmp_path, parts)
    found = simplify(folder, ENVIRON)
    wanted = parts["proposals"].splitlines()
    assert [f"{one.code}: {one.title}" for one in found.proposals] == [line.partition(" | ")[0] for line in wanted]
    for line, one in zip(wanted, found.proposals, strict=True):
        assert line.partition(" | ")[2] in one.reason
    carry_out(folder, found)
    for header, text in parts.items():
        if header.startswith("becomes "):
            assert (folder / header.removeprefix("becomes ")).read_text() == text
    assert not [name for name in parts.get("gone", "").split() if (folder / name).exists()]
    assert simplify(folder, ENVIRON).proposals == []


def test_recorded_traffic_counts(tmp_path: Path) -> None:
    """Here the table is a copy for all generated events: only a recorded one has the name that differs."""
    parts = parts_of(CASES[0].parent / "names_copied.case")
    folder = written(tmp_path, parts)
    names = "{lookup: '{{ event.event_name }}', table: {a: a}, default: '{{ event.event_name | lower }}'}"
    (folder / "variables/names.yaml").write_text(names)
    assert [one.code for one in simplify(folder, ENVIRON).proposals] == ["copied-names"]
    loud = Request(
        "POST",
        "/events",
        body=b'{"event_name": "Loud"}',
        headers={"content-type": "application/json"},
        received=1_795_600_000.0,
    )
    assert simplify(folder, ENVIRON, [loud]).proposals == []


def test_a_workspace_with_errors(tmp_path: Path) -> None:
    folder = written(tmp_path, parts_of(CASES[0].parent / "used_variables.case"))
    (folder / "tags/own.yaml").write_text("template: nobody_wrote_it\ntriggers: [all_events]\n")
    with pytest.raises(WorkspaceError):
        simplify(folder, ENVIRON)


def test_nothing_is_changed(tmp_path: Path) -> None:
    folder = written(tmp_path, parts_of(CASES[0].parent / "unused_trigger.case"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert simplify(folder, ENVIRON).proposals
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
