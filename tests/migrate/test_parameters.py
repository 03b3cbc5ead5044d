"""GTM's parameters as plain values."""

from __future__ import annotations

from typing import Any

import pytest
from gtm_parameters import PARAMETERS

from container.migrate.leaves import Leaves
from container.migrate.parameters import Params, arguments, decoded, digits

DATA = {"parameter": PARAMETERS}


def test_parameters_are_read_by_key_and_never_by_type() -> None:
    leaves = Leaves(DATA)
    params = Params(leaves.root.get("parameter"))
    assert params.text("a") == "x"
    assert params.rows("rows") == [{"k": "v"}]
    assert params.table("rows", "k", "k") == [("v", "v")]
    assert params.text("nothing") == params.text("missing") == ""
    assert params.unread() == ["yes"]
    assert params.flag("yes")
    assert not params.flag("missing")
    assert params.unread() == []
    assert leaves.as_json()["used"] == 14


def params(**texts: Any) -> tuple[Params, Leaves]:
    leaves = Leaves({"parameter": [{"type": "TEMPLATE", "key": key, "value": value} for key, value in texts.items()]})
    return Params(leaves.root.get("parameter")), leaves


@pytest.mark.parametrize(
    ("value", "on"), [("True ", True), ("false", False), ("{{Consent}}", True), ("", True), ("1", False)]
)
def test_what_a_variable_decides_counts_as_switched_on_and_an_empty_field_as_its_default(value: str, on: bool) -> None:
    assert params(flag=value)[0].flag("flag", default=True) is on
    assert not params()[0].flag("flag")


def test_reading_marks_and_looking_does_not() -> None:
    found, leaves = params(a="1", b="2", c_1="3", c_2="4", d="5")
    assert dict(found.all()) == {"a": "1", "b": "2", "c_1": "3", "c_2": "4", "d": "5"}
    assert found.unread() == ["a", "b", "c_1", "c_2", "d"]
    found.text("a")
    found.book("a rule", "c_*", "b", "none")
    assert found.unread() == ["d"]
    assert leaves.bookkeeping == {"a rule": 9}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"type": "TEMPLATE", "value": "x"}, "x"),
        ({"type": "INTEGER", "value": 5}, "5"),
        ({"type": "BOOLEAN", "value": True}, "true"),
        ({"type": "LIST"}, []),
        ({"list": [{"value": "a"}, 5, {"map": [{"key": "k", "value": "v"}]}]}, ["a", None, {"k": "v"}]),
        ({"type": "MAP", "map": "broken"}, {}),
        ({"type": "TEMPLATE", "value": ["odd"]}, None),
        ("broken", None),
    ],
)
def test_what_no_export_of_gtm_has_counts_as_nothing(parameter: Any, value: Any) -> None:
    assert decoded(parameter) == value


def test_the_arguments_of_a_condition_are_what_they_are_in_the_export() -> None:
    said = [{"key": "arg0", "value": "{{Event}}"}, {"key": "arg1", "value": " x "}, {"key": "n", "value": 5}, "odd"]
    assert arguments({"parameter": said}) == {"arg0": "{{Event}}", "arg1": " x "}
    assert arguments({"parameter": "odd"}) == arguments("odd") == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [("017", 17), ("9" * 19, 10**19 - 1), ("9" * 20, None), ("²", None), ("٣", None), ("-1", None), ("", None)],
)
def test_digits_are_ascii_and_not_too_many(text: str, number: int | None) -> None:
    assert digits(text) == number
