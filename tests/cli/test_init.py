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


def test_it_says_what_comes_next(tagport: Tagport, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    assert tagport("init", shop).output.splitlines()[-2:] == [
        f"Next: copy {shop / '.env.example'} to {shop / '.env'} and fill it in,",
        f"then `tagport check {shop}` and `tagport serve {shop}`.",
    ]


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


def test_it_begins_with_the_sources_that_are_named(tagport: Tagport, tmp_path: Path) -> None:
    assert tagport("init", "--from", "ga4", "--from", "json", tmp_path / "shop").exit_code == 0
    written = (tmp_path / "shop" / "container.yaml").read_text()
    assert "kind: ga4" in written and "kind: json" in written and "kind: shopify" not in written
    assert tagport("check", tmp_path / "shop").output == "no problems\n"
    assert tagport("test", tmp_path / "shop").exit_code == 0


def test_a_source_there_is_not_is_told_before_anything_is_written(tagport: Tagport, tmp_path: Path) -> None:
    result = tagport("init", "--from", "shopfy", tmp_path / "shop")
    assert (result.exit_code, result.output) == (2, "tagport: no starter is called `shopfy`; did you mean `shopify`?\n")
    assert not (tmp_path / "shop").exists()
