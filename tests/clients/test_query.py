"""Query strings: the fast splitter agrees with the library's, and broken ones are read as far as they go."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.event import Request, split_query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "1"}),
        ("a&b=&=c&&d==e", {"a": "", "b": "", "d": "=e"}),
        ("a%20b=c+d%2Be", {"a b": "c d+e"}),
        ("a=%C3%A4&b=ä", {"a": "ä", "b": "ä"}),
        ("a=ä%20b", {"a": "ä b"}),
        ("a=%ff&b=%zz&c=%", {"a": "\ufffd", "b": "%zz", "c": "%"}),
        ("a=%2541", {"a": "%41"}),
    ],
)
def test_split_query(text: str, expected: dict[str, str]) -> None:
    assert split_query(text) == expected
    assert Request(query_string=text).query == expected


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_what_was_encoded_comes_back(parameters: dict[str, str]) -> None:
    encoded = "&".join(
        f"{quote_plus(name, errors='replace')}={quote_plus(value, errors='replace')}"
        for name, value in parameters.items()
    )
    expected: dict[str, str] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=None):
        expected.setdefault(name, value)
    assert split_query(encoded) == expected


@given(st.text(alphabet=st.sampled_from("ab=&%+4ä\ud800é")))
def test_like_the_library_for_anything(text: str) -> None:
    expected: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name:
            expected.setdefault(name, value)
    assert split_query(text) == expected


def test_with_query() -> None:
    request = Request(path="/x", query_string="a=1", headers={"cookie": "c=d"}, received=5.0)
    other = request.with_query("b=2&a=1", {"b": "2"})
    assert (other.query, other.query_string, other.path, other.received) == ({"b": "2"}, "b=2&a=1", "/x", 5.0)
    assert other.cookies == {"c": "d"}
    assert request.query == {"a": "1"}
    assert other == Request(path="/x", query_string="b=2&a=1", headers={"cookie": "c=d"}, received=5.0)
