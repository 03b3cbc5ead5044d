"""The whole way through a crash: a delivering process is killed in the middle, another one takes over."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from delivering import GA4, META, SomeRules, call, conversions, queue, reveal, rules_of, until

from container.cli.sink.app import Sink
from container.cli.sink.faults import Faults
from container.delivery import Delivery
from container.delivery.owner import Owner
from container.delivery.recovery import adopt
from container.ledger.interface import Store
from container.ledger.sqlite import SqliteStore

TESTS = Path(__file__).parents[1]
COUNT = 60


def received(sink: Sink) -> Counter[tuple[str, str]]:
    """Host and event id of everything that came in."""
    found: Counter[tuple[str, str]] = Counter()
    for one in sink.calls:
        for event in one["body"].get("data", [one["body"]]):
            found[one["host"], event["event_id"]] += 1
    return found


async def killed(database: Path, url: str, sink: Sink) -> None:
    """Another process delivers from the database and is killed while requests are under way."""
    path = os.pathsep.join([str(TESTS / "support"), str(TESTS.parent)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(TESTS / "support" / "deliver_until_killed.py"), str(database), url,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    await until(lambda: len(sink.calls) >= 20, 20)
    process.kill()
    await process.wait()


async def test_a_kill_in_the_middle_doubles_nothing_and_loses_nothing(sink: tuple[Sink, str], tmp_path: Path) -> None:
    app, url = sink
    app.faults = Faults.of(["*:slow=30ms"])
    store = SqliteStore(tmp_path / "tagport.db")
    now = time.time()
    for number in range(COUNT):
        id = f"E{number}"
        await conversions(store, [call(META, event_id=id), call(GA4, event_id=id, retry_ambiguous=False)], now)
    await killed(tmp_path / "tagport.db", url, app)
    in_flight = {(row.call.account.split()[0], row.call.event_id) for _, row in store.sending()}
    assert in_flight
    delivery = Delivery(store, rules_of(SomeRules()), reveal, database=tmp_path / "tagport.db", vendors=url)
    await delivery.start()
    await until(lambda: store.depth()[0] == 0, 20)
    await delivery.stop(1)
    unknown = {(GA4, failure.row.call.event_id) for failure in store.failures()}
    assert {failure.row.state for failure in store.failures()} <= {"unknown"}
    store.close()

    seen = received(app)
    for number in range(COUNT):
        at_ga4, at_meta = (GA4, f"E{number}"), (META, f"E{number}")
        assert seen[at_ga4] == 1 or (at_ga4 in unknown and seen[at_ga4] == 0)
        assert seen[at_meta] == 1 or (at_meta in in_flight and seen[at_meta] == 2)
    assert unknown == {one for one in in_flight if one[0] == GA4}


async def sending(store: Store, owner: Owner, **changes: Any) -> int:
    rows = await queue(store, call(**changes))
    await store.write(lambda writing: writing.attempt(owner.id, [rows[0].id], 1_800_000_000.0))
    return rows[0].id


async def test_only_calls_in_nobodys_hands_are_settled(store: Store, tmp_path: Path) -> None:
    mine, living, dead = (Owner(tmp_path / "owners") for _ in range(3))
    mine.take()
    living.take()
    busy = await sending(store, mine, event_id="busy")
    lost = await sending(store, mine, event_id="lost")
    await sending(store, living, event_id="living")
    orphan = await sending(store, dead, event_id="dead", retry_ambiguous=False)
    found = await adopt(store, mine, {busy}, 1_800_000_000.0)
    assert {(one.row.id, one.outcome) for one in found} == {(lost, "retry"), (orphan, "unknown")}
    assert await adopt(store, mine, {busy}, 1_800_000_000.0) == []
    mine.release()
    living.release()


async def test_of_two_that_find_the_same_orphan_one_settles_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    owners = [Owner(tmp_path / "owners") for _ in range(2)]
    for owner in owners:
        owner.take()
    await sending(store, Owner(tmp_path / "owners"))
    found = await asyncio.gather(*(adopt(store, owner, set(), 1_800_000_000.0) for owner in owners))
    assert sorted(map(len, found)) == [0, 1]
    for owner in owners:
        owner.release()
    store.close()
