"""One case, one file: what was written, and what is printed about it.

A case is a YAML text, or a workspace of files each under a line `---- its/path`; `---- environment NAME` chooses an
environment. Behind `---- expected` stands the report.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from container.cli import report
from container.problems import Problems
from container.workspace import documents, reader, source

CASES = sorted((Path(__file__).parent / "problems").glob("*.case"))
HEADER = re.compile(r"^---- (.+)\n", re.MULTILINE)


def sections(case: str) -> list[tuple[str, str]]:
    """The headers of a case and the texts under them; the text before the first header has none."""
    found = HEADER.split(case)
    return list(zip(["", *found[1::2]], found[::2], strict=True))


def reported(parts: list[tuple[str, str]], folder: Path) -> str:
    problems = Problems()
    files = {name: text for name, text in parts if name and not name.startswith("environment ")}
    if not files:
        text = parts[0][1]
        reader.read_text(text, "input.yaml", problems)
        return report.text(problems, {"input.yaml": source.source_lines(text)})
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    environment = next((name.partition(" ")[2] for name, _ in parts if name.startswith("environment ")), None)
    workspace = documents.load(folder, problems, None, environment)
    return report.text(problems, workspace.lines)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path: Path, tmp_path: Path) -> None:
    *parts, (last, expected) = sections(path.read_text())
    assert last == "expected"
    assert reported(parts, tmp_path) == expected


def test_a_case_for_every_refusal() -> None:
    told = set(re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", "".join(path.read_text() for path in CASES), re.M))
    assert told >= {
        *("alias", "anchor", "bad-key", "duplicate-key", "merge-key", "second-document", "tab", "tag"),
        *("too-deep", "unquoted-braces", "yaml-syntax", "bad-character"),
        *("duplicate-id", "empty-value", "near-miss-folder", "unknown-key", "wrong-type"),
        *("unknown-environment", "unknown-parameter", "unknown-tag"),
    }


def test_every_code_is_on_the_page_of_the_workspace() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workspace.md").read_text()
    listed = set(re.findall(r"`([a-z0-9-]+)`", " ".join(re.findall(r"^\| (`.*?) \|", page, re.M))))
    found = set()
    for path in (Path(__file__).parents[2] / "container" / "workspace").glob("*.py"):
        found |= set(re.findall(r'(?:error|warning|_refuse|_found)\(\s*"([a-z0-9-]+)"', path.read_text()))
    assert {"alias", "no-container", "unknown-tag", "wrong-type"} <= found <= listed
