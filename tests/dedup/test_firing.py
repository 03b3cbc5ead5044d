"""What may fire, and when: once for a conversion and target, new tags for a while, waiting tags when all is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from copies import Shop, Tag, Wait

from container.conversion import Conversion, Firing
from container.decision import Decision
from container.event import Event
from container.ledger.interface import Settlement

HOUR = 3600.0
META = Tag("meta", "vendor.example 1 Purchase")


async def told(shop: Shop, event) -> dict[str, str]:  # type: ignore[no-untyped-def]
    [decision] = await shop.tell(event)
    return {tag.tag: tag.decision for tag in decision.tags}


async def test_a_second_tag_for_the_same_target_does_not_fire() -> None:
    shop = Shop(tags=(META, Tag("meta_again", META.target)))
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "fired", "meta_again": "suppressed"}


async def test_a_renamed_tag_does_not_fire_again() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(transaction_id="1"))
    shop.tags = (Tag("meta_new_name", META.target),)
    [decision] = await shop.tell(shop.browser(transaction_id="1"))
    assert decision.tags[0].decision == "suppressed"
    assert "already fired for this conversion by" in decision.tags[0].reason


async def test_a_tag_fires_for_another_target_only_where_its_template_says_many() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(transaction_id="1"))
    shop.tags = (replace(META, target="vendor.example 2 Purchase"),)
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "suppressed"}
    shop.tags = (replace(META, target="vendor.example 2 Purchase", targets_many=True),)
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "fired"}


async def test_destinations_of_a_tag_count_each_for_itself() -> None:
    agency = replace(META, destination="agency", target="vendor.example 2 P")
    shop = Shop(tags=(replace(META, destination="own"), agency))
    [decision] = await shop.tell(shop.browser(transaction_id="1"))
    assert [(tag.destination, tag.decision) for tag in decision.tags] == [("own", "fired"), ("agency", "fired")]


async def test_every_event_fires_for_late_copies_too() -> None:
    shop = Shop(tags=(replace(META, fires_once=False),))
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "fired"}
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "fired"}


async def test_a_new_tag_fires_for_a_known_conversion_only_for_a_while() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(transaction_id="1"))
    new = Tag("tiktok", "other.example 1 Purchase")
    shop.tags = (new,)
    assert await told(shop, shop.browser(transaction_id="1", after=25 * HOUR)) == {"tiktok": "late"}
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(transaction_id="1"))
    shop.tags = (new,)
    assert await told(shop, shop.browser(transaction_id="1", after=23 * HOUR)) == {"tiktok": "fired"}


async def test_a_void_firing_lets_the_next_copy_fire_with_the_same_ids() -> None:
    shop = Shop(tags=(META,))
    [first] = await shop.tell(shop.browser(transaction_id="1001", event_id="E1"))
    [row] = shop.ledger.due(shop.now, 10)
    await shop.ledger.write(lambda ledger: ledger.attempt("me", [row.id], shop.now))
    refused = Settlement(row, "refused", "no value", shop.now)
    await shop.ledger.write(lambda ledger: ledger.settle([refused]))
    [second] = await shop.tell(shop.webhook(transaction_id="1001", value=10, after=30 * HOUR))
    assert [tag.decision for tag in second.tags] == ["fired"], "and `late` does not count for it"
    assert second.conversion.event_id == first.conversion.event_id
    assert second.conversion.timestamp == first.conversion.timestamp


async def test_shadow_marks_like_live() -> None:
    shop = Shop(tags=(replace(META, shadow=True),))
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "shadow"}
    assert shop.ledger.due(9e9, 10) == [], "and is not sent"
    shop.tags = (META,)
    assert await told(shop, shop.webhook(transaction_id="1")) == {"meta": "suppressed"}


async def test_a_live_tag_goes_before_a_shadow_of_the_same_target() -> None:
    shop = Shop(tags=(META, Tag("old", META.target, shadow=True)))
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "fired", "old": "suppressed"}
    assert len(shop.ledger.due(9e9, 10)) == 1


async def test_a_waiting_tag_fires_when_the_other_copy_is_there() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    [first] = await shop.tell(shop.browser(transaction_id="1"))
    assert (first.tags[0].decision, first.tags[0].reason) == ("waiting", "waits for the server copy")
    assert first.tags[0].due == shop.now + 120
    assert await told(shop, shop.webhook(transaction_id="1", after=20)) == {"meta": "fired"}
    assert (await shop.dedup.wake(shop.now + 500, shop.decide)).decisions == []


async def test_a_copy_that_only_lends_data_ends_no_wait() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    await shop.tell(shop.browser(transaction_id="1"))
    await shop.tell(shop.webhook("order_created", transaction_id="1"))
    assert await told(shop, shop.browser(transaction_id="1", after=5)) == {"meta": "waiting"}


async def test_a_wait_that_is_over_is_decided_in_a_record_of_its_own() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()), Tag("ga4", "ga.example 1 purchase")))
    [first] = await shop.tell(shop.browser(transaction_id="1", value=10))
    start = shop.now
    assert (await shop.dedup.wake(start + 119, shop.decide)).decisions == []
    written = await shop.dedup.wake(start + 120, shop.decide)
    [decision] = written.decisions
    assert [tag.tag for tag in decision.tags if tag.decision == "fired"] == ["meta"]
    assert decision.event.id != first.event.id
    assert decision.conversion.data["value"] == 10
    assert [row.call.tag for row in written.rows] == ["meta"]
    assert (await shop.dedup.wake(start + 999, shop.decide)).decisions == []
    assert await told(shop, shop.webhook(transaction_id="1")) == {"meta": "suppressed", "ga4": "suppressed"}


async def test_a_wait_that_began_before_the_clock_was_set_back_is_no_longer_than_others() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    await shop.tell(shop.browser(transaction_id="1"))
    now = shop.now - 86400
    assert (await shop.dedup.wake(now, shop.decide, {"meta": 120.0})).decisions == []
    assert (await shop.dedup.wake(now + 119, shop.decide, {"meta": 120.0})).decisions == []
    assert len((await shop.dedup.wake(now + 120, shop.decide, {"meta": 120.0})).decisions) == 1


async def test_a_wait_of_a_tag_that_is_gone_does_not_outlast_the_clock_either() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    await shop.tell(shop.browser(transaction_id="1"))
    now = shop.now - 86400
    shop.tags = ()
    await shop.dedup.wake(now, shop.decide, {})
    assert shop.ledger.waits_beyond(0.0, 10) == []


async def test_a_wait_with_else_drop_sends_nothing_when_it_is_over() -> None:
    shop = Shop(tags=(replace(META, wait=Wait(otherwise="drop")),))
    await shop.tell(shop.browser(transaction_id="1"))
    [decision] = (await shop.dedup.wake(shop.now + 200, shop.decide)).decisions
    assert decision.tags[0].decision == "suppressed"
    assert "without a server copy" in decision.tags[0].reason
    assert shop.ledger.due(9e9, 10) == []


async def test_a_further_copy_does_not_prolong_a_wait() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    [first] = await shop.tell(shop.browser(transaction_id="1"))
    [second] = await shop.tell(shop.browser(transaction_id="1", after=100))
    assert second.tags[0].due == first.tags[0].due


async def test_a_clock_that_jumped_ahead_does_not_make_a_wait_longer_than_asked() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    shop.now += 1e6
    await shop.tell(shop.browser(transaction_id="1"))
    [again] = await shop.tell(shop.browser(transaction_id="1", after=-1e6))
    assert again.tags[0].due == shop.now + 120


async def test_a_tag_that_wanted_consent_is_decided_again_when_a_copy_brings_it() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)),))
    assert await told(shop, shop.webhook(transaction_id="1")) == {"meta": "consent"}
    assert [held.why for held in shop.ledger.held(1)] == ["consent"]
    [decision] = await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": True}, after=30 * HOUR))
    assert [tag.decision for tag in decision.tags] == ["fired"], "however late the browser's copy comes"
    assert decision.conversion.held == {"meta": None}
    assert shop.ledger.held(1) == []


async def test_the_browsers_latest_word_on_consent_counts() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)),))
    granted, denied = {"ad_storage": True}, {"ad_storage": False}
    assert await told(shop, shop.browser(transaction_id="1", consent=denied)) == {"meta": "consent"}
    assert await told(shop, shop.api(transaction_id="1", consent=granted)) == {"meta": "consent"}
    assert await told(shop, shop.browser(transaction_id="1", consent=granted)) == {"meta": "fired"}


async def test_a_refusal_stops_what_is_queued_and_a_later_consent_sends_it() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)), Tag("crm", "crm.example 1 purchase")))
    await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": True}))
    [decision] = await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": False}))
    assert [row.call.tag for row in shop.ledger.due(9e9, 10)] == ["crm"]
    assert "meta was queued and will not be sent: ad_storage was refused" in decision.notes
    assert (await told(shop, shop.browser(transaction_id="1", consent={"ad_storage": True})))["meta"] == "fired"


async def test_a_firing_remembers_who_fired_it() -> None:
    shop = Shop(tags=(META,))
    [decision] = await shop.tell(shop.browser(transaction_id="1"))
    expected = Firing(META.target, "meta", "", decision.event.id, "live", shop.now)
    assert shop.ledger.firings(1) == {META.target: expected}


async def test_a_payment_days_after_the_order_was_placed_still_fires() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.webhook("order_created", transaction_id="577"))
    assert await told(shop, shop.webhook(transaction_id="577", after=72 * HOUR)) == {"meta": "fired"}
    shop.tags = (META, Tag("tiktok", "other.example 1 Purchase"))
    again = await told(shop, shop.webhook(transaction_id="577", after=25 * HOUR))
    assert again == {"meta": "suppressed", "tiktok": "late"}


async def test_a_wait_ends_under_the_name_of_a_copy_that_runs_tags() -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    await shop.tell(shop.browser(transaction_id="1", value=10))
    await shop.tell(shop.webhook("order_updated", transaction_id="1", value=12, after=5))
    [decision] = (await shop.dedup.wake(shop.now + 200, shop.decide)).decisions
    assert (decision.event.name, decision.conversion.data["event_name"]) == ("purchase", "purchase")
    assert decision.event.request.source == "browser"
    assert decision.conversion.data["value"] == 12, "and sees what the other copy lent"
    assert [tag.decision for tag in decision.tags] == ["fired"]


async def test_a_tag_waits_while_one_of_its_destinations_does() -> None:
    done = replace(META, destination="done", target="vendor.example 2 Purchase")
    shop = Shop(tags=(done,))
    await shop.tell(shop.browser(transaction_id="1"))
    shop.tags = (replace(META, destination="own", wait=Wait()), replace(done, wait=Wait()))
    for _ in range(2):
        [decision] = await shop.tell(shop.browser(transaction_id="1"))
        assert [tag.decision for tag in decision.tags] == ["waiting", "suppressed"]
    assert [held.tag for held in shop.ledger.held(1)] == ["meta"]


async def test_a_wait_longer_than_copies_are_kept_is_decided_on_them_all_the_same() -> None:
    conversions = "purchase: {events: [purchase], key: transaction_id, late: 1h, keep: {key: 1h}}"
    shop = Shop(conversions, tags=(replace(META, wait=Wait(most=30 * HOUR)),))
    await shop.tell(shop.browser(transaction_id="1", value=10))
    shop.now += 29 * HOUR
    await shop.ledger.expire(shop.now)
    shop.now += 40 * HOUR  # nobody was there when it ended
    await shop.ledger.expire(shop.now)
    [decision] = (await shop.dedup.wake(shop.now, shop.decide)).decisions
    assert [tag.decision for tag in decision.tags] == ["fired"]
    assert decision.conversion.data["value"] == 10


async def test_a_wait_that_cannot_be_decided_keeps_no_other_from_it(caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop(tags=(replace(META, wait=Wait()),))
    for order in ("1", "2", "3"):
        await shop.tell(shop.browser(transaction_id=order))

    def decide(event: Event, conversion: Conversion) -> Decision:
        if conversion.transaction_id == "2":
            raise ArithmeticError("a bug")
        return shop.decide(event, conversion)

    written = await shop.dedup.wake(shop.now + 200, decide)
    assert [decision.conversion.transaction_id for decision in written.decisions] == ["1", "3"]
    assert "a bug" in caplog.text
    again = await shop.dedup.wake(shop.now + 201, shop.decide)
    assert [decision.conversion.transaction_id for decision in again.decisions] == ["2"], "it is tried again"


async def test_a_refusal_by_a_copy_that_triggers_nothing_leaves_the_tag_to_a_later_consent() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)),))
    await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": True}))
    tags, shop.tags = shop.tags, ()
    await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": False}))
    assert [held.tag for held in shop.ledger.held(1)] == ["meta"]
    shop.tags = tags
    granted = shop.browser(transaction_id="1", consent={"ad_storage": True}, after=30 * HOUR)
    assert await told(shop, granted) == {"meta": "fired"}


async def test_a_refused_call_cannot_be_sent_again_once_its_customer_refused() -> None:
    shop = Shop(tags=(replace(META, consent=("ad_storage",)),))
    await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": True}))
    [row] = shop.ledger.due(shop.now, 10)
    await shop.ledger.write(lambda ledger: ledger.settle([Settlement(row, "refused", "no value", shop.now)]))
    await shop.tell(shop.browser(transaction_id="1", consent={"ad_storage": False}))
    assert await shop.ledger.write(lambda ledger: ledger.requeue([row.id], shop.now)) == []
    assert shop.ledger.failures() == []


async def test_a_tag_of_every_event_stays_fired_while_one_of_its_calls_was_taken() -> None:
    shop = Shop(tags=(replace(META, fires_once=False),))
    await shop.tell(shop.browser(transaction_id="1"))
    await shop.tell(shop.browser(transaction_id="1"))
    first, second = shop.ledger.due(shop.now, 10)
    for row, outcome in ((first, "delivered"), (second, "refused")):
        ended = Settlement(row, outcome, "", shop.now)
        await shop.ledger.write(lambda ledger, ended=ended: ledger.settle([ended]))
    shop.tags = (META,)
    assert await told(shop, shop.browser(transaction_id="1")) == {"meta": "suppressed"}
