"""Base64url text as bits."""

from __future__ import annotations

import base64

import pytest

from container.signals.bits import Bits, Broken


def bits(written: str) -> Bits:
    """Of zeros and ones, filled up to whole bytes."""
    filled = written + "0" * (-len(written) % 8)
    return Bits(base64.urlsafe_b64encode(int(filled, 2).to_bytes(len(filled) // 8)).decode().rstrip("="))


def test_numbers_letters_and_flags_are_read_from_the_left() -> None:
    read = bits("000101" + "000100" + "000101" + "1" + "0")
    assert (read.number(6), read.letters(2), read.flag(), read.flag()) == (5, "EF", True, False)


def test_places_are_counted_from_one() -> None:
    assert bits("0110001").places(7) == {2, 3, 7}


@pytest.mark.parametrize(
    ("written", "number"), [("11", 1), ("011", 2), ("0011", 3), ("1011", 4), ("00011", 5), ("10011", 6), ("001011", 11)]
)
def test_numbers_in_fibonacci_coding(written: str, number: int) -> None:
    read = bits(written + "1")
    assert read.fibonacci() == number
    assert read.flag(), "and not a bit more is read"


def test_reading_beyond_the_end() -> None:
    read = bits("10101010")
    read.number(24)  # what encoders leave out are zeros, up to a letter's end
    with pytest.raises(Broken, match="too early"):
        read.flag()
    with pytest.raises(Broken, match="too early"):
        bits("0000").fibonacci()


@pytest.mark.parametrize("text", ["ä", "a b", "a.b", "=" * 4])
def test_what_is_no_base64url(text: str) -> None:
    with pytest.raises(Broken, match="no base64url"):
        Bits(text)
