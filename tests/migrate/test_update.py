"""A later export laid into what people have worked on."""

from __future__ import annotations

from pathlib import Path

import pytest

from container.errors import WorkspaceError
from container.migrate.output import files_of, write
from container.migrate.result import Document, Result
from container.migrate.update import Changes, apply, base_of, changes

TAG = {"name": "Tag", "template": "x", "triggers": ["a"], "params": {"one": "1", "two": "2", "three": "3"}}


def files(env: dict[str, str] | None = None, **documents: object) -> dict[str, str]:
    result = Result(
        "GTM-X", False, leaves={"total": 0, "used": 0, "bookkeeping": 0, "not_understood": 0}, env=env or {}
    )
    result.files = {f"tags/{name}.yaml": Document(value).text() for name, value in documents.items()}
    return files_of(result)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    first = files({"TOKEN": "old", "TODO_X": ""}, one=TAG, two=TAG)
    write(tmp_path / "shop", {**first, **base_of(first)})
    return tmp_path / "shop"


def update(shop: Path, new: dict[str, str]) -> Changes:
    found = changes(shop, new)
    apply(shop, found)
    return found


def test_nothing_new_changes_nothing(shop: Path) -> None:
    (shop / "tags/one.yaml").write_text("mine: true\n")
    found = update(shop, files({"TOKEN": "old", "TODO_X": ""}, one=TAG, two=TAG))
    assert (found.added, found.changed, found.conflicts) == ([], [], [])
    assert (shop / "tags/one.yaml").read_text() == "mine: true\n"


def test_what_changed_in_gtm_comes_and_what_you_changed_stays(shop: Path) -> None:
    path = shop / "tags/one.yaml"
    path.write_text(path.read_text().replace("name: Tag", "name: My tag"))
    new = {**TAG, "params": {"one": "1", "two": "2", "three": "4"}}
    found = update(shop, files(one=new, two=TAG, three=TAG))
    assert found.changed == ["tags/one.yaml"]
    assert found.added == ["tags/three.yaml"]
    assert path.read_text() == Document({**new, "name": "My tag"}).text()
    again = update(shop, files(one=new, two=TAG, three=TAG))
    assert (again.added, again.changed, again.conflicts) == ([], [], [])


def test_both_changed_the_same(shop: Path) -> None:
    path = shop / "tags/one.yaml"
    path.write_text(path.read_text().replace("name: Tag", "name: My tag"))
    found = update(shop, files(one={**TAG, "name": "Their tag"}, two=TAG))
    assert found.conflicts == [
        "tags/one.yaml: GTM changed what you changed; yours stays, GTM's is in tags/one.yaml.gtm"
    ]
    assert "My tag" in path.read_text()
    assert "Their tag" in (shop / "tags/one.yaml.gtm").read_text()


def test_gone_in_gtm(shop: Path) -> None:
    (shop / "tags/one.yaml").write_text("mine: true\n")
    found = update(shop, files())
    assert not (shop / "tags/two.yaml").exists()
    assert (shop / "tags/one.yaml").exists()
    assert found.conflicts == ["tags/one.yaml: GTM has it no more, and you changed it"]


def test_deleted_by_hand_stays_deleted_unless_gtm_changed_it(shop: Path) -> None:
    (shop / "tags/one.yaml").unlink()
    assert update(shop, files(one=TAG, two=TAG)).conflicts == []
    assert not (shop / "tags/one.yaml").exists()
    found = update(shop, files(one={**TAG, "name": "New"}, two=TAG))
    assert len(found.conflicts) == 1
    assert (shop / "tags/one.yaml.gtm").exists()


def test_values_in_env_stay(shop: Path) -> None:
    (shop / ".env").write_text("TOKEN=renewed\nTODO_X=known\n")
    update(shop, files({"TOKEN": "old", "TODO_X": "", "NEW": "value"}, one=TAG, two=TAG))
    assert (shop / ".env").read_text() == "TOKEN=renewed\nTODO_X=known\nNEW=value\n"


def test_no_secret_is_kept_to_merge_with(shop: Path) -> None:
    kept = [path for path in (shop / ".tagport").rglob("*") if path.is_file()]
    assert [path.name for path in sorted(kept)] == ["one.yaml", "two.yaml"]


def test_a_folder_that_was_not_migrated(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="was not written by"):
        changes(tmp_path, files())


def test_another_container_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    first = {**files(one=TAG), "container.yaml": "# GTM-X\ncontainer: gtm-x\n"}
    write(tmp_path / "shop", {**first, **base_of(first)})
    with pytest.raises(WorkspaceError, match="was migrated from `gtm-x`, and the export is of `gtm-y`"):
        changes(tmp_path / "shop", {**files(two=TAG), "container.yaml": "container: gtm-y\n"})
    assert changes(tmp_path / "shop", {**first, "container.yaml": "container: gtm-x\nclients: {}\n"}).changed
