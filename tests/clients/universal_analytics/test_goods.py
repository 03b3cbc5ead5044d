"""Numbered parameters and `item` hits as items."""

from __future__ import annotations

from container.clients.common import Notes
from container.clients.universal_analytics.goods import MOST_ITEMS, impressions, is_of_goods, item_of_hit, products


def test_products_come_in_the_order_of_their_numbers() -> None:
    notes = Notes()
    query = {"pr10id": "C", "pr2id": "B", "pr2pr": "5.50", "pr1nm": "A", "pr1cd12": "own", "prXid": "no"}
    assert [{**item} for item in products(query, notes)] == [
        {"item_name": "A", "cd12": "own"},
        {"item_id": "B", "price": products({"pr1pr": "5.50"}, notes)[0]["price"]},
        {"item_id": "C"},
    ]
    assert notes() == ()


def test_what_is_no_number_is_left_out_and_said_and_the_item_stays() -> None:
    notes = Notes()
    assert products({"pr1id": "A", "pr1qt": "two", "pr0id": "x"}, notes) == [{"item_id": "A"}]
    assert [note.partition(":")[0] for note in notes()] == ["`pr1qt` left out", "`pr0id` left out"]


def test_lists_come_in_their_order_with_their_names() -> None:
    query = {"il2pi1id": "C", "il1pi2id": "B", "il1pi1id": "A", "il1nm": "Search"}
    assert impressions(query, Notes()) == [
        {"item_id": "A", "item_list_name": "Search"},
        {"item_id": "B", "item_list_name": "Search"},
        {"item_id": "C"},
    ]


def test_of_all_lists_together_so_many_are_taken() -> None:
    query = {f"il{place}pi{item}id": "A" for place in (1, 2) for item in range(1, 151)}
    assert len(impressions(query, Notes())) == MOST_ITEMS


def test_an_item_hit_is_one_item() -> None:
    assert item_of_hit({"in": "sofa", "ic": "", "ip": "300", "iq": "2"}, Notes()) == {
        "item_name": "sofa", "price": 300, "quantity": 2,
    }  # fmt: skip


def test_which_parameters_are_of_goods() -> None:
    assert all(map(is_of_goods, ("pr1id", "pr200cd3", "il1pi2nm", "il1nm")))
    assert not any(map(is_of_goods, ("pr", "prid", "pr1", "ilnm")))
