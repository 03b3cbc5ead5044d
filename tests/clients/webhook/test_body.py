"""Bodies of webhooks: JSON and forms."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.webhook.body import FORM, MOST_FIELDS, form, read_body
from container.encoding import encode
from container.errors import Refused, TooLarge, Unreadable
from container.event import Request


def read(body: bytes, kind: str = "") -> Any:
    return read_body(Request("POST", "/", headers={"content-type": kind} if kind else {}, body=body))


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain;charset=UTF-8", "application/octet-stream"])
def test_json_whatever_the_content_type(kind: str) -> None:
    assert read(b'{"a": [1]}', kind) == {"a": [1]}


def test_forms() -> None:
    assert read(b"a=1&b=x+y%21", f"{FORM}; charset=utf-8") == {"a": "1", "b": "x y!"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"a", {"a": ""}),
        (b"a=1&a=2", {"a": "1"}),
        (b"contact[email]=x%40y.de&contact[n][m]=Ada", {"contact": {"email": "x@y.de", "n": {"m": "Ada"}}}),
        (b"contact%5Bemail%5D=x", {"contact": {"email": "x"}}),
        (b"tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        (b"items[0][id]=A&items[1][id]=B&items[0][qty]=2", {"items": [{"id": "A", "qty": "2"}, {"id": "B"}]}),
        (b"items[5][id]=A", {"items": {"5": {"id": "A"}}}),
        (b"a[b=1&a]b=2&[c]=3&a[b]c=4", {"a[b": "1", "a]b": "2", "[c]": "3", "a[b]c": "4"}),
        (b"a=1&a[b]=2", {"a": "1"}),
        (b"%ff=%ff&%=%", {"�": "�", "%": "%"}),
        (b"x" + b"[a]" * 30 + b"=1", {"x" + "[a]" * 30: "1"}),
    ],
)
def test_fields(body: bytes, fields: dict[str, Any]) -> None:
    assert form(body) == fields


def test_what_cannot_be_read() -> None:
    with pytest.raises(TooLarge, match=str(MOST_FIELDS)):
        form(b"a=1&" * (MOST_FIELDS + 1))
    with pytest.raises(Unreadable, match="not UTF-8"):
        form(b"a=\xff")
    with pytest.raises(Unreadable, match="multipart/form-data"):
        read(b"--x", "multipart/form-data; boundary=x")
    with pytest.raises(Unreadable, match="not UTF-8"):
        read('{"a": 1}'.encode("utf-16"))


@given(st.binary(max_size=60) | st.text("ab[]=&%012", max_size=40).map(str.encode))
def test_any_form_is_fields_or_refused(body: bytes) -> None:
    try:
        found = form(body)
    except Refused as refused:
        assert str(refused)
    else:
        assert encode(found)
