"""What every normaliser has: lists element by element, arguments, and a small memory."""

from __future__ import annotations

import pytest
from speaking import value

from container.language.normalisers.base import Normaliser, Parameter, of_text, remembering


def test_lists_element_by_element() -> None:
    found = value("event.a | trim", {"a": [" b", "", None, "a ", "b", ["x"]]})
    assert found == ["b", "a", '["x"]']
    assert value("event.a | hashed(email)", {"a": ["x", None]}) == []
    assert value("event.a | number", {"a": ["1", "1.0", 2, "x"]}) == [1, 2]
    assert value("event.a | only(id)", {"a": [{"id": 1, "x": 1}, {"id": 1, "x": 2}]}) == [{"id": 1}]


def test_true_and_one_are_two_values() -> None:
    assert value("event.a | lookup(t, else: same)", {"a": [True, 1, "true"]}, tables={"t": {}}) == [True, 1, "true"]


def test_few_results_are_remembered_and_of_short_texts_only() -> None:
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    remembered = remembering(upper, most=2, longest=3)
    assert [remembered(text) for text in ("a", "a", "long", "long", "b", "c", "a")] == [*"AA", "LONG", "LONG", *"BCA"]
    assert asked == ["a", "long", "long", "b", "c", "a"]



@pytest.mark.parametrize(
    ("parameters", "usage"),
    [
        ((), "cut"),
        ((Parameter("a"), Parameter("b", required=False)), "cut(a, [b])"),
        ((Parameter("keys", "words"),), "cut(keys, …)"),
        ((Parameter("a"), Parameter("else", required=False, named=True)), "cut(a, [else: …])"),
    ],
)
def test_how_it_is_written(parameters: tuple[Parameter, ...], usage: str) -> None:
    assert Normaliser("cut", "cuts", lambda: of_text(str.lower), (), parameters).usage == usage


def test_one_that_takes_lists_as_they_are_gets_them_whole() -> None:
    of_each, of_all = (
        Normaliser("n", "n", lambda: lambda value: str(value), (), whole=whole).function([]) for whole in (False, True)
    )
    assert of_each([1, 1]) == ["1"]
    assert of_all([1, 1]) == "[1, 1]"
