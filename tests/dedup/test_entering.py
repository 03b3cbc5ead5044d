"""How long what was entered is known, and what a refusal does to what was queued before."""

from __future__ import annotations

import pytest
from copies import Shop, Tag, Wait

from container.dedup.kinds import DAY

HOUR = 3600.0
CONVERSIONS = """
purchase:
  events: [purchase]
  key: transaction_id
  links: [event_id]
  hints: {any: [client_id], within: 30m, across: any}
  keep: {key: 9d, links: 2d}
  late: 6h
"""


@pytest.mark.parametrize(
    ("known", "lasts"),
    [({"transaction_id": "577"}, 9 * DAY), ({"event_id": "E1"}, 2 * DAY), ({"client_id": "1.2"}, HOUR / 2)],
)
async def test_what_a_copy_is_known_by_is_kept_as_long_as_was_said(known: dict[str, str], lasts: float) -> None:
    for wait, verdict in ((lasts - 1, "suppressed"), (lasts + 1, "fired")):
        shop = Shop(CONVERSIONS)
        assert await shop.verdict(shop.browser(at=0.0, **known)) == "fired"
        assert await shop.verdict(shop.webhook(after=wait, at=0.0, **known)) == verdict


async def test_a_delivery_is_known_for_a_week() -> None:
    for wait, retry in ((7 * DAY - 1, True), (7 * DAY + 1, False)):
        shop = Shop(CONVERSIONS)
        await shop.tell(shop.webhook(delivery_id="D1", transaction_id="1"))
        await shop.tell(shop.webhook(delivery_id="D1", transaction_id="1", after=wait))
        assert shop.conversion is not None and bool(shop.conversion.repeat) is retry


@pytest.mark.parametrize(("most", "lasts"), [(60.0, 6 * HOUR), (12 * HOUR, 13 * HOUR)])
async def test_a_copy_is_kept_as_long_as_it_may_be_merged_or_waited_with(most: float, lasts: float) -> None:
    for wait, left in ((lasts - 1, 1), (lasts + 1, 0)):
        shop = Shop(CONVERSIONS, tags=(Tag(wait=Wait(most=most)),))
        await shop.tell(shop.browser(transaction_id="577"))
        await shop.ledger.write(lambda ledger: ledger.release(1, "meta"))
        await shop.ledger.expire(shop.now + wait)
        assert len(shop.ledger.copies(1)) == left
        assert shop.ledger.conversions([1]), "which outlives its copies"


async def test_a_further_copy_makes_it_last_longer_and_none_makes_it_last_shorter() -> None:
    shop = Shop(CONVERSIONS)
    await shop.tell(shop.browser(transaction_id="577"))
    first = shop.ledger.conversions([1])[1].expires
    await shop.tell(shop.browser(transaction_id="577", after=DAY))
    assert shop.ledger.conversions([1])[1].expires == first + DAY
    shop.conversions = CONVERSIONS.replace("9d", "3d")
    again = Shop(shop.conversions, store=shop.ledger, now=shop.now)
    await again.tell(again.browser(transaction_id="577"))
    assert shop.ledger.conversions([1])[1].expires == first + DAY


async def test_a_refusal_names_each_tag_that_it_stops_once() -> None:
    tags = tuple(Tag(id, f"vendor.example {n} P", f"d{n}", consent=("ad_storage",)) for n, id in enumerate("aab"))
    shop = Shop(tags=tags)
    await shop.tell(shop.browser(transaction_id="577", consent={"ad_storage": True}))
    assert len(shop.ledger.due(9e9, 9)) == 3
    [decision] = await shop.tell(shop.browser(transaction_id="577", consent={"ad_storage": False}, after=1))
    assert decision.notes == [f"{tag} was queued and will not be sent: ad_storage was refused" for tag in "ab"]
    assert shop.ledger.due(9e9, 9) == []
    assert {(held.tag, held.why) for held in shop.ledger.held(1)} == {("a", "consent"), ("b", "consent")}


async def test_a_refusal_of_another_type_stops_nothing() -> None:
    shop = Shop(tags=(Tag(consent=("ad_storage",)),))
    await shop.tell(shop.browser(transaction_id="577", consent={"ad_storage": True}))
    [decision] = await shop.tell(shop.browser(transaction_id="577", consent={"analytics_storage": False}, after=1))
    assert decision.notes == []
    assert len(shop.ledger.due(9e9, 9)) == 1


async def test_a_shadow_marks_its_target_and_queues_nothing() -> None:
    shop = Shop(tags=(Tag(shadow=True),))
    await shop.tell(shop.browser(transaction_id="577"))
    assert [firing.state for firing in shop.ledger.firings(1).values()] == ["shadow"]
    assert shop.ledger.due(9e9, 9) == []


async def test_a_copy_that_nothing_names_is_entered_all_the_same() -> None:
    """It may wait, and be asked for consent; only no other copy will ever be known as the same."""
    shop = Shop(tags=(Tag(consent=("ad_storage",)),))
    await shop.tell(shop.browser())
    assert [held.why for held in shop.ledger.held(1)] == ["consent"]


async def test_an_event_of_no_conversion_holds_no_tag() -> None:
    shop = Shop(tags=(Tag(), Tag("b", "vendor.example 2 P", consent=("ad_storage",))))
    [decision] = await shop.tell(shop.browser("page_view", event_id="P1"))
    assert [tag.decision for tag in decision.tags] == ["fired", "consent"]
    assert shop.ledger.conversions([1]) and not shop.ledger.held(1)
