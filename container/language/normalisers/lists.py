"""Normalisers of lists."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from container.language.normalisers.base import Apply, Case, Normaliser, Parameter, plain
from container.language.values import as_decimal, number, present, step

_EXACT = Context(prec=700)


def _first(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return next((item for item in value if present(item)), None)


def _last(value: Any) -> Any:
    return _first(value[::-1]) if isinstance(value, list) else value


def _count(value: Any) -> int | None:
    if not present(value):
        return None
    return len(value) if isinstance(value, list | Mapping) else 1


def _sum(keys: tuple[str, ...]) -> Apply:
    def total(value: Any) -> Decimal | None:
        terms = [_product(item, keys) for item in (value if isinstance(value, list) else [value])]
        known = [term for term in terms if term is not None]
        result = Decimal(0)
        for term in known:
            result = _EXACT.add(result, term)
        return as_decimal(result) if known else None

    return total


def _product(item: Any, keys: tuple[str, ...]) -> Decimal | None:
    if not keys:
        found = number(item)
        return None if found is None else Decimal(found)
    found = number(step(item, keys[0]))
    if found is None:
        return None
    result = Decimal(found)
    for key in keys[1:]:
        factor = step(item, key)
        if present(factor):
            times = number(factor)
            if times is None:
                return None
            result = _EXACT.multiply(result, Decimal(times))
    return result


_ITEMS = [{"price": Decimal("49.95"), "quantity": 2}, {"price": "50"}, {"quantity": 3}]

NORMALISERS = (
    plain(
        "first",
        "the first present element; one value is its own first",
        _first,
        Case("", ["", "a", "b"], "a"),
        Case("", "a", "a"),
        Case("", [], None),
        whole=True,
    ),
    plain(
        "last",
        "the last present element",
        _last,
        Case("", ["a", "b", None], "b"),
        Case("", 5, 5),
        whole=True,
    ),
    plain(
        "count",
        "how many elements or keys; one value is one",
        _count,
        Case("", ["a", "a"], 2),
        Case("", {"a": 1}, 1),
        Case("", "abc", 1),
        Case("", [], None),
        whole=True,
    ),
    Normaliser(
        "sum",
        "the sum over the elements of the product of these members; elements without the first are left out, "
        "a further one that is absent counts as 1",
        _sum,
        (
            Case("price, quantity", _ITEMS, Decimal("149.90")),
            Case("quantity", _ITEMS, Decimal(5)),
            Case("", [1, "2.5"], Decimal("3.5")),
            Case("price", [], None),
            Case("price, quantity", [{"price": 5, "quantity": "two"}], None),
        ),
        (Parameter("key", "words", required=False),),
        whole=True,
    ),
)
