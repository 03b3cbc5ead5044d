"""Templates without a workspace."""

from __future__ import annotations

from pathlib import Path

from container.cli.templates import available, document_of
from container.problems import Problems


def test_a_folders_own_come_before_the_gallerys(tmp_path: Path) -> None:
    (tmp_path / "templates" / "deep").mkdir(parents=True)
    (tmp_path / "templates" / "deep" / "meta_conversions_api.yaml").write_text("title: own\n")
    (tmp_path / "templates" / "crm.yml").write_text("title: crm\n")
    (tmp_path / "templates" / ".hidden.yaml").write_text("title: hidden\n")
    (tmp_path / "templates" / "notes.md").write_text("no template")
    problems = Problems()
    found = available(tmp_path, problems)
    assert not len(problems)
    assert found["meta_conversions_api"].place.file == "templates/deep/meta_conversions_api.yaml"
    assert found["crm"].place.file == "templates/crm.yml"
    assert found["ga4_collect"].place.file.startswith("gallery/")
    assert not {".hidden", "notes"} & set(found)


def test_a_file_that_is_none_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- a\n")
    (tmp_path / "broken.yaml").write_text("a: [\n")
    problems = Problems()
    assert document_of(tmp_path / "list.yaml", "list.yaml", problems) is None
    assert document_of(tmp_path / "broken.yaml", "broken.yaml", problems) is None
    assert [problem.file for problem in problems] == ["broken.yaml", "list.yaml"]
