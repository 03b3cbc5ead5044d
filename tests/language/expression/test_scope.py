"""The values of one evaluation."""

from __future__ import annotations

from typing import Any

from speaking import context, scope, value

from container.language.expression import Scope


def test_local_names_come_first() -> None:
    over = Scope(event={"a": 1}, local={"event": {"a": 2}, "match": ["x.de", "x"]})
    assert value("event.a", over=over, locals=frozenset({"event"})) == 2
    assert value("match[1]", over=over, locals=frozenset({"match"})) == "x"


def test_with_local() -> None:
    over = scope({"zero": 0}).with_local(a=1).with_local(b=2)
    names = frozenset({"a", "b"})
    assert value("[a, b, event.zero]", over=over, locals=names) == [1, 2, 0]



def test_a_variable_is_worked_out_once_however_many_scopes_are_made_of_one() -> None:
    asked: list[str] = []

    def market(over: Scope) -> Any:
        asked.append(over.event["host"])
        return None

    first = scope({"host": "shop.no"}, variables={"market": market})
    assert first.var("market") is first.with_local(a=1).var("market") is first.over({}).var("market") is None
    assert asked == ["shop.no"], "absent is a value too"
    assert first.var("none") is None


def test_names_are_added_to_a_context_and_not_to_the_one_it_came_from() -> None:
    known = context(locals=frozenset({"params"}))
    assert known.adding("item", "index").locals == {"params", "item", "index"}
    assert known.locals == {"params"}
