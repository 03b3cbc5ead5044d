from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from container.cli import VERBS, command

HEAVY = ("yaml", "certifi", "uvicorn", "starlette", "aiohttp", "rich", "jsonschema", "orjson", "re2", "container.build")


def test_help_lists_every_verb() -> None:
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    for verb, help in VERBS.items():
        assert f"{verb} " in result.output
        assert help in result.output


def test_help_imports_nothing_heavy() -> None:
    """What makes it answer at once."""
    look = (
        "import sys\n"
        "from container.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", VERBS)
def test_the_overview_says_what_the_verb_s_own_help_says(verb: str) -> None:
    found = command.get_command(click.Context(command), verb)
    assert found is not None
    assert found.name == verb
    assert found.help


@pytest.mark.parametrize("verb", VERBS)
def test_the_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(command, [verb, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: tagport {verb}") or f" {verb} " in result.output.splitlines()[0]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_takes_a_folder_says_which(verb: str) -> None:
    output = CliRunner().invoke(command, [verb, "--help"]).output
    said = "DIR is the workspace's folder; left out, the current one." in output
    assert said == ("[DIR]" in output)


def test_an_unknown_verb_is_answered_with_the_one_that_was_meant() -> None:
    result = CliRunner().invoke(command, ["chekc"])
    assert result.exit_code == 2
    assert "there is no verb `chekc`: did you mean `check`?" in result.output


def test_an_unknown_verb_that_resembles_none_is_told() -> None:
    result = CliRunner().invoke(command, ["zzz"])
    assert result.exit_code == 2
    assert "there is no verb `zzz`" in result.output
    assert "did you mean" not in result.output


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(command, ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("tagport ")


def test_every_file_of_a_verb_is_a_verb() -> None:
    folder = Path("container/cli")
    verbs = {path.stem for path in folder.iterdir() if _holds_a_command(path)}
    assert verbs == set(VERBS)


def _holds_a_command(path: Path) -> bool:
    file = path / "__init__.py" if path.is_dir() else path
    return path.stem != "__init__" and file.is_file() and "@click.command(" in file.read_text()
