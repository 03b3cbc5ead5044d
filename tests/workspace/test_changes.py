from __future__ import annotations

from pathlib import Path

import pytest

from container.workspace.changes import stamp

READ = ["container.yaml", ".env", "tags/meta/purchase.yaml", "environments/staging.yaml", "secrets/TOKEN"]
LEFT = ["tests/routes/a.yaml", "data/tagport.db", "tags/notes.md", ".tagport/tags.schema.json", "tags/.hidden.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*READ, *LEFT):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a")
    return tmp_path


@pytest.mark.parametrize("name", READ)
def test_what_a_load_reads_is_looked_at(folder: Path, name: str) -> None:
    first = stamp(folder, folder / "secrets")
    assert stamp(folder, folder / "secrets") == first
    (folder / name).write_text("a longer text")
    second = stamp(folder, folder / "secrets")
    (folder / name).unlink()
    assert len({first, second, stamp(folder, folder / "secrets")}) == 3


@pytest.mark.parametrize("name", LEFT)
def test_everything_else_is_left_alone(folder: Path, name: str) -> None:
    first = stamp(folder, folder / "secrets")
    (folder / name).write_text("a longer text")
    assert stamp(folder, folder / "secrets") == first


def test_a_file_that_takes_another_s_place_is_a_change(folder: Path) -> None:
    first = stamp(folder, folder / "secrets")
    (folder / "new").write_text("b")
    (folder / "new").rename(folder / "container.yaml")
    assert stamp(folder, folder / "secrets") != first
