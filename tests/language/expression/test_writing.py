"""What the written functions give, and what they do not ask."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from speaking import expression, problem, value

from container.call import Secret
from container.language.expression import Scope


def test_alternatives_do_not_evaluate_further() -> None:
    asked: list[str] = []

    def told(name: str) -> str:
        asked.append(name)
        return name

    variables = {name: lambda scope, name=name: told(name) for name in ("a", "b")}
    assert value("var.a ?? var.b", over=Scope(variables=variables)) == "a"
    assert asked == ["a"]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"1": " b "}, "b"),
        (MappingProxyType({"1": "b"}), "b"),
        (["a", "b"], "b"),
        ({"1": None}, None),
        ({"1": 0}, "0"),
        ({}, None),
        ("text", None),
        (None, None),
    ],
)
def test_a_piped_path_reads_what_the_path_alone_reads(item: Any, found: str | None) -> None:
    over = Scope(event={"1": item, "item": item}, local={"item": item})
    assert value('item["1"] | trim', over=over, locals=frozenset({"item"})) == found
    assert value("item.1 | trim", over=over, locals=frozenset({"item"})) == found
    assert value("event.item.1 | trim", over=over) == found
    assert value("event.1 | join(',') | trim", over=over) == value("event.item | join(',') | trim", over=over)


def test_the_first_of_two_secrets() -> None:
    known = {"A": "1", "B": "2"}
    assert value("event.token ?? secret.B", environment=known) == Secret("B")
    assert expression("secret.A ?? secret.B", environment=known).secret


def test_a_secret_that_arrives_later_has_no_text() -> None:
    over = Scope(local={"params": {"token": Secret("A")}})
    names = frozenset({"params"})
    assert value("params.token", over=over, locals=names) == Secret("A")
    for text in ("params.token | text", "params.token | sha256", "params.token == 'secret:A'", "params.token | json"):
        assert not value(text, over=over, locals=names)


def test_constants_are_evaluated_once() -> None:
    found = expression("'a,b' | split(',')")
    assert found.constant
    assert found.evaluate(Scope()) is found.evaluate(Scope())
    assert not expression("now | seconds").constant


def test_an_argument_may_be_an_expression() -> None:
    assert value("event.amount | minor(event.currency)", {"amount": "1.5", "currency": "KWD"}) == 1500
    assert value("event.amount | minor(event.currency)", {"amount": "1.5"}) is None
    assert value("event.p | default_region(event.country)", {"p": "030 123456", "country": "de"}) == "+4930123456"
    assert value("event.p | default_region(event.country)", {"p": "030 123456"}) is None



def asked_of(text: str, **values: Any) -> list[str]:
    """Which variables are read, in order."""
    asked: list[str] = []

    def told(name: str) -> Any:
        asked.append(name)
        return values[name]

    variables = {name: lambda scope, name=name: told(name) for name in values}
    value(text, over=Scope(variables=variables))
    return asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("var.yes or var.no", ["yes"]),
        ("var.no or var.yes", ["no", "yes"]),
        ("var.no and var.yes", ["no"]),
        ("var.yes and var.no", ["yes", "no"]),
        ("var.none | replace('a', var.yes)", ["none"]),
    ],
)
def test_what_cannot_change_the_answer_is_not_asked(text: str, asked: list[str]) -> None:
    assert asked_of(text, yes=1, no=0, none=None) == asked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("event.n == '5'", True),
        ("event.n == 5", True),
        ("event.n == '5.0'", False),
        ("event.s == 5", True),
        ("event.flag == 'true'", True),
        ("event.list == '5'", False),
        ("event.s in event.list", True),
        ("event.s in '15'", False),
        ("event.list > 1", False),
    ],
)
def test_comparing_across_types(text: str, found: bool) -> None:
    assert value(text, {"n": 5, "s": "5", "flag": True, "list": [5]}) is found


def test_an_argument_that_is_wrong_is_told_at_its_normaliser_at_load_and_makes_nothing_later() -> None:
    found = problem("event.a | trim | split('')")
    assert (found.code, found.column, found.length) == ("bad-argument", 18, 5)
    assert value("event.a | default_region(event.b)", {"a": "030 1234567", "b": "Atlantis"}) is None
