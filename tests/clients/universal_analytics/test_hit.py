"""What becomes of a hit: GTM's names, and the names GA4 has for what happened."""

from __future__ import annotations

from decimal import Decimal

import pytest
from universal_hits import BASE, PAGE, has, one, sent


def test_a_page_view() -> None:
    event = one(f"{PAGE}&dh=mydemo.com&dp=%2Fhome&dt=homepage&cd1=gold&z=5")
    assert event.name == "page_view"
    assert has(
        event,
        **{
            "client_id": "555", "page_hostname": "mydemo.com", "page_path": "/home", "page_title": "homepage",
            "x-ga-measurement_id": "UA-12345-6", "x-ga-protocol_version": "1", "x-ga-mp1-cd1": "gold",
            "x-ga-mp1-z": "5", "timestamp": Decimal("1795428000.5"), "ip_override": "203.0.113.7",
            "user_agent": "Mozilla/5.0",
        },
    )  # fmt: skip
    assert (event.notes, event.consent, event.names) == ((), {}, ())


def test_an_event() -> None:
    event = one(f"{BASE}&t=event&ec=video&ea=play&el=holiday&ev=300")
    assert event.name == "play"
    assert has(event, event_category="video", event_action="play", event_label="holiday", value=300)
    assert event.data["x-ga-mp1-ev"] == "300"
    assert one(f"{BASE}&t=event").name == "event"


def test_what_has_a_name_of_its_own_is_not_told_again_under_ga_s() -> None:
    order = f"{PAGE}&dt=homepage&pa=purchase&ti=T-1&tr=10&cu=EUR&pr1id=A&pr1nm=Shirt&cd2=red"
    for event in sent(order):
        again = {key for key in event.data if key.startswith("x-ga-mp1-")}
        assert "x-ga-mp1-cd2" in again
        assert again.isdisjoint(f"x-ga-mp1-{name}" for name in ("dt", "ti", "cu", "t", "pr1id", "pr1nm"))


def test_a_page_view_that_carries_a_purchase_is_two_events() -> None:
    page, order = sent(
        f"{PAGE}&dp=%2Freceipt&ti=T12345&ta=Store&tr=37.39&tt=2.85&ts=5.34&tcc=SUMMER&pa=purchase&cu=USD"
        "&pr1id=P12345&pr1nm=Warhol&pr1ca=Apparel&pr1br=Google&pr1va=Black&pr1ps=1&pr1cd1=Member&pr1pr=29.20&pr1qt=1"
        "&pr2id=P67890&pr2cc=TEN"
    )
    assert (page.name, order.name) == ("page_view", "purchase")
    assert not {"transaction_id", "items", "value"} & set(page.data)
    assert has(order, transaction_id="T12345", affiliation="Store", tax=Decimal("2.85"), shipping=Decimal("5.34"))
    assert has(order, value=Decimal("37.39"), coupon="SUMMER", currency="USD", page_path="/receipt")
    assert order.data["items"] == [
        {
            "item_id": "P12345", "item_name": "Warhol", "item_category": "Apparel", "item_brand": "Google",
            "item_variant": "Black", "index": 1, "cd1": "Member", "price": Decimal("29.20"), "quantity": 1,
        },
        {"item_id": "P67890", "coupon": "TEN"},
    ]  # fmt: skip
    assert (order.data["x-ga-mp1-tr"], order.data["x-ga-mp1-pa"]) == ("37.39", "purchase")
    assert order.id != page.id


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("purchase", "purchase"), ("refund", "refund"), ("add", "add_to_cart"), ("remove", "remove_from_cart"),
        ("detail", "view_item"), ("click", "select_item"), ("checkout", "begin_checkout"),
    ],
)  # fmt: skip
def test_an_event_that_carries_an_action_is_that(action: str, name: str) -> None:
    event = one(f"{BASE}&t=event&ec=UX&ea=click&el=x&pa={action}&pal=List&pr1id=A")
    assert (event.name, event.data["items"], event.data["item_list_name"]) == (name, [{"item_id": "A"}], "List")
    assert event.data["event_action"] == "click"


def test_impressions() -> None:
    page, seen = sent(f"{PAGE}&il1nm=Search&il1pi1id=P1&il1pi1pr=5&il1pi2id=P2&il2pi1id=P3")
    assert (page.name, seen.name) == ("page_view", "view_item_list")
    assert seen.data["items"] == [
        {"item_id": "P1", "price": 5, "item_list_name": "Search"},
        {"item_id": "P2", "item_list_name": "Search"},
        {"item_id": "P3"},
    ]


@pytest.mark.parametrize(
    ("query", "name"),
    [("t=screenview", "screen_view"), ("t=social", "share"), ("t=exception", "exception"), ("t=new", "new")],
)
def test_other_hits(query: str, name: str) -> None:
    assert one(f"{BASE}&{query}").name == name



def test_what_the_event_of_the_page_says_is_no_part_of_its_purchase_and_the_other_way_round() -> None:
    page, order = sent(f"{PAGE}&ev=5&pa=purchase&tr=10")
    assert "value" not in page.data
    assert order.data["value"] == 10


def test_an_action_nobody_knows_is_none() -> None:
    event = one(f"{BASE}&t=event&ea=play&pa=dance&pr1id=A")
    assert (event.name, "items" in event.data) == ("play", False)
