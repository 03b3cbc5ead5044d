"""The words of an expression, each with its place."""

from __future__ import annotations

import pytest

from container.language.expression.tokens import Fault, Token, tokens


def test_words_have_kinds_and_places() -> None:
    assert tokens(" event.x-y[1] ?? 'a b' ") == [
        Token("name", "event", 1, 5),
        Token("key", "x-y", 6, 4),
        Token("sign", "[", 10, 1),
        Token("number", "1", 11, 1),
        Token("sign", "]", 12, 1),
        Token("sign", "??", 14, 2),
        Token("text", "a b", 17, 5),
        Token("end", "", 22, 1),
    ]


@pytest.mark.parametrize("text", ["-1", "1.50", "1e3", "2E-7", "-0.5e+2"])
def test_a_number_is_one_word(text: str) -> None:
    assert [(token.kind, token.text) for token in tokens(text)] == [("number", text), ("end", "")]


def test_a_minus_behind_a_name_belongs_to_the_key() -> None:
    assert [token.text for token in tokens("event.a-1")] == ["event", "a-1", ""]


@pytest.mark.parametrize(
    ("text", "at", "length", "hint"),
    [
        ("a || b", 2, 2, "`or`"),
        ("a & b", 2, 1, "`and`"),
        ("a  'b", 3, 2, "closing '"),
        ('"it\'s', 0, 5, 'closing "'),
        ("a $b", 2, 1, '["$key"]'),
        ("a. b", 1, 1, "at once"),
        ("a # b", 2, 1, ""),
    ],
)
def test_what_is_no_word(text: str, at: int, length: int, hint: str) -> None:
    with pytest.raises(Fault) as caught:
        tokens(text)
    assert (caught.value.at, caught.value.length) == (at, length)
    assert hint in caught.value.hint
