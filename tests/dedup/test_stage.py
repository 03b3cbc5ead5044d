"""The stage over real ledgers: one write, decided again under the lock, nothing personal at rest."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from copies import Shop, Tag

from container.errors import NotStored
from container.ledger.sqlite import SqliteStore


async def test_64_simultaneous_copies_give_one_firing_a_target(tmp_path: Path) -> None:
    tags = (Tag("meta", "a.example 1 P"), Tag("tiktok", "b.example 1 P"), Tag("ga4", "c.example 1 p"))
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"), tags=tags)
    copies = [shop.browser(transaction_id="1001") if i % 2 else shop.webhook(transaction_id="#1001") for i in range(64)]
    decisions = await asyncio.gather(*(shop.tell(copy) for copy in copies))
    verdicts = [tag.decision for [decision] in decisions for tag in decision.tags]
    assert verdicts.count("fired") == 3
    assert verdicts.count("suppressed") == 63 * 3
    assert len(shop.ledger.due(9e9, 500)) == 3
    assert sorted(decision.conversion.copy for [decision] in decisions) == list(range(1, 65))
    shop.ledger.close()


async def test_copies_in_one_request_are_recognised_too() -> None:
    shop = Shop()
    first, second = await shop.tell(shop.browser(transaction_id="1"), shop.browser(transaction_id="1"))
    assert [tag.decision for tag in (*first.tags, *second.tags)] == ["fired", "suppressed"]


async def test_two_processes_on_one_file_fire_once(tmp_path: Path) -> None:
    shops = [Shop(store=SqliteStore(tmp_path / "tagport.db")) for _ in range(2)]
    orders = [f"{1000 + i}" for i in range(50)]
    work = [shop.tell(shop.browser(transaction_id=order)) for order in orders for shop in shops]
    decisions = [decision for [decision] in await asyncio.gather(*work)]
    fired = [d.event.data["transaction_id"] for d in decisions for tag in d.tags if tag.decision == "fired"]
    assert sorted(fired) == orders
    for shop in shops:
        shop.ledger.close()


async def test_no_name_and_no_personal_data_lies_readable_in_the_store(tmp_path: Path) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"))
    person = {"user_data": {"email_address": "jane.roe@example.com", "phone_number": "+493012345678"}}
    await shop.tell(shop.browser(client_id="555.777", **person))
    await shop.tell(shop.webhook(transaction_id="1001", client_id="555.777", **person))
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (b"jane.roe", b"3012345678", b"555.777"):
        assert secret not in files
    shop.ledger.close()


async def test_nothing_is_decided_where_nothing_can_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"))

    async def full(work: object) -> None:
        raise NotStored("disk full")

    monkeypatch.setattr(shop.ledger, "write", full)
    with pytest.raises(NotStored):
        await shop.tell(shop.browser(transaction_id="1"))
    monkeypatch.undo()
    assert await shop.verdict(shop.browser(transaction_id="1")) == "fired"
    shop.ledger.close()


async def test_events_that_fire_nothing_and_name_nothing_leave_the_store_alone(tmp_path: Path) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"), tags=())
    await shop.tell(shop.browser("page_view", event_id="P1"))
    with sqlite3.connect(tmp_path / "tagport.db") as connection:
        assert connection.execute("SELECT count(*) FROM conversions").fetchone() == (0,)
    connection.close()
    shop.ledger.close()


async def test_what_is_past_its_time_counts_no_more_though_it_still_lies_in_the_store(tmp_path: Path) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"))
    assert await shop.verdict(shop.browser("page_view", event_id="P1")) == "fired"
    assert await shop.verdict(shop.browser("page_view", event_id="P1", after=47 * 3600)) == "suppressed"
    assert await shop.verdict(shop.browser("page_view", event_id="P1", after=2 * 3600)) == "fired"
    shop.ledger.close()


async def test_a_retry_is_recorded_under_the_conversion_it_repeats(tmp_path: Path) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"), keep_as=lambda decision: "conversion")
    for _ in range(2):
        await shop.tell(shop.webhook(transaction_id="577", delivery_id="D1"))
    assert len(shop.ledger.records(1)) == 2
    shop.ledger.close()


async def test_the_same_delivery_twice_in_one_batch_is_one_copy(tmp_path: Path) -> None:
    shop = Shop(store=SqliteStore(tmp_path / "tagport.db"))
    copies = [shop.webhook(transaction_id="577", delivery_id="D1") for _ in range(8)]
    decisions = [decision for [decision] in await asyncio.gather(*(shop.tell(copy) for copy in copies))]
    assert [bool(decision.conversion.repeat) for decision in decisions] == [False] + [True] * 7
    assert shop.ledger.conversions([1])[1].state["count"] == 1
    shop.ledger.close()
