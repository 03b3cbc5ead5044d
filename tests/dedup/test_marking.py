"""What another system has sent counts as fired: for every tag, for one tag, for one target."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from copies import Shop, Tag, Wait

from container.conversion import Conversion
from container.decision import Decision
from container.dedup.marking import Elsewhere, Marked
from container.event import Event

META = Tag("meta", "vendor.example 1 Purchase")
TIKTOK = Tag("tiktok", "other.example 2 Purchase")


async def mark(shop: Shop, *, tags: tuple[str, ...] = (), targets: tuple[str, ...] = (), **data: Any) -> Marked | None:
    event = shop.event("mark", "mark", "mark", 0.0, data)
    [done] = await shop.dedup.mark([Elsewhere(event, shop.dedup.kinds.by_id["purchase"], tags, targets)])
    return done


async def verdicts(shop: Shop, event: Any) -> dict[str, str]:
    [decision] = await shop.tell(event)
    return {tag.tag: tag.decision for tag in decision.tags}


async def test_a_copy_of_a_marked_order_is_suppressed_and_says_why() -> None:
    shop = Shop(tags=(META, TIKTOK))
    done = await mark(shop, transaction_id="1001")
    assert done is not None
    assert (done.name, done.new, done.marked, done.before, done.fired) == ("1001", True, ["*"], [], [])
    names = {"shopify_id": "577", "shopify_number": "1001"}
    [decision] = await shop.tell(shop.webhook(transaction_id="577", names=names, after=60))
    assert {tag.decision for tag in decision.tags} == {"suppressed"}
    assert decision.tags[0].reason == "marked on 2026-11-23 10:00 UTC as sent by another system (`tagport mark`)"
    assert (decision.conversion.copy, decision.conversion.matched_by) == (1, "transaction_id")
    assert await verdicts(shop, shop.browser(transaction_id="1002", after=60)) == {"meta": "fired", "tiktok": "fired"}


async def test_a_mark_for_a_tag_or_a_target_leaves_the_others() -> None:
    shop = Shop(tags=(META, TIKTOK))
    await mark(shop, transaction_id="1", tags=("meta",))
    await mark(shop, transaction_id="2", targets=(TIKTOK.target,))
    meta_only, tiktok_only = {"meta": "suppressed", "tiktok": "fired"}, {"meta": "fired", "tiktok": "suppressed"}
    assert await verdicts(shop, shop.browser(transaction_id="1")) == meta_only
    assert await verdicts(shop, shop.browser(transaction_id="2")) == tiktok_only


async def test_a_copy_days_after_the_mark_is_not_late_for_other_tags() -> None:
    """`late:` counts from the first copy that came here, not from the mark."""
    shop = Shop(tags=(META, TIKTOK))
    await mark(shop, transaction_id="1", tags=("meta",))
    copy = shop.browser(transaction_id="1", after=5 * 86400.0)
    assert await verdicts(shop, copy) == {"meta": "suppressed", "tiktok": "fired"}


async def test_marking_again_and_marking_what_fired_here_is_told() -> None:
    shop = Shop(tags=(META,))
    await shop.tell(shop.browser(transaction_id="1"))
    done = await mark(shop, transaction_id="1")
    assert done is not None
    assert (done.new, done.marked, done.fired) == (False, ["*"], [META.target])
    again = await mark(shop, transaction_id="#1")
    assert again is not None
    assert (again.id, again.marked, again.before) == (done.id, [], ["*"])


async def test_a_mark_meets_links() -> None:
    shop = Shop()
    await mark(shop, event_id="E")
    assert await verdicts(shop, shop.browser(event_id="E", transaction_id="1")) == {"meta": "suppressed"}


@pytest.mark.parametrize("data", [{}, {"transaction_id": "undefined"}, {"client_id": "1.2"}])
async def test_what_nothing_names_is_not_marked(data: dict[str, str]) -> None:
    shop = Shop()
    assert await mark(shop, **data) is None
    assert await verdicts(shop, shop.browser(client_id="1.2")) == {"meta": "fired"}


async def test_a_decision_made_before_the_mark_is_made_again_under_the_lock() -> None:
    """The race: recognised, then marked by another process, then written."""
    shop = Shop()
    decided: list[Decision] = []

    def decide(event: Event, conversion: Conversion) -> Decision:
        if not decided:
            asyncio.get_running_loop().create_task(mark(shop, transaction_id="1"))  # it runs before the write does
        decided.append(shop.decide(event, conversion))
        return decided[-1]

    written = await shop.dedup.fire([shop.browser(transaction_id="1")], decide)
    assert [tag.decision for tag in decided[0].tags] == ["fired"]
    assert [tag.decision for tag in written.decisions[0].tags] == ["suppressed"]
    assert written.rows == []


async def test_what_waits_for_a_marked_order_does_not_fire_when_its_wait_ends() -> None:
    shop = Shop(tags=(Tag("meta", META.target, wait=Wait(frozenset(("browser", "server")), 120.0)),))
    assert await verdicts(shop, shop.browser(transaction_id="1")) == {"meta": "waiting"}
    await mark(shop, transaction_id="1")
    written = await shop.dedup.wake(shop.now + 121, shop.decide)
    assert [tag.decision for decision in written.decisions for tag in decision.tags] == ["suppressed"]
    assert written.rows == []
