"""A search is words that a record has to fit, all of them; what cannot be looked for is said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from container.admin.search import PAGE, Search, newest
from container.encoding import encode
from container.errors import Unreadable
from container.ledger.interface import Writing
from container.ledger.memory import MemoryStore

RECORD: dict[str, Any] = {
    "id": "01J2",
    "request": {"client": "shopify", "source": "server"},
    "event": {"name": "purchase", "data": {"transaction_id": "577", "order_id": 1042}},
    "conversion": {"kind": "purchase", "id": "01J1", "transaction_id": "#1042", "event_id": "E1"},
    "tags": [
        {"tag": "meta_purchase", "decision": "suppressed"},
        {"tag": "ga4_purchase", "decision": "fired"},
        {"tag": "meta_lead", "decision": "not_triggered"},
    ],
}


@pytest.mark.parametrize(
    "text",
    [
        "", "purchase", "event:purchase", "event:PURCH", "client:shopify", "source:server", "tag:meta", "state:fired",
        "order:1042", "order:#1042", "1042", "#1042", "577", "E1", "e1", "01J1", "01J2", "tag:meta state:suppressed",
        "state:not_triggered tag:lead", "event:purchase 1042 tag:ga4",
    ],
)  # fmt: skip
def test_a_record_fits(text: str) -> None:
    assert Search.read(text).fits(RECORD)


@pytest.mark.parametrize(
    "text",
    [
        "lead", "event:lead", "client:ga4", "source:browser", "tag:tiktok", "state:consent", "order:104", "104",
        "tag:meta state:fired", "tag:lead", "state:not_triggered tag:ga4", "purchase 1043",
    ],
)  # fmt: skip
def test_a_record_does_not_fit(text: str) -> None:
    assert not Search.read(text).fits(RECORD)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("oder:1042", "nothing is looked for by `oder:`; did you mean `order`?"),
        ("email:a@b.c", "nothing is looked for by `email:`; write event:, tag:"),
        ("state:supressed", "no decision and no vendor's answer is called `supressed`: did you mean `suppressed`?"),
        ("state:x", "is called `x`: it is one of fired, waiting"),
    ],
)
def test_what_cannot_be_looked_for_is_said(text: str, hint: str) -> None:
    with pytest.raises(Unreadable) as error:
        Search.read(text)
    assert hint in str(error.value)


async def test_the_newest_that_fit_are_found_however_many_others_came_since() -> None:
    store = MemoryStore()

    def fill(ledger: Writing) -> None:
        for number in range(12 * PAGE):
            name = "purchase" if number % 250 == 10 else "page_view"
            record = {"id": f"R{number:04}", "event": {"name": name}, "tags": []}
            ledger.keep(record["id"], "event", None, 0.0, encode(record))  # type: ignore[arg-type]

    await store.write(fill)
    search = Search.read("event:purchase")
    assert [record["id"] for record in await newest(store, search, 9)] == ["R0510", "R0260", "R0010"]
    assert [record["id"] for record in await newest(store, search, 2)] == ["R0510", "R0260"]


async def test_events_get_their_turn_while_a_search_goes_on() -> None:
    store, turns = MemoryStore(), 0

    def fill(ledger: Writing) -> None:
        for number in range(4 * PAGE):
            record = {"id": f"R{number:04}", "event": {"name": "page_view"}, "tags": []}
            ledger.keep(record["id"], "event", None, 0.0, encode(record))  # type: ignore[arg-type]

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await store.write(fill)
    other = asyncio.get_running_loop().create_task(others())
    assert await newest(store, Search.read("event:purchase"), 9) == []
    other.cancel()
    assert turns >= 4
