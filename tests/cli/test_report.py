from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from container.cli import report
from container.problems import Place, Problem, Problems

HERE = Place("tags/meta_purchase.yaml", 3, 12, 7)
LINES = {"tags/meta_purchase.yaml": ["name: Meta", "template: x", "triggers: [purchse]"]}


def told(place: Place = HERE, hint: str = "did you mean `purchase`?") -> Problems:
    problems = Problems()
    problems.error("unknown-trigger", "no file defines the trigger `purchse`", place, hint)
    return problems


def test_the_line_the_caret_and_the_hint() -> None:
    assert report.text(told(), LINES) == (
        "error[unknown-trigger]: no file defines the trigger `purchse`\n"
        "  --> tags/meta_purchase.yaml:3:12\n"
        "   |\n"
        " 3 | triggers: [purchse]\n"
        "   |            ^^^^^^^ did you mean `purchase`?\n"
        "\n"
    )


def test_margins_are_as_wide_as_the_number() -> None:
    found = report.text(told(Place("a.yaml", 120, 1), hint=""), {"a.yaml": ["x"] * 120})
    assert found.splitlines()[1:] == ["    --> a.yaml:120:1", "     |", " 120 | x", "     | ^", ""]


@pytest.mark.parametrize("place", [Place("a.yaml"), Place("tags/meta_purchase.yaml", 4), Place("b.yaml", 2)])
def test_without_a_line_the_hint_stands_alone(place: Place) -> None:
    found = report.text(told(place), {**LINES, "b.yaml": ["x", "  "]})
    assert found.splitlines()[1:] == [f"  --> {place.file}:{place.line}:1", "   = did you mean `purchase`?", ""]
    assert report.text(told(place, hint=""), {}).count("\n") == 3


@pytest.mark.parametrize(
    ("line", "column", "length", "shown", "marks"),
    [
        ("a: b", 4, 99, "a: b", "   ^"),
        ("a: b", 99, 1, "a: b", "    ^"),
        ("\ta: b", 5, 1, " a: b", "    ^"),
        ("漢字: ä̈b c", 5, 3, "漢字: ä̈b c", "      ^^"),
        ("漢字: b", 1, 2, "漢字: b", "^^^^"),
        ("a: \x1b[31mb", 4, 1, "a: �[31mb", "   ^"),
    ],
)
def test_the_caret_stands_under_the_spot(line: str, column: int, length: int, shown: str, marks: str) -> None:
    found = report.text(told(Place("a.yaml", 1, column, length), hint=""), {"a.yaml": [line]}).splitlines()
    assert found[3:5] == [f" 1 | {shown}", f"   | {marks}"]


@pytest.mark.parametrize("column", [1, 300, 900, 1000])
def test_a_long_line_is_shown_around_the_spot(column: int) -> None:
    line = "".join(chr(ord("a") + at % 26) for at in range(1000))
    found = report.text(told(Place("a.yaml", 1, column, 3), hint=""), {"a.yaml": [line]}).splitlines()
    assert len(found[3]) <= report.WIDEST + 10
    at = found[4].index("^")
    assert found[3][at] == line[column - 1]


def test_what_a_terminal_would_act_on_is_not_printed() -> None:
    problems = Problems()
    problems.error("code", "bad \x1b[2J text", Place("f\x07.yaml"), "\x9bhint")
    assert report.text(problems, {}) == "error[code]: bad �[2J text\n  --> f�.yaml:1:1\n   = �hint\n\n"


def test_machines_get_rows() -> None:
    assert report.as_json(told()) == {
        "problems": [
            {
                "file": "tags/meta_purchase.yaml",
                "line": 3,
                "column": 12,
                "severity": "error",
                "code": "unknown-trigger",
                "message": "no file defines the trigger `purchse`",
                "hint": "did you mean `purchase`?",
            }
        ]
    }


@pytest.mark.parametrize(
    ("severities", "said"),
    [
        ([], "no problems"),
        (["error"], "1 error"),
        (["warning", "error", "error"], "2 errors, 1 warning"),
        (["warning", "warning"], "2 warnings"),
    ],
)
def test_the_summary_counts(severities: list[str], said: str) -> None:
    assert report.summary(Problem("a", 1, 1, "c", "m", severity=each) for each in severities) == said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_the_same_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    problems = told()
    problems.warning("odd", "a [bold]markup[/bold] :smile: " + "x" * 300, Place("a.yaml", 2))
    out = Terminal()
    report.write(problems, LINES, out)
    assert "\x1b[1;31merror[unknown-trigger]\x1b[0m" in out.getvalue()
    assert re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()) == report.text(problems, LINES)


def test_lines_are_read_from_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "meta_purchase.yaml").write_text("\ufeffname: Meta\r\ntemplate: x\r\ntriggers: [purchse]\r\n")
    out = io.StringIO()
    report.show(told(), tmp_path, out)
    assert out.getvalue() == report.text(told(), LINES)


def test_lines_are_read_from_the_gallery(tmp_path: Path) -> None:
    lines = report.SourceLines(tmp_path)
    assert any(line.startswith("request:") for line in lines["gallery/meta_conversions_api.yaml"])
    assert list(lines) == ["gallery/meta_conversions_api.yaml"]
    assert any(line.startswith("topic:") for line in lines["webhooks/stripe.yaml"])
    assert len(lines) == 2


@pytest.mark.parametrize("name", [".env", "missing.yaml", "tags", "container.yaml"])
def test_no_other_file_is_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / ".env").write_text("TOKEN=hush\n")
    (tmp_path / "container.yaml").mkdir()
    assert report.SourceLines(tmp_path)[name] == []
