from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from container.admin.app import Admin, create
from container.admin.metrics import Metrics
from container.call import Call, Envelope
from container.encoding import encode
from container.errors import NotStored
from container.ledger.interface import Settlement, Writing
from container.ledger.memory import MemoryStore

NOW = 1_795_428_000.0
ENVELOPE = Envelope("POST", ("https://graph.facebook.com/v26.0/1/events",), ()).stored()


def call(transaction_id: str = "1001") -> Call:
    return Call(
        tag="meta_purchase",
        destination="",
        template="meta_conversions_api",
        target="graph.facebook.com 1 Purchase",
        envelope=ENVELOPE,
        item=b"{}",
        joinable=True,
        event_name="purchase",
        event_id=transaction_id,
        transaction_id=transaction_id,
        timestamp=NOW,
        retry_ambiguous=True,
        consent=("ad_storage",),
    )


def record(id: str) -> bytes:
    tags = [{"tag": "meta_purchase", "decision": "fired"}, {"tag": "tiktok_purchase", "decision": "consent"}]
    return encode({"id": id, "event": {"name": "purchase"}, "tags": tags})


@pytest.fixture
async def store() -> MemoryStore:
    """One delivered call, one refused, one stopped, one waiting."""
    store = MemoryStore()

    def fill(ledger: Writing) -> None:
        rows = [ledger.queue(None, f"R{number}", call(f"100{number}"), NOW) for number in range(4)]
        for number, row in enumerate(rows):
            ledger.keep(row.record, "conversion", None, NOW + number, record(row.record))
        ledger.attempt("me", [row.id for row in rows[:3]], NOW)
        ledger.settle(
            [
                Settlement(rows[0], "delivered", "", NOW, status=200, took=0.1),
                Settlement(rows[1], "refused", "bad e-mail jane@example.com", NOW, status=400),
                Settlement(rows[2], "stopped", "token expired", NOW, status=401),
            ]
        )

    await store.write(fill)
    return store


def admin(store: MemoryStore, ready: bool = True) -> Admin:
    async def is_ready() -> bool:
        return ready

    async def resume(account: str) -> int:
        return await store.write(lambda ledger: ledger.resume(account, NOW))

    return Admin(store, Metrics(), {"container": "shop", "config": "3f9a"}, is_ready, resume)


@pytest.fixture
async def browser(store: MemoryStore) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create(admin(store), "127.0.0.1"))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8081") as client:
        yield client


async def test_records_come_newest_first(browser: httpx.AsyncClient) -> None:
    found = (await browser.get("/api/records", params={"most": 2})).json()["records"]
    assert [row["id"] for row in found] == ["R3", "R2"]


@pytest.mark.parametrize("most", ["0", "1001", "many", "-1"])
async def test_the_number_of_records_has_bounds(browser: httpx.AsyncClient, most: str) -> None:
    answer = await browser.get("/api/records", params={"most": most})
    assert answer.status_code == 400
    assert "1 to 1000" in answer.json()["error"]


async def test_a_record_holds_the_deliveries_of_its_tags(browser: httpx.AsyncClient) -> None:
    found = (await browser.get("/api/records/R0")).json()
    fired, withheld = found["tags"]
    assert [(d["outcome"], d["status"], d["attempt"]) for d in fired["deliveries"]] == [("delivered", 200, 0)]
    assert withheld["deliveries"] == []


async def test_an_unknown_record_is_404(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/records/nope")).status_code == 404


async def test_failures_are_listed_without_personal_data(browser: httpx.AsyncClient) -> None:
    told = (await browser.get("/api/failures")).json()
    refused, stopped = told["failures"]
    assert refused == {
        "id": 2,
        "outcome": "refused",
        "tag": "meta_purchase",
        "target": "graph.facebook.com 1 Purchase",
        "event_name": "purchase",
        "transaction_id": "1001",
        "event_id": "1001",
        "reason": "bad e-mail j***@example.com",
        "attempts": 1,
        "since": "2026-11-23T10:00:00Z",
        "advice": "The vendor does not take it. Its words stand in the reason; mend the tag and resend, or drop it.",
    }
    assert stopped["outcome"] == "stopped"
    assert [(group["outcome"], group["ids"]) for group in told["groups"]] == [
        ("refused", [2]), ("stopped", [stopped["id"]]),
    ]  # fmt: skip


async def test_failures_since_a_time(browser: httpx.AsyncClient) -> None:
    assert len((await browser.get("/api/failures?since=1795428000")).json()["failures"]) == 2
    assert (await browser.get("/api/failures?since=9999999999")).json() == {"failures": [], "groups": []}
    assert (await browser.get("/api/failures?since=lately")).status_code == 400


async def test_a_failure_is_sent_again(browser: httpx.AsyncClient, store: MemoryStore) -> None:
    answer = await browser.post("/api/failures/resend", json={"ids": [2, 99]})
    assert answer.json() == {"resent": [2], "refused": [99]}
    assert [failure.row.id for failure in store.failures()] == [3]
    assert len((await browser.get("/api/failures")).json()["failures"]) == 1


async def test_a_failure_is_dropped(browser: httpx.AsyncClient, store: MemoryStore) -> None:
    answer = await browser.post("/api/failures/drop", json={"ids": [2]})
    assert answer.json() == {"dropped": [2], "refused": []}
    assert [failure.row.id for failure in store.failures()] == [3]


async def test_a_stopped_account_is_resumed(browser: httpx.AsyncClient) -> None:
    account = "graph.facebook.com 1"
    assert (await browser.get("/api/stopped")).json() == {"stopped": [{"account": account, "calls": 1}]}
    assert (await browser.post("/api/stopped/resume", json={"account": account})).json() == {"resumed": 1}
    assert (await browser.get("/api/stopped")).json() == {"stopped": []}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/failures/resend", {}),
        ("/api/failures/resend", {"ids": "2"}),
        ("/api/failures/drop", {"ids": [True]}),
        ("/api/failures/drop", {"ids": [2**63]}),
        ("/api/failures/resend", {"ids": [-1]}),
        ("/api/failures/drop", [2]),
        ("/api/stopped/resume", {"account": 1}),
    ],
)
async def test_a_wrong_body_changes_nothing(
    browser: httpx.AsyncClient, store: MemoryStore, path: str, said: Any
) -> None:
    answer = await browser.post(path, json=said)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert len(store.failures()) == 2


async def test_a_form_changes_nothing(browser: httpx.AsyncClient, store: MemoryStore) -> None:
    """Another origin's page may send a form, and text/plain, without asking."""
    answer = await browser.post("/api/failures/drop", content=b'{"ids": [2]}', headers={"content-type": "text/plain"})
    assert answer.status_code == 400
    assert len(store.failures()) == 2


async def test_a_foreign_name_is_turned_away(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/records", headers={"host": "evil.example:8081"})).status_code == 421
    for host in ("localhost:8081", "127.0.0.1", "[::1]:8081"):
        assert (await browser.get("/api/records", headers={"host": host})).status_code == 200


async def test_off_loopback_every_name_is_taken(store: MemoryStore) -> None:
    app = create(admin(store), "0.0.0.0")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tagport:8081") as client:
        assert (await client.get("/metrics")).status_code == 200


async def test_metrics_have_the_state_of_the_store(browser: httpx.AsyncClient) -> None:
    found = (await browser.get("/metrics")).text
    assert "tagport_outbox_rows 1.0" in found
    assert 'tagport_failures{outcome="refused",tag="meta_purchase"} 1.0' in found
    assert 'tagport_account_stopped{account="graph.facebook.com 1"} 1.0' in found
    assert "jane" not in found


async def test_the_page_names_stopped_accounts_and_no_visitor(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/status")
    assert answer.headers["content-type"].startswith("text/html")
    assert "graph.facebook.com 1: the vendor refused the credentials" in answer.text
    assert "jane" not in answer.text


async def test_readiness_follows_the_store(store: MemoryStore) -> None:
    app = create(admin(store, ready=False), "127.0.0.1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_a_store_that_takes_nothing_is_503(browser: httpx.AsyncClient, store: MemoryStore) -> None:
    async def full(work: Any) -> Any:
        raise NotStored("the store is busy; send the request again")

    store.write = full  # type: ignore[method-assign]
    answer = await browser.post("/api/failures/drop", json={"ids": [2]})
    assert answer.status_code == 503
    assert "busy" in answer.json()["error"]
