"""A file's bytes into text and its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from container.problems import Problems
from container.workspace import reader, source


@pytest.mark.parametrize(
    ("data", "code", "line", "column", "said"),
    [
        (b"a: b\nc: \xc3\xa4\xff\n", "not-utf8", 2, 5, "0xff"),
        (b"\xef\xbb\xbfa: \xff\n", "not-utf8", 1, 4, "0xff"),
        (b"\xff\xfea\x00:\x00", "not-utf8", 1, 1, "UTF-16"),
        (b"a: b\nb: \x00\n", "bad-character", 2, 4, ""),
        (b"a: " + b"x" * source.LARGEST, "too-large", 1, 1, "larger than 2 MB"),
    ],
)
def test_bytes_that_are_no_text(
    tmp_path: Path, data: bytes, code: str, line: int, column: int, said: str
) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    problems = Problems()
    assert reader.read(path, "f.yaml", problems) is None
    (problem,) = problems
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert said in problem.message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    problems = Problems()
    assert reader.read(tmp_path / "missing.yaml", "tags/missing.yaml", problems) is None
    (problem,) = problems
    assert (problem.file, problem.code) == ("tags/missing.yaml", "unreadable-file")



def test_text_without_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa4\r\n")
    problems = Problems()
    assert source.read_file(path, "f.yaml", problems) == "a: ä\r\n"
    assert not len(problems)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\x85b\u2028c\u2029", ["a", "b", "c", ""]),
        ("a\x0bb\x0cc", ["a\x0bb\x0cc"]),
        ("\ufeffa\n", ["a", ""]),
        ("", [""]),
    ],
)
def test_lines_break_where_yaml_breaks_them(text: str, lines: list[str]) -> None:
    assert source.source_lines(text) == lines


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    problems = Problems()
    assert source.read_file(tmp_path, "tags/x.yaml", problems) is None
    [problem] = problems
    assert (problem.code, problem.file) == ("unreadable-file", "tags/x.yaml")
