"""`check` on broken workspaces: every fault named in one run, with the right file, line and column, and nothing else.

A case lays files over the starter, each under a line `---- its/path` (`---- remove its/path` takes one away,
`---- environment NAME` chooses an environment). Behind `---- expected` stands every problem, one a line:
`file:line:column code «the word under the carets» words of the message or the hint`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

Tagport = Callable[..., Result]

CASES = sorted((Path(__file__).parent / "broken").glob("*.case"))
KEYS = ["file", "line", "column", "severity", "code", "message", "hint"]
HEADER = re.compile(r"^---- (.+)\n", re.MULTILINE)
EXPECTED = re.compile(r"(?P<at>\S+:\d+:\d+) (?P<code>[\w-]+)(?: «(?P<word>.*?)»)?(?: (?P<said>.*))?")
TOLD = re.compile(
    r"^(?:error|warning)\[(?P<code>[\w-]+)\]: (?P<message>.*)\n +--> (?P<at>.+:\d+:\d+)\n(?P<shown>(?:.+\n)*)",
    re.MULTILINE,
)


def laid_over(case: str, shop: Path) -> tuple[list[str], list[str]]:
    """The case's files over the starter: the arguments of `check`, and the expected lines."""
    _, *parts = HEADER.split(case)
    options: list[str] = []
    for header, text in zip(parts[:-2:2], parts[1:-2:2], strict=True):
        verb, _, name = header.rpartition(" ")
        if verb == "environment":
            options = ["--env", name]
        elif verb == "remove":
            (shop / name).unlink()
        else:
            (shop / name).parent.mkdir(parents=True, exist_ok=True)
            (shop / name).write_text(text)
    assert parts[-2] == "expected"
    return options, parts[-1].splitlines()


def told(output: str, shop: Path) -> Iterator[tuple[str, str, str, str]]:
    """Place, code, the word under the carets, and all that is said, of each problem printed."""
    for found in TOLD.finditer(output):
        carets = re.search(r"^ +\| +(\^+)(.*)", found["shown"], re.MULTILINE)
        yield found["at"], found["code"], marked(found["at"], carets, shop), f"{found['message']} {found['shown']}"


def marked(at: str, carets: re.Match[str] | None, shop: Path) -> str:
    """What stands in the file where the carets are."""
    if carets is None:
        return ""
    name, line, column = at.rsplit(":", 2)
    start = int(column) - 1
    return (shop / name).read_text().split("\n")[int(line) - 1][start : start + len(carets[1])]


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_every_fault_and_nothing_else(path: Path, shop: Path, tagport: Tagport) -> None:
    options, lines = laid_over(path.read_text(), shop)
    result = tagport("check", shop, *options)
    expected = [found for found in map(EXPECTED.fullmatch, lines) if found]
    assert len(expected) == len(lines), "a line of the case cannot be read"
    found = sorted(told(result.output, shop))
    wanted = sorted((one["at"], one["code"], one["word"], one["said"] or "") for one in expected)
    assert [row[:2] for row in found] == [row[:2] for row in wanted]
    for (at, _, word, said), (_, _, underlined, words) in zip(found, wanted, strict=True):
        assert underlined in (None, word), f"{at}: the carets are under `{word}`"
        assert words in said, f"{at}: {said}"
    assert result.exit_code == ("error[" in result.output)
    machine = tagport("check", shop, *options, "--format", "json")
    assert machine.exit_code == result.exit_code
    assert rows(machine) == [f"{one['at']} {one['code']}" for one in TOLD.finditer(result.output)]


def rows(result: Result) -> list[str]:
    """`file:line:column code` of each problem, as machines are told."""
    problems = json.loads(result.stdout)["problems"]
    assert all(list(problem) == KEYS for problem in problems)
    return [f"{one['file']}:{one['line']}:{one['column']} {one['code']}" for one in problems]


def test_the_cases_are_many() -> None:
    faults = [line for path in CASES for line in path.read_text().rpartition("---- expected\n")[2].splitlines()]
    codes = {line.split(" ")[1] for line in faults}
    assert len(faults) > 350
    assert len(codes) > 60
    pages = "".join(page.read_text() for page in (Path(__file__).parents[2] / "docs").rglob("*.md"))
    assert [code for code in sorted(codes) if f"`{code}`" not in pages] == []


FAULT = "triggers/lead.yaml:1:1 unknown-key"  # beside each of the following: it is told all the same


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("event: " + "[" * 100_000, "1:57 too-deep"),
        ("event: " + "{a: " * 100_000, "1:201 too-deep"),
        ("- " * 100_000, "1:101 too-deep"),
        ("a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(3)), "1:4 anchor"),
        ("event: &a [*a]\n", "1:8 anchor"),
        ("event: pur\xffchase\n", "1:11 not-utf8"),
        ("event: purchase\x00\n", "1:16 bad-character"),
        ("# " + "x" * 2_200_000 + "\n", "1:1 too-large"),
    ],
    ids=["brackets", "braces", "dashes", "bomb", "recursive", "latin", "zero", "huge"],
)
def test_what_no_person_wrote(written: str, place: str, shop: Path, tagport: Tagport) -> None:
    (shop / "triggers" / "lead.yaml").write_text("evnt: generate_lead\n")
    (shop / "triggers" / "purchase.yaml").write_bytes(written.encode("latin-1"))
    found = rows(tagport("check", shop, "--format", "json"))
    assert f"triggers/purchase.yaml:{place}" in found
    assert [row for row in found if not row.startswith("triggers/purchase.yaml:")] == [FAULT]


def test_utf_16_is_told(shop: Path, tagport: Tagport) -> None:
    (shop / "triggers" / "purchase.yaml").write_bytes("event: purchase\n".encode("utf-16"))
    assert rows(tagport("check", shop, "--format", "json")) == ["triggers/purchase.yaml:1:1 not-utf8"]


def test_lines_end_as_on_windows(shop: Path, tagport: Tagport) -> None:
    (shop / "triggers" / "purchase.yaml").write_bytes(b"# when\r\nevent: purchase\r\nwhn: []\r\n")
    assert rows(tagport("check", shop, "--format", "json")) == ["triggers/purchase.yaml:3:1 unknown-key"]


def test_a_byte_order_mark_moves_nothing(shop: Path, tagport: Tagport) -> None:
    (shop / "triggers" / "purchase.yaml").write_bytes(b"\xef\xbb\xbfevnt: purchase\n")
    assert rows(tagport("check", shop, "--format", "json")) == ["triggers/purchase.yaml:1:1 unknown-key"]
