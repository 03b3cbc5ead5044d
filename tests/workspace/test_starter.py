from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from container.errors import WorkspaceError
from container.problems import Problems
from container.workspace import documents, starter

SCHEMAS = {
    "container": {"title": "The container", "properties": {"container": {"type": "string"}}},
    "tags": {"title": "A tag", "required": ["template"], "properties": {"template": {"type": "string"}}},
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small starter among other files of a repository."""
    files = {
        "container.yaml": "# The container\ncontainer: shop\n",
        ".env.example": "TOKEN=\n",
        "tags/meta.yaml": "template: meta\n",
        "tags/ads/google.yaml": "template: google\n",
        "triggers/purchase.yaml": "event: purchase\n",
        "templates/meta.yaml": "title: stays in the package\n",
        "README.md": "stays\n",
    }
    for name, text in files.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(text)
    return tmp_path / "source"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written(tmp_path: Path, source: Path) -> None:
    shop = tmp_path / "new" / "shop"
    written = starter.write(shop, SCHEMAS, source)
    assert {path.relative_to(shop).as_posix() for path in written} == names(shop)
    assert names(shop) == {
        *("container.yaml", ".env.example", ".gitignore", "triggers/purchase.yaml"),
        *("tags/meta.yaml", "tags/ads/google.yaml"),
        *(".tagport/container.schema.json", ".tagport/tags.schema.json"),
    }
    assert (shop / ".gitignore").read_text() == ".env\n/data/\n"
    assert (shop / ".env.example").read_text() == "TOKEN=\n"


def test_editors_find_the_schema_of_each_file(tmp_path: Path, source: Path) -> None:
    starter.write(tmp_path / "shop", SCHEMAS, source)
    for name in ("container.yaml", "tags/meta.yaml", "tags/ads/google.yaml"):
        path = tmp_path / "shop" / name
        first, _, rest = path.read_text().partition("\n")
        assert rest == (source / name).read_text()
        schema = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
        assert schema.name == f"{name.partition('/')[0].removesuffix('.yaml')}.schema.json"
        Draft202012Validator.check_schema(json.loads(schema.read_text()))
    assert (tmp_path / "shop/triggers/purchase.yaml").read_text() == "event: purchase\n"


def test_the_containers_schema_has_the_sections(tmp_path: Path, source: Path) -> None:
    starter.write(tmp_path, SCHEMAS, source)
    schema = Draft202012Validator(json.loads((tmp_path / ".tagport/container.schema.json").read_text()))
    assert schema.is_valid({"container": "shop", "tags": {"meta": {"template": "meta"}}})
    assert not schema.is_valid({"container": "shop", "tags": {"meta": {"tmplate": "meta"}}})


def test_a_workspace_is_not_overwritten(tmp_path: Path, source: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "container.yml").write_text("container: mine\n")
    with pytest.raises(WorkspaceError, match=r"container\.yml: this is there already"):
        starter.write(tmp_path / "shop", SCHEMAS, source)
    assert names(tmp_path / "shop") == {"container.yml"}


def test_no_file_is_overwritten(tmp_path: Path, source: Path) -> None:
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "meta.yaml").write_text("mine\n")
    with pytest.raises(WorkspaceError, match=r"tags/meta\.yaml"):
        starter.write(tmp_path, SCHEMAS, source)
    assert not (tmp_path / "container.yaml").exists()


def test_other_files_stay(tmp_path: Path, source: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "README.md").write_text("mine\n")
    (shop / ".gitignore").write_text("node_modules\n.env")
    starter.write(shop, SCHEMAS, source)
    assert (shop / "README.md").read_text() == "mine\n"
    assert (shop / ".gitignore").read_text() == "node_modules\n.env\n/data/\n"


def test_a_complete_gitignore_is_left_alone(tmp_path: Path, source: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / ".gitignore").write_text("/data/\n.env\n")
    assert shop / ".gitignore" not in starter.write(shop, SCHEMAS, source)


def test_a_file_is_no_folder(tmp_path: Path, source: Path) -> None:
    (tmp_path / "shop").write_text("x")
    with pytest.raises(WorkspaceError, match="not a folder"):
        starter.write(tmp_path / "shop", SCHEMAS, source)


def test_all_or_nothing(tmp_path: Path, source: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "triggers").write_text("a file where a folder is to be")
    with pytest.raises(OSError, match="triggers"):
        starter.write(shop, SCHEMAS, source)
    assert names(shop) == {"triggers"}


def test_the_real_starter(tmp_path: Path) -> None:
    starter.write(tmp_path, SCHEMAS)
    problems = Problems()
    workspace = documents.load(tmp_path, problems, starter.gallery())
    assert not len(problems)
    assert {"purchase", "page_view", "add_to_cart", "lead"} <= set(workspace.documents["triggers"])
    assert {"meta_purchase", "tiktok_purchase", "ga4_purchase"} <= set(workspace.documents["tags"])
    assert {tag.mapping.get("template") is not None for tag in workspace.of("tags")} == {True}
    assert "META_PIXEL_ID=" in (tmp_path / ".env.example").read_text()
    assert not (tmp_path / "templates").exists()


def test_in_a_wheel_both_lie_inside_the_package(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "container"
    shutil.copytree(source, package / "starter")
    shutil.copytree(source / "templates", package / "gallery")
    monkeypatch.setattr(starter, "PACKAGE", package)
    assert starter.gallery() == package / "gallery"
    starter.write(tmp_path / "shop", SCHEMAS)
    assert (tmp_path / "shop" / "tags" / "meta.yaml").is_file()
