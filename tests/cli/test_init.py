from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Tagport = Callable[..., Result]


def test_it_writes_a_workspace_that_has_no_problem(tagport: Tagport, tmp_path: Path) -> None:
    result = tagport("init", tmp_path / "shop")
    assert result.exit_code == 0
    assert f"wrote {tmp_path / 'shop' / 'container.yaml'}" in result.output
    assert f"`tagport check {tmp_path / 'shop'}`" in result.output
    checked = tagport("check", tmp_path / "shop")
    assert (checked.exit_code, checked.output) == (0, "no problems\n")


def test_a_workspace_is_not_overwritten(tagport: Tagport, shop: Path) -> None:
    before = (shop / "container.yaml").read_text()
    result = tagport("init", shop)
    assert result.exit_code == 2
    assert "nothing is overwritten" in result.output
    assert (shop / "container.yaml").read_text() == before


def test_a_folder_that_cannot_be_made_is_told(tagport: Tagport, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = tagport("init", tmp_path / "file" / "shop")
    assert result.exit_code == 2
    assert result.output.startswith("tagport: ")
