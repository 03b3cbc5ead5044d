"""What an expression gives, and what is known of it at load."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import expression, value

from container.call import Secret
from container.language.expression import Context, Expression, Literal, Scope, hash_rule, parse
from container.problems import Place

EVENT: dict[str, Any] = {
    "event_name": "purchase",
    "value": Decimal("149.90"),
    "zero": 0,
    "no": False,
    "empty": "",
    "text": "5",
    "items": [{"item_id": "A", "price": 2}, {"item_id": "B"}],
    "user_data": {"email_address": " Mary@Example.com "},
    "x-ga-gcs": "G111",
    "a b": {"c.d": 7},
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", 1),
        ("-1.50", Decimal("-1.50")),
        ("1e3", Decimal(1000)),
        ("'it'", "it"),
        ('"it\'s"', "it's"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("[1, 'a', event.zero]", [1, "a", 0]),
        ("[]", []),
        ("event.event_name", "purchase"),
        ("event.items[1].item_id", "B"),
        ("event.items.1.item_id", "B"),
        ('event["a b"]["c.d"]', 7),
        ("event.x-ga-gcs", "G111"),
        ("event.items[7].item_id", None),
        ("event.event_name.first", None),
        ("(event.value)", Decimal("149.90")),
        ("event.nothing ?? event.empty ?? event.zero ?? 1", 0),
        ("event.nothing ?? event.empty", ""),
        ("event.value > 100", True),
        ("event.value > 100 and event.zero < 1", True),
        ("event.value > 200 or event.text == 5", True),
        ("not event.nothing", True),
        ("not event.zero", True),
        ("not event.value > 100", False),
        ("event.value and event.event_name", True),
        ("event.zero or event.nothing", False),
        ("event.event_name in ['refund', 'purchase']", True),
        ("event.text in [5]", True),
        ("event.nothing in [null]", False),
        ("event.event_name != 'refund'", True),
        ("event.nothing != 'refund'", True),
        ("event.nothing == event.nothing", False),
        ("event.text >= 5", True),
        ("event.event_name < 5", False),
        ("event.nothing <= 5", False),
        ("event.event_name | upper", "PURCHASE"),
        ("event.event_name | upper | lower | slice(0, 2)", "pu"),
        ("event.nothing ?? event.event_name | upper", "PURCHASE"),
        ("(event.event_name | upper) == 'PURCHASE'", True),
        ("(event.event_name|upper)in['PURCHASE']", True),
        ("  event.event_name ", "purchase"),
    ],
)
def test_value(text: str, found: Any) -> None:
    assert value(text, EVENT) == found


def test_secrets_are_references() -> None:
    found = expression("secret.TOKEN", environment={"TOKEN": "very secret"})
    assert found.evaluate(Scope()) == Secret("TOKEN")
    assert found.secret
    assert found.constant
    assert "very secret" not in repr(found)


def test_the_environment_is_folded() -> None:
    found = expression("env.PIXEL", environment={"PIXEL": "123"})
    assert found.tree == Literal("123")
    assert found.constant


def test_reads() -> None:
    found = expression("event.a.b ?? (var.c | lookup(t, else: same))", tables={"t": {}})
    assert [str(path) for path in found.reads()] == ["event.a.b", "var.c"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("event.a | hashed(email)", "email"),
        ("event.a | trim | hashed(email) | first", "email"),
        ("(event.a | hashed(email)) ?? (event.b | hashed(email))", "email"),
        ("(event.a | hashed(email)) ?? event.b", None),
        ("(event.a | hashed(email)) ?? (event.b | hashed(name))", None),
        ("event.a | hashed(email) | text", None),
        ("event.a", None),
    ],
)
def test_hash_rule(text: str, rule: str | None) -> None:
    assert hash_rule(expression(text).tree) == rule


def test_the_place_is_that_of_the_file() -> None:
    known = Context()
    assert parse("event.value | nmber", Place("tags/a.yaml", 7, 20), known) is None
    (found,) = known.problems
    assert (found.file, found.line, found.column, found.length) == ("tags/a.yaml", 7, 34, 5)


def test_an_expression_knows_its_text() -> None:
    found: Expression = expression("  event.a  ")
    assert found.text == "event.a"
