"""The parser's complaints in plain words; each of them has a case under `problems/`."""

from __future__ import annotations

import time

import pytest
import yaml

from container.problems import Problems
from container.workspace import reader
from container.workspace.syntax import DEEPEST, explain, first_error, too_deep


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "a: " + "{" * 100_000, "- " * 100_000, "? " * 100_000, "? " + "[" * 100_000]
)
@pytest.mark.parametrize("before", ["", "a: {{ x }} y\n"])
def test_a_hundred_thousand_brackets_are_a_problem_and_no_wait(text: str, before: str) -> None:
    begun = time.thread_time()
    problems = Problems()
    assert reader.read_text(before + text, "f.yaml", problems) is None
    assert problems
    assert time.thread_time() - begun < 2



def test_the_first_error_ends_where_nobody_could_read_any_deeper() -> None:
    assert first_error("a: {b: [1]}\n") is None
    error = first_error("a: b\nc: ]\n")
    assert error is not None and error.problem_mark is not None and error.problem_mark.line == 1
    assert first_error("[" * (DEEPEST + 1)) is None


def test_where_the_parser_gives_up_on_the_depth_the_first_that_is_too_deep_is_found() -> None:
    text = "[" * 2000
    error = first_error(text) or _error_of(text)
    event = too_deep(error, text)
    assert event is not None and event.start_mark.column == DEEPEST
    shallow = first_error("a: ]")
    assert shallow is not None and too_deep(shallow, "a: ]") is None


def _error_of(text: str) -> yaml.MarkedYAMLError:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        list(yaml.parse(text, Loader=yaml.CSafeLoader))
    return caught.value


def test_a_complaint_nobody_has_words_for_is_told_as_it_is() -> None:
    mark = yaml.Mark("f", 0, 0, 3, None, None)
    fault = explain(yaml.MarkedYAMLError(None, None, "something new", mark), ["a: b"])
    assert (fault.line, fault.column, fault.code) == (0, 3, "yaml-syntax")
    assert fault.message == "this is not YAML: something new"


def test_a_complaint_behind_the_end_stands_at_the_last_line_that_has_anything() -> None:
    error = first_error("a: [1\n\n\n")
    assert error is not None
    assert explain(error, ["a: [1", "", "", ""]).line == 0
