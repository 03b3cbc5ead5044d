"""What a decision sees of a conversion: what vendors are told, and which copies were counted in."""

from __future__ import annotations

import pytest
from copies import Shop, Tag, Wait

from container.dedup.view import WAITED


async def test_what_vendors_are_told_is_fixed_by_the_first_firing() -> None:
    shop = Shop()
    [first] = await shop.tell(shop.webhook(transaction_id="577", at=shop.now))
    await shop.tell(shop.browser(transaction_id="577", event_id="E9", at=shop.now - 60, after=5))
    assert shop.conversion is not None
    assert shop.conversion.event_id == first.conversion.event_id == "577"
    assert shop.conversion.timestamp == first.conversion.timestamp


async def test_until_something_fires_the_pages_form_and_the_earliest_time_count() -> None:
    shop = Shop(tags=())
    names = {"shopify_id": "577", "shopify_number": "1001"}
    await shop.tell(shop.webhook(transaction_id="577", names=names, at=shop.now))
    await shop.tell(shop.browser(transaction_id="1001", at=shop.now - 60, after=5))
    assert shop.conversion is not None
    assert (shop.conversion.transaction_id, shop.conversion.timestamp) == ("1001", shop.now - 65)


async def test_the_event_id_may_be_an_expression_over_the_merged_view() -> None:
    conversions = 'purchase: {events: [purchase], key: transaction_id, event_id: "p.{{ event.transaction_id }}"}'
    shop = Shop(conversions)
    await shop.tell(shop.browser(transaction_id="1001"))
    assert shop.conversion is not None and shop.conversion.event_id == "p.1001"


async def test_without_a_name_vendors_are_told_the_conversions_own_id() -> None:
    shop = Shop()
    await shop.tell(shop.browser(client_id="1.2"))
    assert shop.conversion is not None
    assert (shop.conversion.event_id, shop.conversion.transaction_id) == (shop.conversion.id, "")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"event_id": "E1", "transaction_id": 7}, ("E1", "7")),
        ({"event_id": ["E1"]}, ("", "")),
        ({"event_id": "jane@example.com", "transaction_id": "jane@example.com"}, ("", "")),
    ],
)
async def test_an_event_of_no_conversion_tells_its_own_ids(data: dict[str, object], told: tuple[str, str]) -> None:
    shop = Shop()
    [decision] = await shop.tell(shop.browser("page_view", **data))
    found = decision.conversion
    assert (found.kind, found.copy, found.sources, found.clients) == ("event", 1, {"browser"}, {"ga4"})
    assert (found.event_id, found.transaction_id) == (told[0] or decision.event.id, told[1])


async def test_a_page_and_its_shop_are_told_to_meet_once() -> None:
    shop = Shop()
    seen = []
    for copy in (shop.webhook, shop.browser, shop.browser):
        await shop.tell(copy(transaction_id="1001", after=1))
        assert shop.conversion is not None
        seen.append((shop.conversion.page_named, shop.conversion.page_met))
    assert seen == [(False, False), (True, True), (False, False)]


async def test_a_decision_sees_the_name_of_the_copy_that_is_decided() -> None:
    shop = Shop("lead: {events: [generate_lead, form_submit], links: [event_id]}")
    for name in ("generate_lead", "form_submit"):
        await shop.tell(shop.browser(name, event_id="E", step=name))
        assert shop.conversion is not None and shop.conversion.data["event_name"] == name


async def test_a_bots_copy_is_seen_alone() -> None:
    shop = Shop()
    await shop.tell(shop.browser(transaction_id="1", coupon="A"))
    await shop.tell(shop.browser(transaction_id="1", bot=True))
    assert shop.conversion is not None
    assert "coupon" not in shop.conversion.data


async def test_of_two_firings_for_a_target_that_are_one_now_a_void_one_is_seen_last() -> None:
    shop = Shop(tags=(Tag(),))
    await shop.tell(shop.browser(event_id="E1"))
    await shop.tell(shop.webhook(transaction_id="577"))
    first, second = shop.ledger.due(shop.now, 10)
    await shop.ledger.write(lambda ledger: ledger.void(1, first.call.target, first.record))
    await shop.tell(shop.api(transaction_id="577", event_id="E1", after=1))
    assert shop.conversion is not None
    assert [one.record for one in shop.conversion.firings.values()] == [second.record]


async def test_a_further_copy_of_an_event_of_no_conversion_is_told_under_the_same_id() -> None:
    shop = Shop()
    ids = []
    for known in ({"event_id": "P1"}, {"event_id": "P1"}, {"delivery_id": "D1"}, {"delivery_id": "D1"}):
        [decision] = await shop.tell(shop.webhook("customer_created", **known))
        ids.append(decision.conversion.event_id)
    assert ids[:2] == ["P1", "P1"]
    assert ids[2] == ids[3], "that of the first, where none is stated"


async def test_what_a_wait_ends_with_says_so_and_when_it_was_decided() -> None:
    shop = Shop(tags=(Tag(wait=Wait()),))
    await shop.tell(shop.browser(transaction_id="1"))
    [decision] = (await shop.dedup.wake(shop.now + 120, shop.decide)).decisions
    assert (decision.conversion.notes, decision.conversion.now) == ((WAITED,), shop.now + 120)
