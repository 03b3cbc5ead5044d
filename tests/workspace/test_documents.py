from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from container.node import Mapping, Node, Scalar
from container.problems import Place, Problems
from container.workspace import documents, starter

ROOT = Path(__file__).parents[2]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def load(folder: Path, gallery: Path | None = None, *, tests: bool = True) -> tuple[documents.Workspace, Problems]:
    problems = Problems()
    return documents.load(folder, problems, gallery, tests=tests), problems


def text(node: Node | None) -> str:
    assert isinstance(node, Scalar)
    return node.text


def test_folders_and_sections_mean_the_same(tmp_path: Path) -> None:
    files = {
        "container.yaml": "container: shop\ntriggers:\n  refund: {event: refund}\n",
        "triggers/purchase.yaml": "event: purchase\n",
        "triggers/forms/lead.yml": "event: lead\n",
    }
    workspace, problems = load(write(tmp_path, files))
    assert not len(problems)
    assert {trigger.id: text(trigger.mapping.get("event")) for trigger in workspace.of("triggers")} == {
        "lead": "lead",
        "purchase": "purchase",
        "refund": "refund",
    }
    assert workspace.documents["triggers"]["refund"].place == Place("container.yaml", 3, 3, 6)
    assert workspace.documents["triggers"]["lead"].place == Place("triggers/forms/lead.yml")
    assert list(workspace.container.members) == ["container"]
    assert workspace.lines["triggers/purchase.yaml"] == ["event: purchase", ""]


def test_a_variable_may_be_its_expression(tmp_path: Path) -> None:
    files = {"container.yaml": 'variables: {order: "{{ event.id }}"}\n', "variables/market.yaml": '"{{ event.x }}"\n'}
    workspace, problems = load(write(tmp_path, files))
    assert not len(problems)
    assert {found.id: text(found.node) for found in workspace.of("variables")} == {
        "market": "{{ event.x }}",
        "order": "{{ event.id }}",
    }
    with pytest.raises(TypeError):
        _ = workspace.documents["variables"]["market"].mapping


def test_everything_else_is_left_alone(tmp_path: Path) -> None:
    broken = "a: [\n"
    names = [".github/x.yaml", ".hidden.yaml", "tags/.draft.yaml", "tags/.git/x.yaml", "docs/x.yaml", "data/x.yaml"]
    names += ["other.yaml", "tags/x.yaml.bak", "tags/notes.md", "tests/data.py", "x.tpl", "scripts/tags/x.yaml"]
    workspace, problems = load(write(tmp_path, {"container.yaml": "", **dict.fromkeys(names, broken)}))
    assert not len(problems)
    assert not any(workspace.documents.values())


def test_a_folder_without_container_yaml_is_one_problem(tmp_path: Path) -> None:
    workspace, problems = load(write(tmp_path, {"tags/x.yaml": "a: [\n"}))
    (problem,) = problems
    assert (problem.code, problem.file) == ("no-container", "container.yaml")
    assert "tagport init" in problem.hint
    assert not workspace.container_read


def test_a_folder_that_does_not_exist_is_the_same_problem(tmp_path: Path) -> None:
    _, problems = load(tmp_path / "nowhere")
    assert [problem.code for problem in problems] == ["no-container"]


def test_container_yml_is_read_too(tmp_path: Path) -> None:
    workspace, problems = load(write(tmp_path, {"container.yml": "container: shop\n"}))
    assert not len(problems)
    assert text(workspace.container.get("container")) == "shop"


def test_what_could_not_be_read_may_exist(tmp_path: Path) -> None:
    files = {"container.yaml": "tags: {empty: }\n", "tags/broken.yaml": "a: [\n", "tags/fine.yaml": "a: b\n"}
    workspace, problems = load(write(tmp_path, files))
    assert len(problems) == 2
    assert workspace.container_read
    assert [workspace.may_exist("tags", id) for id in ("fine", "broken", "empty", "none")] == [True, True, True, False]


def test_anything_may_exist_in_a_container_that_could_not_be_read(tmp_path: Path) -> None:
    workspace, problems = load(write(tmp_path, {"container.yaml": "a: [\n", "tags/fine.yaml": "a: b\n"}))
    assert len(problems) == 1
    assert not workspace.container_read
    assert workspace.may_exist("triggers", "none")
    assert list(workspace.documents["tags"]) == ["fine"]


def test_a_template_of_the_workspace_wins_over_the_gallerys(tmp_path: Path) -> None:
    gallery = write(tmp_path / "gallery", {"meta.yaml": "title: shipped\n", "tiktok.yaml": "title: shipped\n"})
    files = {"container.yaml": "templates: {own: {title: section}}\n", "templates/meta.yaml": "title: ours\n"}
    workspace, problems = load(write(tmp_path / "shop", files), gallery)
    assert not len(problems)
    found = {each.id: (text(each.mapping.get("title")), each.shipped) for each in workspace.of("templates")}
    assert found == {"meta": ("ours", False), "own": ("section", False), "tiktok": ("shipped", True)}
    assert workspace.documents["templates"]["tiktok"].place.file == "gallery/tiktok.yaml"
    assert "gallery/tiktok.yaml" in workspace.lines


def test_a_template_of_the_gallery_is_read_when_somebody_asks(tmp_path: Path) -> None:
    gallery = write(tmp_path / "gallery", {"meta.yaml": "title: shipped\n", "tiktok.yaml": "title: shipped\n"})
    workspace, problems = load(write(tmp_path / "shop", {"container.yaml": ""}), gallery)
    assert list(workspace.documents["templates"]) == ["meta", "tiktok"]
    assert text(workspace.documents["templates"]["meta"].mapping.get("title")) == "shipped"
    assert [name for name in workspace.lines if name.startswith("gallery/")] == ["gallery/meta.yaml"]
    assert not len(problems)


def test_tests_are_files_and_documents_by_their_path(tmp_path: Path) -> None:
    files = {"container.yaml": "", "tests/routes/a.yaml": "name: a\n", "tests/a.yaml": "name: b\n"}
    workspace, problems = load(write(tmp_path, files))
    assert not len(problems)
    assert list(workspace.documents["tests"]) == ["a", "routes/a"]
    assert [path.relative_to(tmp_path).as_posix() for path in workspace.tests] == [
        "tests/a.yaml",
        "tests/routes/a.yaml",
    ]
    unread, _ = load(tmp_path, tests=False)
    assert not unread.documents["tests"]
    assert len(unread.tests) == 2


def test_files_linked_from_a_hidden_folder_are_read(tmp_path: Path) -> None:
    """As Kubernetes mounts a ConfigMap."""
    write(tmp_path, {"container.yaml": "", "tags/..data/meta.yaml": "name: x\n"})
    (tmp_path / "tags" / "meta.yaml").symlink_to(Path("..data", "meta.yaml"))
    workspace, problems = load(tmp_path)
    assert not len(problems)
    assert list(workspace.documents["tags"]) == ["meta"]


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"container.yaml": "", "tags/ads/meta.yaml": "name: x\n", "triggers/purchase.yaml": "event: x\n"})
    scan = os.scandir

    def forbidden(path: str) -> object:
        if Path(path).name == "ads":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    workspace, problems = load(tmp_path)
    (problem,) = problems
    assert (problem.code, problem.file) == ("unreadable-file", "tags/ads")
    assert list(workspace.documents["triggers"]) == ["purchase"]


def test_the_repository_itself_is_a_workspace() -> None:
    workspace, problems = load(ROOT, starter.gallery())
    assert [problem for problem in problems if problem.file.startswith(("container", "tags", "triggers"))] == []
    assert {"ga4", "shopify", "api"} <= set(workspace.documents["clients"])
    assert {"purchase", "add_to_cart", "lead", "refund"} <= set(workspace.documents["conversions"])
    assert {"meta_purchase", "tiktok_purchase", "ga4_purchase"} <= set(workspace.documents["tags"])
    assert "meta_conversions_api" in workspace.documents["templates"]
    assert isinstance(workspace.container, Mapping)


def test_a_client_lies_over_the_file_of_its_kind(tmp_path: Path) -> None:
    files = {
        "shop/container.yaml": "clients: {pay: {kind: stripe, map: {b: own}}, up: {kind: ../x}, own: {kind: ga4}}\n",
        "shop/environments/test.yaml": "clients: {pay: {path: /test}}\n",
        "shipped/stripe.yaml": "kind: webhook\npath: /stripe\nmap: {a: x, b: y}\n",
        "x.yaml": "path: /elsewhere\n",
    }
    folder, problems = write(tmp_path, files) / "shop", Problems()
    workspace = documents.load(folder, problems, None, "test", webhooks=tmp_path / "shipped")
    assert not len(problems)
    pay, up, own = (workspace.documents["clients"][id].mapping for id in ("pay", "up", "own"))
    assert (text(pay.get("kind")), text(pay.get("path"))) == ("stripe", "/test")
    mapped = pay.get("map")
    assert isinstance(mapped, Mapping)
    assert {key: text(value) for key, value in mapped} == {"a": "x", "b": "own"}
    assert [*up.members] == ["kind"] and [*own.members] == ["kind"]
    assert workspace.lines["webhooks/stripe.yaml"][0] == "kind: webhook"


def test_a_kinds_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    files = {"shop/container.yaml": "clients: {pay: {kind: stripe}}\n", "shipped/stripe.yaml": "kind: [\n"}
    problems = Problems()
    documents.load(write(tmp_path, files) / "shop", problems, None, webhooks=tmp_path / "shipped")
    assert [problem.file for problem in problems] == ["webhooks/stripe.yaml"]
