"""`tagport migrate`: files, exit codes, secrets, and nothing left behind where it fails."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Tagport = Callable[..., Result]
TOKEN = "EAAthisisaverysecrettoken12345"


def export(**version: Any) -> str:
    container = {"publicId": "GTM-SHOP", "usageContext": ["SERVER"]}
    return json.dumps({"exportFormatVersion": 2, "containerVersion": {"container": container, **version}})


def constant(name: str, value: str, id: str = "1") -> dict[str, Any]:
    return {
        "variableId": id,
        "name": name,
        "type": "c",
        "parameter": [{"type": "TEMPLATE", "key": "value", "value": value}],
    }


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "GTM-SHOP_v7.json"
    path.write_text(export(variable=[constant("Token", TOKEN), constant("Shop", "main", "2")]))
    return path


def test_a_workspace_that_checks(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    result = tagport("migrate", file, tmp_path / "shop")
    assert result.exit_code == 0, result.output
    assert "2  converted" in result.output
    assert tagport("check", tmp_path / "shop").exit_code == 0


def test_the_same_export_gives_the_same_files(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    tagport("migrate", file, tmp_path / "one")
    tagport("migrate", file, tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert "report.md" in tree(tmp_path / "one")


def test_for_machines(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    told = json.loads(tagport("migrate", file, tmp_path / "shop", "--format", "json").stdout)
    assert told["secrets"] == ["TOKEN"]
    assert sum(told["leaves"].values()) == 2 * told["leaves"]["total"]
    assert told["objects"][0] == {
        "kind": "variable",
        "id": "2",
        "name": "Shop",
        "grade": "converted",
        "file": "variables/shop.yaml",
        "line": 2,
        "notes": [],
    }
    line = (tmp_path / "shop/variables/shop.yaml").read_text().splitlines()[1]
    assert line == "main"


def test_a_secret_is_in_one_file_only(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    result = tagport("migrate", file, tmp_path / "shop")
    assert TOKEN not in result.output
    found = [name for name, text in tree(tmp_path / "shop").items() if TOKEN.encode() in text]
    assert found == [".env"]
    assert stat.S_IMODE((tmp_path / "shop/.env").stat().st_mode) == 0o600
    assert ".env" in (tmp_path / "shop/.gitignore").read_text().splitlines()


def test_what_needs_a_hand_keeps_check_red_until_it_has_a_value(tmp_path: Path, tagport: Tagport) -> None:
    file = tmp_path / "export.json"
    file.write_text(export(variable=[{"variableId": "1", "name": "Odd", "type": "mystery"}]))
    result = tagport("migrate", file, tmp_path / "shop")
    assert result.exit_code == 1
    assert "needs your hand: variable Odd (variables/odd.yaml:4)" in result.output
    red = tagport("check", tmp_path / "shop")
    assert red.exit_code == 1
    assert "variables/odd.yaml:4" in red.output
    with (tmp_path / "shop/.env").open("a") as env:
        env.write("TODO_VARIABLE_ODD=known now\n")
    assert tagport("check", tmp_path / "shop").exit_code == 0


def test_no_export_and_nothing_is_written(tmp_path: Path, tagport: Tagport) -> None:
    file = tmp_path / "cut.json"
    file.write_text(export()[:-3])
    before = tree(tmp_path)
    result = tagport("migrate", file, tmp_path / "shop")
    assert result.exit_code == 2
    assert "ends in the middle" in result.output
    assert tagport("migrate", tmp_path / "none.json", tmp_path / "shop").exit_code == 2
    assert tree(tmp_path) == before
    assert not (tmp_path / "shop").exists()


def test_nothing_is_overwritten(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/container.yaml").write_text("container: mine\n")
    before = tree(tmp_path)
    result = tagport("migrate", file, tmp_path / "shop")
    assert result.exit_code == 2
    assert "nothing is overwritten" in result.output
    assert tree(tmp_path) == before
    assert tagport("migrate", file, file).exit_code == 2


def test_a_disk_that_fails_leaves_nothing(
    file: Path, tmp_path: Path, tagport: Tagport, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def fails(self: Path, *args: Any, **options: Any) -> int:
        if self.name == "report.md" and self.is_relative_to(tmp_path / "shop"):
            raise OSError(28, "No space left on device", str(self))
        return write(self, *args, **options)

    monkeypatch.setattr(Path, "write_text", fails)
    result = tagport("migrate", file, tmp_path / "shop")
    assert result.exit_code == 2
    assert "No space left on device" in result.output
    assert not (tmp_path / "shop").exists()


def test_names_never_leave_the_folder(tmp_path: Path, tagport: Tagport) -> None:
    names = ["../../out", "/etc/passwd", "a/../../b", "..", ".", "", "\u0000", "con", "NUL.yaml", "x" * 500]
    file = tmp_path / "export.json"
    file.write_text(export(variable=[constant(name, "1", str(number)) for number, name in enumerate(names)]))
    result = tagport("migrate", file, tmp_path / "deep/er/shop")
    assert result.exit_code == 0, result.output
    assert {name.split("/")[0] for name in tree(tmp_path)} == {"export.json", "deep"}
    assert len([name for name in tree(tmp_path / "deep/er/shop") if name.startswith("variables/")]) == len(names)


def test_a_large_export(tmp_path: Path, tagport: Tagport) -> None:
    file = tmp_path / "export.json"
    many = [constant(f"Constant {number}", f"value {number}", str(number)) for number in range(1500)]
    file.write_text(export(variable=[*many, constant("Long", "x" * 2_000_000, "9999")]))
    result = tagport("migrate", file, tmp_path / "shop", "--format", "json")
    assert json.loads(result.stdout)["leaves"]["not_understood"] == 0


def test_a_later_export(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    shop = tmp_path / "shop"
    tagport("migrate", file, shop)
    same = tagport("migrate", "--update", file, shop)
    assert same.exit_code == 0
    assert "nothing has changed in GTM since" in same.output
    (shop / "variables/shop.yaml").write_text("# mine\nmain\n")
    file.write_text(
        export(variable=[constant("Token", TOKEN), constant("Shop", "other", "2"), constant("New", "x", "3")])
    )
    result = tagport("migrate", "--update", file, shop)
    assert "new: variables/new.yaml" in result.output
    assert "conflict: variables/shop.yaml" in result.output
    assert result.exit_code == 1
    assert (shop / "variables/shop.yaml").read_text() == "# mine\nmain\n"
    assert tagport("migrate", "--update", file, tmp_path / "elsewhere").exit_code == 2


def test_what_was_done_by_hand_is_not_asked_for_again(file: Path, tmp_path: Path, tagport: Tagport) -> None:
    shop = tmp_path / "shop"
    names = ("One", "Two", "Three")
    file.write_text(export(variable=[constant(name, "VALUE_HERE", str(at)) for at, name in enumerate(names)]))
    assert tagport("migrate", file, shop).output.count("needs your hand: variable") == 3
    (shop / "variables/one.yaml").write_text('"{{ event.one }}"\n')
    env = (shop / ".env").read_text()
    (shop / ".env").write_text(env.replace("TODO_TWO=", "TODO_TWO=known"))
    again = tagport("migrate", "--update", file, shop)
    assert again.exit_code == 1
    assert [line for line in again.output.splitlines() if line.startswith("needs your hand: ")] == [
        "needs your hand: variable Three (variables/three.yaml:3)"
    ]
    assert "done by hand: `VALUE_HERE` is a placeholder: fill in the value" in (shop / "report.md").read_text()
    (shop / "variables/three.yaml").write_text("3\n")
    assert tagport("migrate", "--update", file, shop).exit_code == 0
