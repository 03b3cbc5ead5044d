"""A record tells what became of its calls: each tag's and destination's own, the last answer first asked for."""

from __future__ import annotations

from typing import Any

from container.admin.record import outcome, told, with_deliveries
from container.call import Call
from container.encoding import encode
from container.ledger.interface import Row, Settlement, Writing
from container.ledger.memory import MemoryStore

NOW = 1_795_428_000.0
RECORD: dict[str, Any] = {
    "id": "R1",
    "event": {"name": "purchase"},
    "tags": [
        {"tag": "meta", "destination": "eu", "decision": "fired"},
        {"tag": "meta", "destination": "us", "decision": "fired"},
        {"tag": "ga4", "decision": "consent"},
    ],
}


def call(destination: str) -> Call:
    return Call(
        tag="meta",
        destination=destination,
        template="meta_conversions_api",
        target=f"graph.facebook.com {destination} Purchase",
        envelope=b"{}",
        item=b"{}",
        joinable=True,
        event_name="purchase",
        event_id="1001",
        transaction_id="1001",
        timestamp=NOW,
        retry_ambiguous=True,
        consent=(),
    )


async def filled() -> MemoryStore:
    """To `eu` a try that was to be repeated and one that arrived; to `us` one that was refused."""
    store = MemoryStore()

    def fill(ledger: Writing) -> None:
        ledger.keep("R1", "conversion", None, NOW, encode(RECORD))
        eu, us = (ledger.queue(None, "R1", call(destination), NOW) for destination in ("eu", "us"))
        _answer(ledger, eu, "retry", "503 busy", 503)
        _answer(ledger, us, "refused", "no such jane.roe@example.com", 400)
        _answer(ledger, eu, "delivered", "", 200)

    await store.write(fill)
    return store


def _answer(ledger: Writing, row: Row, outcome: str, reason: str, status: int) -> None:
    ledger.attempt("me", [row.id], NOW)
    ledger.settle([Settlement(row, outcome, reason, NOW, NOW, status, 0.1234567)])


async def test_each_destination_has_its_own_answers_in_order() -> None:
    found = with_deliveries(await filled(), RECORD)
    eu, us, ga4 = found["tags"]
    assert [one["outcome"] for one in eu["deliveries"]] == ["retry", "delivered"]
    assert [(one["outcome"], one["status"], one["took"]) for one in us["deliveries"]] == [("refused", 400, 0.1235)]
    assert ga4["deliveries"] == []
    assert [outcome(row) for row in found["tags"]] == ["delivered", "refused", ""]
    assert "jane.roe" not in us["deliveries"][0]["reason"]


async def test_a_record_alone_knows_of_no_answer() -> None:
    assert [outcome(row) for row in RECORD["tags"]] == ["", "", ""]
    store = await filled()
    assert told(store, "R1") == with_deliveries(store, RECORD)
    assert told(store, "R2") is None
