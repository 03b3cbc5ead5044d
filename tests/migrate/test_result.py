"""What became of each object of an export."""

from __future__ import annotations

import pytest

from container.migrate.result import BROWSER, CONVERTED, HAND, NOTE, Document, Entry, Result


def test_a_note_and_a_persons_hand_change_the_grade_and_are_told_once() -> None:
    entry = Entry("tag", "1", "Purchase")
    assert entry.grade == CONVERTED
    for _ in range(2):
        entry.note("differs")
    assert (entry.grade, entry.notes, entry.todo) == (NOTE, ["differs"], [])
    for _ in range(2):
        entry.hand("fill in")
    assert (entry.grade, entry.notes, entry.todo) == (HAND, ["differs", "fill in"], ["fill in"])
    entry.note("more")
    assert entry.grade == HAND, "which a note does not take back"


def test_what_is_not_in_the_workspace_at_all() -> None:
    entry = Entry("tag", "1", "Pixel")
    entry.left(BROWSER, "a browser's")
    assert entry.as_json() == {
        "kind": "tag", "id": "1", "name": "Pixel", "grade": BROWSER, "file": "", "line": 0, "notes": ["a browser's"],
    }  # fmt: skip


def test_it_is_done_when_nothing_needs_a_persons_hand() -> None:
    result = Result("shop", web=False, entries=[Entry("tag", "1", "a"), Entry("tag", "2", "b")])
    assert result.done and result.count(CONVERTED) == 2
    result.entries[0].hand("x")
    assert not result.done and result.count(HAND) == 1


@pytest.mark.parametrize("comment", ["", "one line", "a first line\nand a second"])
def test_a_document_knows_the_line_on_which_its_value_begins(comment: str) -> None:
    document = Document({"template": "own"}, comment)
    assert document.text().splitlines()[document.first_line - 1] == "template: own"
