"""Fragments of exports and what becomes of them, one case a file.

A case is a fragment of `containerVersion`, then what is expected: `---- its/path` with the whole file, `---- part of
its/path` with lines that stand in it in this order, `---- no its/path`, `---- env` with lines of `.env`, `---- report`
with a line for an object: `kind NAME: grade`, then perhaps ` | words of its notes`. Every leaf of a fragment is used or
set aside by a rule, unless the case says `---- not understood` and how many are not.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from container.migrate.export import parse
from container.migrate.output import files_of
from container.migrate.references import NAMES
from container.migrate.result import Result
from container.migrate.run import converted

CASES = sorted((Path(__file__).parents[1] / "migrations").glob("*.case"))
HEADER = re.compile(r"^---- (.*)\n", re.MULTILINE)
REPORTED = re.compile(r"(?P<kind>\w+) (?P<name>.+?): (?P<grade>[a-z, ]+?)(?: \| (?P<note>.+))?")


def export_of(fragment: str) -> bytes:
    """An export with this fragment in it; a server container's, unless it says otherwise."""
    built_in = [{"type": type, "name": name} for name, type in NAMES.items()]
    container = {"publicId": "GTM-TEST", "usageContext": ["SERVER"]}
    version = {"builtInVariable": built_in, "container": container, **json.loads(fragment)}
    return json.dumps({"exportFormatVersion": 2, "containerVersion": version}).encode()


def missing_line(part: str, text: str) -> str:
    """The first line of `part` that `text` does not have behind the one before; empty where it has all."""
    rest = [line.strip() for line in text.splitlines()]
    for line in part.strip("\n").splitlines():
        if line.strip() not in rest:
            return line
        rest = rest[rest.index(line.strip()) + 1 :]
    return ""


def check_report(lines: str, result: Result) -> None:
    for line in lines.strip().splitlines():
        wanted = REPORTED.fullmatch(line)
        assert wanted, line
        found = [one for one in result.entries if (one.kind, one.name) == (wanted["kind"], wanted["name"])]
        assert found, f"the report has no {wanted['kind']} {wanted['name']}"
        graded = [one for one in found if one.grade == wanted["grade"]]
        assert graded, (found[0].grade, found[0].notes)
        assert any((wanted["note"] or "") in " · ".join(one.notes) for one in graded), graded[0].notes


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path) -> None:
    fragment, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    expected = dict(zip(parts[::2], parts[1::2], strict=True))
    result = converted(parse(export_of(fragment)))
    files = files_of(result)
    assert expected, "the case expects nothing"
    for header, text in expected.items():
        verb, _, name = header.rpartition(" ")
        if header == "report":
            check_report(text, result)
        elif header == "env":
            assert missing_line(text, files[".env"]) == ""
        elif verb == "part of":
            assert missing_line(text, files[name]) == "", files[name]
        elif verb == "no":
            assert name not in files
        elif header != "not understood":
            assert files[header] == text
    wanted = int(expected.get("not understood", "0"))
    assert result.leaves["not_understood"] == wanted, result.not_understood
    assert result.leaves["total"] == sum(count for key, count in result.leaves.items() if key != "total")
    assert not [remark for remark in result.remarks if remark.startswith("`check` says")]


def test_the_cases_are_many() -> None:
    assert len(CASES) >= 150
