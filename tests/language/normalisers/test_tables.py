"""Looking something up, and picking members."""

from __future__ import annotations

from typing import Any

import pytest
from speaking import value


def test_a_table_of_texts() -> None:
    tables = {"t": {"true": "GRANTED", "false": "DENIED", "10": "ten"}}
    assert value("event.ok | lookup(t)", {"ok": True}, tables=tables) == "GRANTED"
    assert value("event.n | lookup(t)", {"n": 10.0}, tables=tables) == "ten"



@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("event.rows | find(id, 5)", {"id": "5", "v": "a"}),
        ("event.rows | find(id, '5', v)", "a"),
        ("event.rows | find(id, '6', v)", None),
        ("event.rows | find(id, event.none)", None),
        ("event.one | find(id, 7)", {"id": 7}),
        ("event.one | get(event.name)", 7),
        ("event.one | get(event.none)", None),
        ("event.many | only(id)", [{"id": 1}, {"id": 2}]),
        ("event.many | without(id, x)", []),
    ],
)
def test_picking(text: str, found: Any) -> None:
    rows = ["text", {"id": "5", "v": "a"}, {"id": 5, "v": "b"}, {"id": 6}]
    event = {"rows": rows, "one": {"id": 7}, "name": "id", "many": [{"id": 1, "x": 1}, {"id": 2}, "text"]}
    assert value(text, event) == found


def test_what_else_says_may_be_a_value_of_the_event() -> None:
    table = {"t": {"a": "A"}}
    assert value("event.k | lookup(t, else: event.other)", {"k": "b", "other": 5}, tables=table) == 5
    assert value("event.k | lookup(t, else: event.other)", {"other": 5}, tables=table) is None
