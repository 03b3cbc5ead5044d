from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.call import Secret
from container.encoding import decode, encode, load
from container.errors import Unreadable


def test_numbers_are_decimals_from_the_wire_on_and_leave_as_they_came() -> None:
    found = decode(b'{"price": 49.90, "count": 3, "id": 12345678901234567890123}')
    assert found == {"price": Decimal("49.90"), "count": 3, "id": 12345678901234567890123}
    assert encode(found) == b'{"price":49.9,"count":3,"id":12345678901234567890123}'
    assert encode(Decimal("0.1") + Decimal("0.2")) == b"0.3"
    assert encode([Decimal("10.00"), Decimal("-0.0")]) == b"[10,0]"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("2", b"2"),
        ("149.90", b"149.9"),
        ("9007199254740993", b"9007199254740993"),
        ("9223372036854775807.0", b"9223372036854775807"),
        ("-9223372036854775808", b"-9.223372036854776e+18"),
        ("1e30", b"1e+30"),
        ("1.00000000000000000001", b"1.0"),
    ],
)
def test_a_whole_decimal_is_written_as_one(number: str, written: bytes) -> None:
    assert encode(Decimal(number)) == written


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError):
        encode([Secret("TOKEN")])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "line 1, column 2"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b"[1e999]", "out of range"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{\x00}", "not UTF-8"),
        (b"[" + b"9" * 5000 + b"]", "out of range"),
        (b"[0." + b"9" * 5000 + b"]", "out of range"),
        (b"[1e99999999999999999999]", "out of range"),
        (b"", "not JSON"),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        decode(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'"\ud83d\ude42"', "\U0001f642"),
        (rb'"a\ud83d"', "a\ufffd"),
        (rb'"\udE42\ud83d\u0041"', "\ufffd\ufffdA"),
        (rb'"\\ud83d"', r"\ud83d"),
    ],
)
def test_half_a_character_is_replaced(body: bytes, value: str) -> None:
    assert decode(body) == value
    assert load(encode(decode(body))) == value


def test_a_byte_order_mark_is_no_fault() -> None:
    assert decode(b"\xef\xbb\xbf{}") == {}


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(values)
def test_what_is_encoded_is_read_back(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        decode(body)
    except Unreadable as error:
        assert str(error)


def test_our_own_bytes_are_read_back_fast() -> None:
    assert load(encode({"a": [1, "x"]})) == {"a": [1, "x"]}
