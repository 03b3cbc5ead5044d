"""docs/command-line.md has every verb and every option, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from container.cli import VERBS, command

PAGE = Path("docs/command-line.md").read_text()
SECTIONS = {
    found[1]: found[2] for found in re.finditer(r"^## `tagport (\w+)(?s:(.*?))(?=^## |\Z)", PAGE, re.MULTILINE)
}


def verb(name: str) -> click.Command:
    found = command.get_command(click.Context(command), name)
    assert found is not None
    return found


def options(name: str) -> set[str]:
    return {option.opts[-1] for option in verb(name).params if isinstance(option, click.Option)}


def test_every_verb_has_its_section() -> None:
    assert set(SECTIONS) == set(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_every_option_is_in_its_table_and_no_other(name: str) -> None:
    assert set(re.findall(r"^\| `(--[a-z-]+)", SECTIONS[name], re.MULTILINE)) == options(name)


@pytest.mark.parametrize("name", VERBS)
def test_the_heading_says_how_it_is_called(name: str) -> None:
    usage = " ".join(verb(name).collect_usage_pieces(click.Context(verb(name)))).replace("[OPTIONS]", "").split()
    heading = SECTIONS[name].partition("\n")[0].rstrip("`").split()
    assert heading == usage


@pytest.mark.parametrize("name", VERBS)
def test_defaults_are_the_ones_written(name: str) -> None:
    for option in verb(name).params:
        if isinstance(option, click.Option) and option.show_default and option.opts[-1] != "--format":
            row = next(line for line in SECTIONS[name].splitlines() if line.startswith(f"| `{option.opts[-1]}"))
            default = option.get_default(click.Context(verb(name)))
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            assert f"`{shown}`" in row
