from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from container.workspace import starter

Tagport = Callable[..., Result]


def test_a_client_is_copied_and_is_the_workspaces_own(tagport: Tagport, shop: Path) -> None:
    result = tagport("copy", "stripe", shop)
    assert (result.exit_code, result.output) == (0, f"wrote {shop / 'clients' / 'stripe.yaml'}\n")
    copied = (shop / "clients" / "stripe.yaml").read_text()
    assert copied == (starter.webhooks() / "stripe.yaml").read_text()
    (shop / ".env").write_text("STRIPE_WEBHOOK_SECRET=whsec_x\n")
    assert tagport("check", shop).output == "no problems\n"


def test_what_has_its_name_already_is_told(tagport: Tagport, shop: Path) -> None:
    result = tagport("copy", "shopify", shop)
    assert result.exit_code == 0
    assert "`shopify` is in container.yaml:" in result.output
    assert "duplicate-id" in tagport("check", shop).output


def test_a_template_is_copied(tagport: Tagport, shop: Path) -> None:
    assert tagport("copy", "meta_conversions_api", shop).exit_code == 0
    assert (shop / "templates" / "meta_conversions_api.yaml").is_file()
    assert tagport("check", shop).output == "no problems\n"


def test_nothing_is_overwritten(tagport: Tagport, shop: Path) -> None:
    (shop / "clients").mkdir()
    (shop / "clients" / "stripe.yaml").write_text("mine")
    result = tagport("copy", "stripe", shop)
    assert result.exit_code == 2 and "nothing is overwritten" in result.output
    assert (shop / "clients" / "stripe.yaml").read_text() == "mine"


def test_what_there_is_not(tagport: Tagport, shop: Path, tmp_path: Path) -> None:
    result = tagport("copy", "strype", shop)
    assert result.exit_code == 2 and "did you mean `stripe`?" in result.output
    assert "clickfunnels" in tagport("copy", "xyz", shop).output
    (tmp_path / "empty").mkdir()
    result = tagport("copy", "stripe", tmp_path / "empty")
    assert result.exit_code == 2 and "`tagport init`" in result.output


def test_a_folder_that_cannot_be_written_is_told(tagport: Tagport, shop: Path) -> None:
    (shop / "clients").write_text("")
    result = tagport("copy", "stripe", shop)
    assert result.exit_code == 2 and result.output.startswith("tagport: ")
