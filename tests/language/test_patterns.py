"""The door to RE2."""

from __future__ import annotations

import time

import pytest

from container.language.patterns import BadPattern, Pattern


def test_unanchored() -> None:
    assert Pattern("b+").holds("abbc")
    assert not Pattern("^b").holds("abbc")


def test_ignore_case() -> None:
    assert Pattern("ÜBER", ignore_case=True).holds("über uns")
    assert not Pattern("ÜBER").holds("über uns")


def test_groups_are_text() -> None:
    assert Pattern(r"(\w+)@(ü)?(x)?").groups("ma@ü") == ["ma@ü", "ma", "ü", None]
    assert Pattern("x").groups("y") is None


def test_half_a_character_does_no_harm() -> None:
    assert Pattern("^.$").holds("\ud800")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(", "missing )"),
        ("(?<=x)a", "no look-ahead and no look-behind"),
        (r"(a)\1", "no back-references"),
        ("a{2000}", "repetition"),
        ("\ud800", "half a character"),
    ],
)
def test_bad_pattern(source: str, reason: str) -> None:
    with pytest.raises(BadPattern, match=reason.replace(")", r"\)")):
        Pattern(source)


def test_no_backtracking() -> None:
    started = time.thread_time()
    assert not Pattern("^(a+)+$").holds("a" * 5000 + "b")
    assert time.thread_time() - started < 0.5
