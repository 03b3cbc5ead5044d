"""What the verbs share: the folder, its store, and how it is said where one is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

from container.cli.common import CannotRun, open_store, print_json, read_bytes, store_refused
from container.errors import NotStored

Tagport = Callable[..., Result]


@pytest.mark.parametrize("verb", [("explain", "event=purchase"), ("explain", "email=a@b.de"), ("failures",)])
def test_a_workspace_that_never_ran_has_no_store(tagport: Tagport, shop: Path, verb: tuple[str, ...]) -> None:
    result = tagport(*verb, shop)
    assert result.exit_code == 2
    assert "has `tagport serve` run here?" in result.output
    assert not (shop / "data").exists()


@pytest.mark.parametrize("verb", [("explain", "1042"), ("failures",), ("duplicates",)])
def test_a_folder_without_a_workspace_has_no_store(tagport: Tagport, shop: Path, verb: tuple[str, ...]) -> None:
    result = tagport(*verb, shop.parent)
    assert result.exit_code == 2
    assert "there is no container.yaml in" in result.output
    assert f"is the one in `{shop.name}` meant?" in result.output


def test_a_store_without_its_key_is_refused(tagport: Tagport, stored: Path) -> None:
    (stored / "data" / "tagport.key").unlink()
    for result in (tagport("failures", stored), tagport("explain", "transaction_id=1001", stored)):
        assert result.exit_code == 2
        assert "the key file" in result.output


def test_json_keeps_numbers_and_letters_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"value": Decimal("149.90"), "city": "Köln"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"value": 149.9, "city": "Köln"} and "Köln" in out and '\n  "' in out


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=f"{tmp_path} cannot be read: Is a directory"):
        read_bytes(tmp_path)


def test_why_a_store_took_nothing_is_told() -> None:
    error = NotStored("send the request again")
    error.__cause__ = OSError("database is locked")
    assert "database is locked" in store_refused(error).format_message()
    assert "send the request again" in store_refused(NotStored("send the request again")).format_message()


def test_the_store_is_where_container_yaml_says_whatever_else_is_wrong(stored: Path) -> None:
    (stored / "data").rename(stored / "elsewhere")
    (stored / "tags" / "meta_purchase.yaml").write_text("a: [")
    with pytest.raises(CannotRun, match="there is no store at .*data/tagport.db"):
        open_store(stored, None)
    environment = stored / "environments" / "moved.yaml"
    environment.parent.mkdir(exist_ok=True)
    environment.write_text("store: sqlite:elsewhere/tagport.db\n")
    store = open_store(stored, "moved")
    assert len(store.recent(99)) == 4
    store.close()
