"""What is told aloud of a copy, and what is not: each doubt where it is due and where it would be a false alarm."""

from __future__ import annotations

from typing import Any

import pytest
from copies import CONVERSIONS, Shop, Tag

from container.conversion import Conversion
from container.event import Event

JANE = {"client_id": "1.2", "user_data": {"email_address": "jane@example.com"}}
JOHN = {"client_id": "3.4", "user_data": {"email_address": "john@example.com"}}


def sorts(id: str, number: str) -> dict[str, str]:
    return {"shopify_id": id, "shopify_number": number}


async def seen(shop: Shop, *events: Event) -> Conversion:
    for event in events:
        await shop.tell(event)
    assert shop.conversion is not None
    return shop.conversion


async def doubts(shop: Shop, *events: Event) -> dict[str, str]:
    return dict((await seen(shop, *events)).doubts)


async def test_a_purchase_without_an_order_name() -> None:
    shop = Shop()
    assert list(await doubts(shop, shop.browser(transaction_id="(not set)", value=10))) == ["nameless"]
    assert await doubts(shop, shop.browser(transaction_id="1001", value=10)) == {}
    assert await doubts(shop, shop.browser("generate_lead", event_id="E")) == {}, "a lead has no key to miss"
    assert await doubts(shop, shop.webhook("order_created", value=10)) == {}, "it only lends data"


async def test_a_number_told_by_another_customer_with_another_value() -> None:
    for other in ({"value": 20, **JOHN}, {"value": 20, "client_id": "3.4"}):
        shop = Shop()
        await shop.tell(shop.browser(transaction_id="1001", value=10, **JANE))
        found = await doubts(shop, shop.browser(transaction_id="1001", after=60, **other))
        assert found == {"reused": "its order name was told before, by another customer and with another value"}


async def test_a_forged_hit_with_the_next_orders_number_is_told_when_the_order_comes() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1002", value=1, client_id="66.6"))
    order = shop.webhook(transaction_id="577", names=sorts("577", "1002"), value="149.90", after=600, **JANE)
    assert list(await doubts(shop, order)) == ["reused"]


async def test_numbers_that_begin_anew_long_after() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="577", names=sorts("577", "1001"), value=10, **JANE))
    await shop.ledger.expire(shop.now + 40 * 86400)
    again = shop.browser(transaction_id="1001", value=99, after=40 * 86400, **JANE)
    assert list(await doubts(shop, again)) == ["reused"], "the copies of then are gone, and the amount is another"


@pytest.mark.parametrize(
    "more",
    [
        {"value": 10, **JOHN},  # staff, or the family's tablet: the same amount
        {"value": 20, **JANE},  # an edited cart on the customer's second page view
        {"value": 20},  # nobody knows whose it is
        {"value": 20, "client_id": "3.4", "user_data": JANE["user_data"]},  # her other device
    ],
)
async def test_no_false_alarm_over_a_number(more: dict[str, Any]) -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", value=10, **JANE))
    assert await doubts(shop, shop.browser(transaction_id="1001", after=60, **more)) == {}


async def test_the_shops_own_id_vouches_for_an_order_that_was_edited_by_staff() -> None:
    shop = Shop()
    names = sorts("577", "1001")
    await shop.tell(shop.webhook(transaction_id="577", names=names, value=10, **JANE))
    edited = shop.webhook("order_updated", transaction_id="577", names=names, value=12, after=900, **JOHN)
    assert await doubts(shop, edited) == {}


async def test_browser_and_server_disagree() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", value="149.90", currency="eur", **JANE))
    found = await doubts(shop, shop.webhook(transaction_id="1001", value=125.97, currency="EUR", after=9))
    assert found == {"disagree": "value is 125.97 by server and 149.9 by browser"}
    assert (await seen(shop, shop.browser(transaction_id="1001", value="149.90", after=9))).doubts == {}


async def test_an_edited_order_is_no_disagreement() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1001", value=100))
    await shop.tell(shop.webhook(transaction_id="1001", value="100.00", after=5))
    assert await doubts(shop, shop.webhook("order_updated", transaction_id="1001", value="90.00", after=60)) == {}
    assert await doubts(shop, shop.browser(transaction_id="1001", value=90, after=60)) == {}


async def test_hints_that_fit_several_are_told_whether_or_not_one_is_chosen() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1", value=10, **JANE))
    await shop.tell(shop.webhook(transaction_id="2", value=10, at=shop.now, **JANE))
    found = await seen(shop, shop.browser(value=10, **JANE))
    assert "none fits better" in found.doubts["ambiguous"] and found.number is None
    shop = Shop()
    await shop.tell(shop.webhook(transaction_id="1", value=10, **JANE))
    await shop.tell(shop.webhook(transaction_id="2", value=10, after=30, **JANE))
    found = await seen(shop, shop.browser(value=10, after=5, **JANE))
    assert "the one that fits best was chosen" in found.doubts["ambiguous"] and found.number == 2


async def test_copies_that_shared_nothing_until_a_third_connects_them_have_both_fired() -> None:
    shop = Shop(tags=(Tag("meta"), Tag("ga4", "ga.example 1 purchase")))
    await shop.tell(shop.browser(event_id="E1"))
    await shop.tell(shop.webhook(transaction_id="577"))
    found = await doubts(shop, shop.api(transaction_id="577", event_id="E1"))
    assert found == {"sent_twice": "nothing had connected these conversions, and ga4, meta has fired for each"}
    assert await doubts(shop, shop.api(transaction_id="577", event_id="E1")) == {}, "counted once"


async def test_conversions_of_which_one_has_fired_are_united_silently() -> None:
    shop = Shop(tags=())
    await shop.tell(shop.browser(event_id="E1"))
    shop.tags = (Tag("meta"),)
    await shop.tell(shop.webhook(transaction_id="577"))
    assert await doubts(shop, shop.api(transaction_id="577", event_id="E1")) == {}


async def test_whether_shops_meet_the_names_that_pages_give() -> None:
    async def met(shop: Shop, *events: Event) -> list[tuple[bool, bool]]:
        return [(one.page_named, one.page_met) for event in events for one in [await seen(shop, event)]]

    shop = Shop()
    page, names = {"transaction_id": "1001"}, sorts("577", "1001")
    assert await met(shop, shop.browser(**page), shop.browser(**page)) == [(True, False), (False, False)]
    order = {"transaction_id": "577", "names": names}
    assert await met(shop, shop.webhook(**order), shop.webhook(**order)) == [(False, True), (False, False)]
    shop = Shop()
    assert await met(shop, shop.webhook(transaction_id="577"), shop.browser(transaction_id="577")) == [
        (False, False), (True, True),
    ]  # fmt: skip
    shop = Shop()
    assert await met(shop, shop.browser(transaction_id="WEB-7"), shop.webhook(transaction_id="577")) == [
        (True, False), (False, False),
    ]  # fmt: skip


async def test_a_retry_and_a_bot_are_told_nothing_of() -> None:
    shop = Shop()
    await shop.tell(shop.webhook(delivery_id="D", value=1))
    assert await doubts(shop, shop.webhook(delivery_id="D", value=1)) == {}
    assert await doubts(shop, shop.browser(bot=True, value=1)) == {}


async def test_doubts_stand_in_the_record() -> None:
    shop = Shop(CONVERSIONS)
    [decision] = await shop.tell(shop.browser(value=10))
    record = decision.record()
    assert record["conversion"]["doubts"] == ["nameless"]
    assert any("no order name" in note for note in record["notes"])
