from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from house import House

from container.admin.metrics import Metrics
from container.errors import NotStored
from container.ledger.memory import MemoryStore
from container.server import Public
from container.server.unclaimed import A_SECOND, LONGEST_PATH, Unclaimed

NOW = 1_795_428_000.0


async def _ready() -> bool:
    return True


async def ask(store: MemoryStore, *paths: str, clock: list[float] | None = None) -> list[Any]:
    """Ask for paths nobody claims; the records kept, oldest first."""
    times = clock or [NOW]
    keep = Unclaimed(store, "shop", "3f9a", lambda: times[0] if len(times) == 1 else times.pop(0))
    house: Any = House()
    app = Public(house, Metrics(), _ready, keep_unclaimed=keep)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        for path in paths:
            assert (await client.get(path)).status_code == 404
    await asyncio.sleep(0)
    return list(reversed(store.recent(1000)))


async def test_what_nobody_claims_is_kept_without_its_query() -> None:
    (record,) = await ask(MemoryStore(), "/wrong/collect?em=jane@example.com")
    assert record.pop("id")
    assert record == {
        "received": "2026-11-23T10:00:00.000Z",
        "container": "shop",
        "config": "3f9a",
        "request": {"method": "GET", "path": "/wrong/collect", "client": "", "source": ""},
        "event": {"name": "", "data": {}},
        "tags": [],
        "notes": ["no client claims this request: it was answered 404"],
    }


async def test_addresses_in_paths_are_masked_and_long_paths_cut() -> None:
    one, two = await ask(MemoryStore(), "/u/jane.doe@example.com", "/" + "a" * 5000)
    paths = {one["request"]["path"], two["request"]["path"]}
    assert "/" + "a" * (LONGEST_PATH - 1) in paths
    assert not any("jane.doe" in path for path in paths)


async def test_a_scanner_fills_no_disk() -> None:
    assert len(await ask(MemoryStore(), *(f"/{number}" for number in range(50)))) == A_SECOND


async def test_the_next_second_is_kept_again() -> None:
    times = [NOW] * 10 + [NOW + 1]
    assert len(await ask(MemoryStore(), *(f"/{number}" for number in range(11)), clock=times)) == A_SECOND + 1


async def test_a_claimed_path_is_no_unclaimed_one() -> None:
    store = MemoryStore()
    house: Any = House()
    app = Public(house, Metrics(), _ready, keep_unclaimed=Unclaimed(store, "shop", "3f9a", lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        await client.get("/collect")
        await client.put("/collect")
        await client.get("/healthz")
    await asyncio.sleep(0)
    assert store.recent(10) == []


async def test_a_store_that_is_busy_is_told_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()

    async def full(work: Any) -> Any:
        raise NotStored("the store is busy")

    store.write = full  # type: ignore[method-assign]
    assert await ask(store, "/nowhere") == []
    assert "could not be recorded" in caplog.text
