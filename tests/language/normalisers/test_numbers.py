"""Amounts as people, shops and vendors write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from speaking import problem, value

from container.language.normalisers.numbers import rounded


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.299.000", "1299000.00"),
        ("12.345,6", "12345.60"),
        ("1 299,90", "1299.90"),
        ("1'299.90", "1299.90"),
        ("1\u00a0299,90 €", "1299.90"),  # as browsers write it in French and Norwegian
        ("1\u202f299,90 €", "1299.90"),
        ("kr 1\u00a0299,90", "1299.90"),
        ("\u2212299,90 kr", "-299.90"),
        ("-$5", "-5.00"),
        ("$-5", "-5.00"),
        ("EUR 5.-", "5.00"),
        ("1e3", "1000.00"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("12 34", None),
        ("5 10 €", None),
        ("5€10", None),
        ("٣", None),
        (True, None),
    ],
)
def test_money(text: Any, amount: str | None) -> None:
    assert value("event.a | money", {"a": text}) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    ("currency", "stripe", "units"),
    [
        ("EUR", 1001, 1001),
        ("jpy", 10, 10),
        (" KWD ", 10005, 10005),
        ("CLF", 1001, 100050),
        ("UGX", 1001, 10),
        ("MGA", 10, 1001),
        ("ISK", 1001, 10),
        ("EURO", None, None),
        (None, None, None),
    ],
)
def test_minor_units_round_half_up(currency: str | None, stripe: int | None, units: int | None) -> None:
    event = {"a": "10.005", "c": currency}
    assert value("event.a | minor(event.c, stripe)", event) == stripe
    assert value("event.a | minor(event.c)", event) == units


def test_an_amount_in_minor_units_is_the_same_when_it_comes_back() -> None:
    for currency in ("EUR", "JPY", "KWD", "CLF"):
        assert value("event.a | minor(event.c) | from_minor(event.c)", {"a": "149", "c": currency}) == 149


def test_half_goes_up_as_in_shops_however_many_digits_there_are() -> None:
    assert [rounded(Decimal(text), 0) for text in ("0.5", "1.5", "2.5", "-2.5")] == [1, 2, 3, -3]
    assert rounded(Decimal("1" * 60 + ".005"), 2) == Decimal("1" * 60 + ".01")


@pytest.mark.parametrize("places", ["'2'", "-1", "11", "true"])
def test_decimals_are_a_small_number(places: str) -> None:
    assert "fixed(2)" in problem(f"event.a | fixed({places})").message


def test_fixed_writes_no_exponent() -> None:
    assert value("event.a | fixed(2)", {"a": "1e20"}) == "1" + "0" * 20 + ".00"


@pytest.mark.parametrize(("sign", "code"), [("zł", "PLN"), ("Kč", "CZK"), ("US$", "USD"), ("kr", None), ("¥", None)])
def test_signs_of_currencies(sign: str, code: str | None) -> None:
    assert value("event.a | currency", {"a": sign}) == code


def test_less_is_exact() -> None:
    assert value("event.a | minus(event.b)", {"a": "0.3", "b": "0.1"}) == Decimal("0.2")
    assert value("event.a | minus(event.b)", {"a": "0.3"}) is None
