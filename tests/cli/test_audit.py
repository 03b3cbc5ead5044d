"""What copies would have cost, and what cannot be told apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from container.cli.audit import RETRY, Audit, Telling, Told, amount, number


def telling(**told: Any) -> Telling:
    plain: dict[str, Any] = {
        "where": "line 1", "at": 0.0, "source": "server", "client": "shopify", "name": "1001", "named": True,
        "value": Decimal(10), "currency": "EUR", "matched_by": "", "ambiguous": False, "customer": {},
    }  # fmt: skip
    return Telling(**{**plain, **told})


def told(*tellings: Telling) -> Told:
    return Told("C1", "purchase", list(tellings))


def customer(*forms: str, what: str = "email") -> dict[str, frozenset[str]]:
    return {what: frozenset(forms)}


@pytest.mark.parametrize(
    ("tellings", "doubts"),
    [
        ([telling(), telling(client="ga4")], []),
        ([telling(customer=customer("a", "b")), telling(customer=customer("b"))], []),
        ([telling(customer=customer("a")), telling(customer=customer("c"))], ["two_customers"]),
        ([telling(customer=customer("a")), telling(customer=customer("1", what="phone"))], []),
        (
            [
                telling(customer={**customer("a"), **customer("1", what="phone")}),
                telling(customer={**customer("b"), **customer("1", what="phone")}),
            ],
            [],  # one of the two agrees
        ),
        ([telling(), telling(value=Decimal(12))], ["two_values"]),
        ([telling(), telling(currency="NOK")], ["two_values"]),
        ([telling(), telling(value=Decimal(12), client="ga4")], []),
        ([telling(), telling(value=None)], []),
        ([telling(name="", named=False)], ["nameless"]),
        ([telling(), telling(name="", named=False)], ["only_hints"]),
        ([telling(), telling(name="", named=False, client="ga4")], []),
        ([telling(), telling(name="", named=False, matched_by=RETRY)], []),
        ([telling(name="", named=False, ambiguous=True)], ["ambiguous"]),
    ],
)
def test_why_it_may_be_none_or_two(tellings: list[Telling], doubts: list[str]) -> None:
    assert list(told(*tellings).doubts()) == doubts


def test_the_further_copies_are_what_it_would_have_cost() -> None:
    nok = telling(value=Decimal(100), currency="NOK")
    one = told(telling(name=""), telling(name="1001", matched_by="event_id"), telling(matched_by="event_id"), nok)
    other = told(telling(), telling(value=None))
    assert (one.name, one.matched_by, len(one.extra)) == ("1001", ["event_id"], 3)
    assert amount([one, other]) == {"EUR": Decimal(20), "NOK": Decimal(100)}
    audit = Audit([one, other, told(telling())], events=7).as_json()
    assert (audit["conversions"], audit["sent_too_often"], audit["events"]) == (3, 4, 7)
    assert [row["extra"] for row in audit["twice"]] == [3, 1]
    assert [row["why"] for row in audit["doubts"]] == ["two_values"]


@pytest.mark.parametrize(("value", "found"), [("149.90 ", "149.90"), (5, "5"), ("NaN", None), (None, None)])
def test_an_amount(value: Any, found: str | None) -> None:
    assert number(value) == (Decimal(found) if found else None)
