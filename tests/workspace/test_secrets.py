from __future__ import annotations

from pathlib import Path

import pytest

from container.errors import WorkspaceError
from container.problems import Problems
from container.workspace import secrets


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "secrets"
    folder.mkdir(parents=True)
    return folder


def test_the_first_source_wins(tmp_path: Path, files: Path) -> None:
    (tmp_path / ".env").write_text("ONE=dotenv\nTWO=dotenv\nTHREE=dotenv\n")
    (files / "ONE").write_text("file")
    (files / "TWO").write_text("file\n")
    found = secrets.environment(tmp_path, {"ONE": "environment"}, files)
    assert dict(found) == {"ONE": "environment", "TWO": "file", "THREE": "dotenv"}
    assert len(found) == 3


def test_an_empty_value_is_none_at_all(tmp_path: Path, files: Path) -> None:
    (tmp_path / ".env").write_text("ONE=dotenv\nTWO=\nTHREE\n")
    (files / "TWO").write_text("\n")
    found = secrets.environment(tmp_path, {"ONE": "", "TWO": ""}, files)
    assert dict(found) == {"ONE": "dotenv"}
    assert "TWO" not in found
    with pytest.raises(KeyError):
        found["THREE"]


def test_env_files_are_read_as_written(tmp_path: Path, files: Path) -> None:
    text = "\ufeff# comment\nexport A=plain\nB='single $A ${A}'\nC=\"two\\nlines\"\nD=with space # comment\nE=p#w\n"
    (tmp_path / ".env").write_text(text)
    found = secrets.environment(tmp_path, {}, files)
    assert dict(found) == {"A": "plain", "B": "single $A ${A}", "C": "two\nlines", "D": "with space", "E": "p#w"}


def test_a_line_that_says_nothing_is_told_without_what_stands_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text('# comment\nA: hush\n\n\nB="hush\nC=3\nexport D=4\nE=\n')
    problems = Problems()
    secrets.check_lines(tmp_path, problems)
    assert [(found.file, found.line, found.code, found.severity) for found in problems] == [
        (".env", 2, "env-line", "warning"),
        (".env", 5, "env-line", "warning"),
    ]
    assert "hush" not in "".join(found.message + found.hint for found in problems)
    assert dict(secrets.environment(tmp_path, {}, tmp_path / "none")) == {"C": "3", "D": "4"}
    assert caplog.text == ""
    secrets.check_lines(tmp_path / "none", problems)


def test_only_the_line_break_is_cut_from_a_secret_file(tmp_path: Path, files: Path) -> None:
    (files / "JSON").write_text('{"a": 1}\r\n')
    (files / "SPACED").write_text(" x \n")
    found = secrets.environment(tmp_path, {}, files)
    assert found["JSON"] == '{"a": 1}'
    assert found["SPACED"] == " x "


@pytest.mark.parametrize("name", ["../outside", "..", ".", "", ".hidden", "/etc/passwd", "a/b", "folder", "a\0b"])
def test_a_name_reaches_no_other_file(tmp_path: Path, files: Path, name: str) -> None:
    (files.parent / "outside").write_text("x")
    (files / ".hidden").write_text("x")
    (files / "folder").mkdir()
    (files / "folder" / "b").write_text("x")
    assert name not in secrets.environment(tmp_path, {}, files)


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path, files: Path) -> None:
    found = secrets.environment(tmp_path, {"A": "1"}, files)
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    assert found["A"] == "1"
    with pytest.raises(WorkspaceError, match=r"^\.env: this file is not UTF-8$"):
        found["B"]


def test_no_value_is_shown(tmp_path: Path, files: Path) -> None:
    (tmp_path / ".env").write_text("TOKEN=hush\n")
    found = secrets.environment(tmp_path, {"OTHER": "hush"}, files)
    assert found["TOKEN"] == "hush"
    assert "hush" not in repr(found) + str(found)


def test_without_any_source_there_is_nothing(tmp_path: Path) -> None:
    assert dict(secrets.environment(tmp_path / "none", {}, tmp_path / "nowhere")) == {}
