"""Documents into a container: everything that is wrong at once, and what is right as it was meant."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from processes import ENVIRONMENT, ROOT

from container.build import build, on_disk
from container.errors import KeyMismatch, StoreUnusable
from container.problems import Problems


def starter(folder: Path, **changed: str) -> Path:
    for part in ("triggers", "tags"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "container.yaml", folder / "container.yaml")
    for path, text in changed.items():
        (folder / path.replace("__", "/")).with_suffix(".yaml").write_text(text)
    return folder


def test_the_starter_builds_without_a_word(tmp_path: Path) -> None:
    problems = Problems()
    container = build(starter(tmp_path), problems, environ=ENVIRONMENT)
    assert list(problems) == []
    assert container is not None
    assert [client.id for client in container.clients] == ["api", "ga4", "shopify"]
    assert len(list(container.tags)) == 12


def test_every_missing_name_is_told_by_name(tmp_path: Path) -> None:
    problems = Problems()
    assert build(starter(tmp_path), problems, environ={}) is None
    told = " ".join(problem.message for problem in problems)
    names = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(names) == 8
    assert [name for name in names if name not in told] == []


def test_problems_of_several_files_are_told_together(tmp_path: Path) -> None:
    problems = Problems()
    broken = starter(
        tmp_path, tags__meta_lead="template: meta_conversions_ap\ntriggers: [led]\n", triggers__lead="evnt: lead\n"
    )
    assert build(broken, problems, environ=ENVIRONMENT) is None
    found = [(problem.file, problem.code) for problem in problems]
    assert found == [
        ("tags/meta_lead.yaml", "unknown-template"),
        ("tags/meta_lead.yaml", "unknown-trigger"),
        ("triggers/lead.yaml", "unknown-key"),
    ]


def test_a_tag_that_waits_for_a_copy_which_nobody_brings_is_told(tmp_path: Path) -> None:
    tag = (ROOT / "tags" / "meta_lead.yaml").read_text() + "wait: {for: [browser, server], most: 2m}\n"
    folder = starter(tmp_path, tags__meta_lead=tag)
    problems = Problems()
    assert build(folder, problems, environ=ENVIRONMENT) is not None
    assert list(problems) == []
    text = (folder / "container.yaml").read_text()
    only_pages = re.sub(r"^  (shopify|api): .*\n", "", text, flags=re.MULTILINE)
    (folder / "container.yaml").write_text(only_pages)
    assert build(folder, problems, environ=ENVIRONMENT) is not None
    assert ("tags/meta_lead.yaml", "waits-for-nobody") in [(found.file, found.code) for found in problems]


def test_the_version_changes_with_every_edit_and_with_nothing_else(tmp_path: Path) -> None:
    def version() -> str:
        container = build(tmp_path, Problems(), environ=ENVIRONMENT)
        assert container is not None
        return container.version

    starter(tmp_path)
    first = version()
    assert version() == first
    (tmp_path / "triggers" / "lead.yaml").write_text("event: [generate_lead]\n")
    assert version() != first


def test_a_store_opens_only_with_its_own_key(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tagport.db"
    on_disk(path).store.close()
    on_disk(path).store.close()
    key = path.with_suffix(".key")
    mine = key.read_text()
    key.unlink()
    with pytest.raises(KeyMismatch, match="is missing"):
        on_disk(path)
    key.write_text("00" * 32)
    with pytest.raises(KeyMismatch, match="another store"):
        on_disk(path)
    key.write_text(mine)
    on_disk(path).store.close()


def test_a_store_that_cannot_be_made_says_where_it_would_have_to_be(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(StoreUnusable, match=rf"may this user write into {re.escape(str(tmp_path))}\?"):
        on_disk(tmp_path / "data")
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnusable, match="file/tagport.db cannot be used as the store: .+; may this user"):
        on_disk(tmp_path / "file" / "tagport.db")
