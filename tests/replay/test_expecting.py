from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.replay.expecting import differences, sendable


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}),
        ({"a": Decimal("149.90")}, {"a": Decimal("149.9")}),
        ({}, {"a": 1}),
        (1, Decimal(1)),
    ],
)
def test_keys_that_are_not_named_are_free(wanted: Any, got: Any) -> None:
    assert differences(wanted, got) == []


@pytest.mark.parametrize(
    ("wanted", "got", "says"),
    [
        ({"a": 1}, {}, "a should be 1, and is missing"),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, 'a.b should be "x", and is "y"'),
        ({"a": [1, 2]}, {"a": [1]}, "a should be [1,2], and is [1]"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "a[0].b should be 1, and is 2"),
        ({"a": True}, {"a": 1}, "a should be true, and is 1"),
        ({"a": "1"}, {"a": 1}, 'a should be "1", and is 1'),
        ({"a": {"b": 1}}, {"a": 1}, 'a should be {"b":1}, and is 1'),
        ({"a": None}, {}, "a should be null, and is missing"),
    ],
)
def test_what_differs_is_told_with_its_place(wanted: Any, got: Any, says: str) -> None:
    assert differences(wanted, got) == [says]


def test_a_call_is_compared_as_a_template_writes_it() -> None:
    call = {
        "method": "POST",
        "url": "https://x.example/a?b=1&c=",
        "headers": {"Content-Type": "application/json"},
        "body": {"d": 1},
    }
    assert sendable(call) == {
        "method": "POST",
        "url": "https://x.example/a",
        "query": {"b": "1", "c": ""},
        "headers": {"content-type": "application/json"},
        "json": {"d": 1},
    }


def test_a_form_and_a_text_are_compared_as_such() -> None:
    form = {
        "method": "POST",
        "url": "https://x.example/",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "body": "a=1&b=%C3%BC",
    }
    assert sendable(form)["form"] == {"a": "1", "b": "ü"}
    assert sendable({**form, "headers": {}})["text"] == "a=1&b=%C3%BC"
    assert "form" not in sendable({**form, "headers": {}})
    assert not {"json", "text", "form"} & set(sendable({**form, "body": None}))
