from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from container.clients import KINDS
from container.language.conditions import OPERATORS
from container.language.normalisers import NORMALISERS
from container.workspace import starter, starters

Tagport = Callable[..., Result]


@pytest.mark.parametrize(
    ("what", "names"), [("clients", KINDS), ("operators", OPERATORS), ("normalisers", sorted(NORMALISERS)),
     ("starters", starters.known(starter.sources()))]
)
def test_everything_that_exists_is_listed_with_its_help(tagport: Tagport, what: str, names: list[str]) -> None:
    rows = json.loads(tagport("list", what, "--format", "json").stdout)[what]
    assert [row["name"] for row in rows] == list(names)
    assert all(row["help"] for row in rows)


def test_templates_are_the_gallery_s_and_one_s_own(tagport: Tagport, shop: Path) -> None:
    (shop / "templates").mkdir()
    (shop / "templates" / "crm.yaml").write_text("title: Our CRM\n")
    result = tagport("list", "templates", shop)
    assert result.exit_code == 0
    rows = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert rows["crm"] == "Our CRM"
    assert rows["meta_conversions_api"] == "Meta Conversions API · needs pixel_id, access_token"


def test_another_list_there_is_not(tagport: Tagport) -> None:
    assert tagport("list", "tags").exit_code == 2
