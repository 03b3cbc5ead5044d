"""50,000 conversions that have waited for a vendor for an hour: the real server, its memory, and their order."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from live import read_calls, run_sink
from processes import ENVIRONMENT, Serving, ask, at_once, serve, tagport, until

from container.build import build, on_disk
from container.call import Call
from container.conversion import Firing
from container.event import Event, Request, new_id
from container.ledger.interface import Row, Writing
from container.pipeline import Container
from container.problems import Problems

WAITING = 50_000
PIECE = 5_000  # conversions in one write
HOUR = 3600.0
DOWN = 8.0  # seconds of the outage that the server sees itself
IN_FLIGHT = 4 * 1000  # calls that may overtake each other on the way: four batches
MOST_GROWTH = 60.0  # megabytes; all that waits would be 200
ORDER = "order-00000000"


def order(number: int) -> str:
    return f"order-{number:08d}"


async def one_call(container: Container) -> Call:
    """What the starter's tag for TikTok sends for a purchase, as it lies in the outbox."""
    rows: list[Row] = []
    container.hand_over = rows.extend
    data = {
        "event_name": "purchase",
        "event_id": ORDER,
        "transaction_id": ORDER,
        "value": 49.9,
        "currency": "EUR",
        "page_location": "https://shop.example.com/thanks",
        "user_data": {"email_address": "jane.roe@example.com"},
        "items": [{"item_id": f"SKU-{number}", "price": 9.98, "quantity": 1} for number in range(5)],
    }
    granted = {"ad_storage": True, "ad_user_data": True}
    await container.receive([Event(new_id(), data, Request(client="json", received=time.time()), (), granted)])
    (row,) = rows
    await container.store.write(lambda writing: writing.forget([row.conversion or 0], [row.record], [row.id]))
    return row.call


async def fill(folder: Path) -> None:
    """The store of a server that was up all the time, an hour after the vendor went down."""
    container = build(folder, Problems(), environ=ENVIRONMENT, ledger=on_disk)
    assert container is not None
    pattern, begin = await one_call(container), time.time() - HOUR

    def queue(writing: Writing, number: int) -> None:
        id, at = order(number), begin + HOUR * number / WAITING
        item = pattern.item.replace(ORDER.encode(), id.encode())
        call = replace(pattern, item=item, event_id=id, transaction_id=id, timestamp=at)
        conversion = writing.open(id, "purchase", at, at + 400 * 86400, {})
        writing.fire(conversion, Firing(call.target, call.tag, "", id, "live", at))
        writing.queue(conversion, id, call, at)

    for first in range(0, WAITING, PIECE):
        await container.store.write(lambda writing: [queue(writing, first + more) for more in range(PIECE)])
    container.store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop = tmp_path / "shop"
    assert tagport("init", shop).returncode == 0
    at_once(shop)
    for path in (shop / "tags").glob("*.yaml"):
        if path.stem != "tiktok_purchase":
            path.unlink()
    return shop


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[str]:
    with run_sink(tmp_path, "tiktok:503") as url:
        yield url


def megabytes(serving: Serving) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{serving.process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def waiting(serving: Serving) -> int:
    found = re.search(r"^tagport_outbox_rows ([0-9.e+]+)$", ask(serving.admin, "/metrics", None, {})[1], re.MULTILINE)
    assert found is not None
    return int(float(found[1]))


def ids(calls: list[dict[str, Any]]) -> list[str]:
    return [event["event_id"] for call in calls for event in call["body"]["data"]]


def test_50_000_conversions_wait_for_an_hour_and_leave_oldest_first(folder: Path, sink: str, tmp_path: Path) -> None:
    asyncio.run(fill(folder))
    serving = serve(folder, "--vendors", sink)
    try:
        memory = [megabytes(serving)]
        time.sleep(DOWN)
        memory.append(megabytes(serving))
        assert waiting(serving) == WAITING
        asked = read_calls(tmp_path)
        assert 1 <= len(asked) < 20, "single probes"
        ask(int(sink.rpartition(":")[2]), "/_faults", b'{"faults": []}', {})

        def all_sent() -> bool:
            time.sleep(0.2)
            memory.append(megabytes(serving))
            return waiting(serving) == 0

        until(all_sent, 300)
        assert serving.stop()[0] == 0
    finally:
        serving.process.kill()
    calls = [one for one in read_calls(tmp_path) if "fault" not in one]
    assert Counter(ids(calls)) == {order(number): 1 for number in range(WAITING)}
    tried = set(ids(asked))  # they come when their own wait is over
    fresh = [int(id[-8:]) for id in ids(calls) if id not in tried]
    assert all(abs(number - place) <= IN_FLIGHT for place, number in zip(sorted(fresh), fresh, strict=True))
    assert max(memory) - memory[0] < MOST_GROWTH, memory
    assert tagport("failures", folder, "--format", "json").returncode == 0
