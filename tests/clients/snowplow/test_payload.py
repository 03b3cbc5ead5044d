"""A tracker's fields as event data, beside Snowplow's own names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from snowplow_hits import contexts, described, one, packed, self_describing, sent


def test_a_self_describing_event_of_one_s_own() -> None:
    for field, text in (("ue_pr", str), ("ue_px", packed)):
        event = one(e="ue", **{field: text(self_describing("iglu:com.acme/signed_up", {"plan": "pro", "price": 5}))})
        assert (event.name, event.data["plan"], event.data["price"]) == ("signed_up", "pro", 5)
        assert event.data["x-sp-self_describing_event_com_acme_signed_up_1"] == {"plan": "pro", "price": 5}


def test_entities_of_the_visitor() -> None:
    data = one(
        duid="d",
        co=contexts(
            described("iglu:com.google.tag-manager.server-side/user_data", {"email_address": "a@b.de"}),
            described("iglu:com.snowplowanalytics.snowplow/client_session", {"userId": "app", "sessionId": "s"}),
            described("iglu:org.ietf/http_client_hints", {"isMobile": True, "platform": "Android", "brands": []}),
        ),
    ).data
    assert data["user_data"] == {"email_address": "a@b.de"}
    assert (data["client_id"], data["session_id"], data["x-sp-domain_userid"]) == ("app", "s", "d")
    assert data["client_hints"] == {"mobile": True, "platform": "Android", "brands": []}


def test_an_old_order_and_its_items() -> None:
    order, lamp = sent(
        [
            {"e": "tr", "tr_id": "T", "tr_af": "Web", "tr_tt": "35.00", "tr_tx": "5.5", "tr_sh": "0", "tr_cu": "EUR"},
            {"e": "ti", "ti_id": "T", "ti_sk": "A", "ti_nm": "Shirt", "ti_ca": "x", "ti_pr": "17.5", "ti_qu": "2"},
            {"e": "ti", "ti_id": "other", "ti_sk": "L", "ti_pr": "x"},
        ]
    )
    assert (order.name, lamp.name) == ("purchase", "transaction_item")
    wanted = {"transaction_id": "T", "affiliation": "Web", "value": 35, "tax": Decimal("5.5"), "shipping": 0}
    assert {key: order.data[key] for key in wanted} == wanted
    assert order.data["items"] == [
        {"item_id": "A", "item_name": "Shirt", "item_category": "x", "price": Decimal("17.5"), "quantity": 2}
    ]
    assert (lamp.data["items"], lamp.notes) == ([{"item_id": "L"}], ("`ti_pr` left out: not a number",))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Decimal("1795428000.5")),
        ({"ttm": "1795427000000"}, 1795427000),
        ({"dtm": "1795427000000"}, 1795427000),
        ({"dtm": "1000000000000", "stm": "1000000002500"}, 1795427998),  # a device whose clock is years behind
        ({"dtm": "1795427000000", "stm": "1"}, Decimal("1795428000.5")),
        ({"dtm": "soon"}, Decimal("1795428000.5")),
    ],
)
def test_when_it_happened(fields: dict[str, str], expected: Any) -> None:
    assert one(**fields).data["timestamp"] == expected



def test_fields_are_told_under_gtms_names_and_snowplows() -> None:
    data = one(aid="shop", p="web", eid="E", duid="D", sid="S", vid="3").data
    assert (data["event_id"], data["client_id"], data["session_id"], data["session_number"]) == ("E", "D", "S", 3)
    assert (data["x-sp-app_id"], data["x-sp-platform"], data["x-sp-domain_userid"]) == ("shop", "web", "D")
