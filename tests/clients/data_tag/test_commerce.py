"""Items, their sum, and the `ecommerce` objects of Universal Analytics."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from data_tag_hits import one

from container.clients.data_tag.commerce import MOST_ITEMS


@pytest.mark.parametrize(
    ("items", "value"),
    [
        ([{"price": 0.1, "quantity": 3}, {"price": "0.2"}], Decimal("0.5")),
        ([{"price": 5}], 5),
        ([{"price": "1.234,50"}], None),
        ([{"item_id": "x"}], None),
        ([{"price": 10**21, "quantity": 10**21}], None),
    ],
)
def test_value_from_the_items(items: list[Any], value: Any) -> None:
    assert one({"items": items}).data.get("value") == value
    assert one({"items": items, "value": 7}).data["value"] == 7


def test_an_only_item_stands_at_the_top_too() -> None:
    item = {"item_id": "A", "item_name": "B", "item_brand": "C", "item_category": "D", "price": 2, "quantity": 1}
    data = one({"items": [{**item, "currency": "EUR"}], "item_name": "stays"}).data
    assert data["currency"] == "EUR"
    assert {key: value for key, value in data.items() if key.startswith("item_")} == {
        "item_id": "A", "item_name": "stays", "item_brand": "C", "item_category": "D", "item_price": 2,
        "item_quantity": 1,
    }  # fmt: skip
    assert "item_id" not in one({"items": [item, item]}).data


def test_ecommerce_of_universal_analytics() -> None:
    products = [{"id": "A", "name": "Shirt", "price": "10", "quantity": 2, "brand": "Acme", "dimension1": "x"}]
    action = {"actionField": {"id": "T1", "revenue": "20.5", "tax": "1", "coupon": "C"}, "products": products}
    data = one({"ecommerce": {"currencyCode": "EUR", "purchase": action}}).data
    assert data["items"] == [
        {"item_id": "A", "item_name": "Shirt", "price": "10", "quantity": 2, "item_brand": "Acme", "dimension1": "x"}
    ]
    wanted = {
        "transaction_id": "T1", "value": "20.5", "tax": "1", "coupon": "C", "currency": "EUR", "revenue": "20.5",
        "x-ga-mp1-pa": "purchase", "x-ga-mp1-tr": "20.5",
    }  # fmt: skip
    assert {key: data[key] for key in wanted} == wanted


@pytest.mark.parametrize("ecommerce", [{"items": [{"item_id": "A"}]}, {"add": {"products": [{"id": "A"}]}}])
def test_ecommerce_of_both_kinds(ecommerce: dict[str, Any]) -> None:
    assert one({"ecommerce": ecommerce}).data["items"] == [{"item_id": "A"}]


@pytest.mark.parametrize("ecommerce", [5, [], {"purchase": 5}, {"purchase": {"products": 5, "actionField": "x"}}])
def test_ecommerce_that_is_none(ecommerce: Any) -> None:
    assert "items" not in one({"ecommerce": ecommerce}).data


def test_many_items() -> None:
    data = one({"items": [{"item_id": "A", "price": 1}] * 10_000}).data
    assert (len(data["items"]), data["value"]) == (10_000, 10_000)



def test_more_items_than_anybody_buys_are_cut_and_said() -> None:
    event = one({"items": [{"item_id": "A"}] * (MOST_ITEMS + 1)})
    assert len(event.data["items"]) == MOST_ITEMS
    assert event.notes[0].startswith("`items` left out")


def test_what_the_event_states_itself_stays() -> None:
    action = {"actionField": {"id": "T1", "revenue": "5"}, "products": [{"id": "A", "item_id": "B"}]}
    data = one({"transaction_id": "T2", "value": 0, "currency": "NOK", "ecommerce": {"purchase": action}}).data
    assert (data["transaction_id"], data["value"], data["currency"]) == ("T2", 0, "NOK")
    assert data["items"] == [{"item_id": "B"}], "a product's own item_id wins over its id"


def test_impressions_are_items_and_an_only_object_is_a_list_of_one() -> None:
    assert one({"ecommerce": {"impressions": [{"id": "A", "list": "L"}]}}).data["items"] == [
        {"item_id": "A", "item_list_name": "L"}
    ]
    assert one({"items": {"item_id": "A"}}).data["items"] == [{"item_id": "A"}]
