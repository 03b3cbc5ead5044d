"""Conversions that turn out to be one: what was known, waited, refused or fired for either holds for both."""

from __future__ import annotations

from dataclasses import replace

from copies import Shop, Tag, Wait

from container.conversion import Conversion
from container.ledger.interface import Row, Settlement

META = Tag("meta", "vendor.example 1 Purchase")
GRANTED, DENIED = {"ad_storage": True}, {"ad_storage": False}


async def shown(shop: Shop) -> Conversion:
    """The API's copy, which carries a name of each of two conversions."""
    await shop.tell(shop.api(transaction_id="577", event_id="E1", after=1))
    assert shop.conversion is not None
    return shop.conversion


async def settle(shop: Shop, row: Row, outcome: str) -> None:
    await shop.ledger.write(lambda ledger: ledger.attempt("me", [row.id], shop.now))
    ended = Settlement(row, outcome, "said the vendor", shop.now)
    await shop.ledger.write(lambda ledger: ledger.settle([ended]))


async def test_tags_see_the_copies_of_both_in_order_of_arrival() -> None:
    shop = Shop(tags=())
    await shop.tell(shop.browser(event_id="E1", step="first"))
    await shop.tell(shop.webhook(transaction_id="577", coupon="WELCOME", step="second", after=1))
    await shop.tell(shop.browser(event_id="E1", step="third", after=1))
    one = await shown(shop)
    assert (one.data["coupon"], one.data["step"], one.copy) == ("WELCOME", "third", 4)
    assert one.sources == {"browser", "server"}


async def test_what_waits_for_the_younger_waits_for_both() -> None:
    shop = Shop(tags=())
    await shop.tell(shop.browser(event_id="E1"))
    shop.tags = (replace(META, wait=Wait(frozenset(("browser", "server", "till")))),)
    [first] = await shop.tell(shop.webhook(transaction_id="577", after=1))
    one = await shown(shop)
    assert one.held == {"meta": first.tags[0].due}, "and no longer than it would have"


async def test_the_browsers_latest_word_counts_whichever_conversion_it_was_said_for() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)),))
    await shop.tell(shop.browser(event_id="E1", consent=GRANTED))
    await shop.tell(shop.browser(transaction_id="577", consent=DENIED, after=1))
    assert dict((await shown(shop)).consent) == DENIED
    assert shop.ledger.due(9e9, 10) == [], "and stops what the other has queued"


async def test_a_target_that_both_had_fired_for_is_void_only_when_both_were_refused() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(event_id="E1"))
    await shop.tell(shop.webhook(transaction_id="577"))
    first, second = shop.ledger.due(shop.now, 10)
    await shown(shop)
    await settle(shop, first, "refused")
    assert await shop.verdict(shop.browser(event_id="E1")) == "suppressed"
    assert await shop.ledger.write(lambda ledger: ledger.requeue([first.id], shop.now)) == []
    await settle(shop, second, "refused")
    assert await shop.verdict(shop.browser(event_id="E1")) == "fired"


async def test_the_names_of_the_younger_are_kept_as_long_as_they_would_have_been() -> None:
    shop = Shop(
        "purchase: {events: [purchase], key: transaction_id, links: [event_id, checkout_token], "
        "keep: {key: 9d, links: 2d}}"
    )
    await shop.tell(shop.browser(event_id="E1"))
    await shop.tell(shop.webhook(transaction_id="577", checkout_token="T1"))
    await shop.tell(shop.browser(event_id="E1", checkout_token="T1", after=86400))
    shop.now += 7 * 86400
    await shop.ledger.expire(shop.now)
    assert await shop.verdict(shop.browser(transaction_id="577")) == "suppressed"
