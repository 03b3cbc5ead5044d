"""The workspace as it would be: a copy, and the original is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from container.migrate.simplify.draft import Draft, listed, texts, words
from container.node import Node
from container.problems import Problems
from container.workspace.reader import read_text


@pytest.fixture
def original(tmp_path: Path) -> Path:
    files = {
        "container.yaml": "container: shop\nconsent: {unknown: denied}\n",
        "triggers/a.yaml": "event: a\n",
        ".env": "TOKEN=s3cret\n",
        "data/tagport.db": "a store",
        "triggers/data/b.yaml": "event: b\n",
        ".git/config": "x",
    }
    for name, text in files.items():
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text)
    return tmp_path / "shop"


def draft_of(original: Path) -> Draft:
    return Draft(original, original.parent / "copy", {})


def test_neither_secrets_nor_the_store_are_copied(original: Path) -> None:
    draft = draft_of(original)
    copied = sorted(path.relative_to(draft.folder).as_posix() for path in draft.folder.rglob("*") if path.is_file())
    assert copied == ["container.yaml", "triggers/a.yaml", "triggers/data/b.yaml"]


def test_other_files_are_there_for_as_long_as_it_takes(original: Path) -> None:
    draft = draft_of(original)
    with pytest.raises(ZeroDivisionError), draft.with_files({"triggers/a.yaml": None, "tags/new.yaml": "a: b\n"}):
        assert not draft.exists("triggers/a.yaml")
        assert draft.text("tags/new.yaml") == "a: b\n"
        raise ZeroDivisionError
    assert draft.text("triggers/a.yaml") == "event: a\n"
    assert not draft.exists("tags/new.yaml")
    draft.put({"triggers/a.yaml": None, "triggers/none.yaml": None})
    assert not draft.exists("triggers/a.yaml")
    assert (original / "triggers" / "a.yaml").exists()


def test_it_is_built_as_it_stands(original: Path) -> None:
    draft = draft_of(original)
    assert set(draft.documents()["triggers"]) == {"a", "b"}
    assert draft.container(Problems()) is not None
    problems = Problems()
    with draft.with_files({"triggers/a.yaml": "evnt: a\n"}):
        assert draft.container(problems) is None
    assert [problem.code for problem in problems.errors] == ["unknown-key"]


def node(text: str) -> Node:
    found = read_text(text, "a.yaml", Problems())
    assert found is not None
    return found


def test_texts_are_values_and_words_keys_as_well() -> None:
    written = node("a: {b: [c, {d: e}]}\nf: g\n")
    assert sorted(texts(written)) == ["c", "e", "g"]
    assert set(words(written)) == {"a", "b", "c", "d", "e", "f", "g"}


@pytest.mark.parametrize(("text", "found"), [("a", ["a"]), ("[a, b]", ["a", "b"]), ("[a, {b: c}]", None), ("{}", None)])
def test_a_list_of_texts_or_one_text(text: str, found: list[str] | None) -> None:
    assert listed(node(text)) == found
    assert listed(None) is None
