"""`tagport forget`: a person planted in every table, and looked for in the raw files afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from days import NOW, Day, let_meta_wait
from processes import ENVIRONMENT, ask, serve, until

Tagport = Callable[..., Result]

JANE = {
    "email_address": "Jane.Roe@example.com",
    "phone_number": "+4740612345",
    "address": {"first_name": "Janelle", "last_name": "Roethlis"},
}
JOHN = {"email_address": "john.doe@example.org", "phone_number": "+4799887766"}
TABLES = ("names", "hints", "copies", "held", "firings", "outbox", "deliveries", "records", "conversions")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What must not be found anywhere afterwards; all of it is there before.
NEEDLES = {
    "order": "JANE-1042",
    "second order": "JANE-1043",
    "refund": "JANE-R1",
    "hashed e-mail": sha256("jane.roe@example.com"),
    "hashed phone": sha256("4740612345"),
    "hashed name": sha256("janelle"),
    "browser": "777777777.1795400000",
    "masked": "J***@example.com",
    "the vendor's words": "refused-for-jane",
}


async def plant(shop: Path) -> None:
    """Jane: two orders, a refund, a wait, dead letters, deliveries, settled calls. John: an order of his own."""
    async with Day(shop) as day:
        store = day.container.store
        browser = "777777777.1795400000"
        await day.page(0, "JANE-1042", client=browser, **{"ep.event_id": "jane-event"})
        await day.settle(1, "delivered", "200", 200, "tiktok_purchase")
        more = {"user_id": "u-jane", "client_id": browser}
        await day.api(5, transaction_id="JANE-1042", value=39.8, user_data=JANE, **more)
        await day.settle(6, "refused", "no: refused-for-jane", 400, "meta_purchase")
        await day.api(10, transaction_id="JANE-1043", value=5, user_data=JANE, consent_state=GRANTED)
        await day.settle(11, "retry", "busy", 503, "tiktok_purchase")
        await day.api(12, event_name="refund", refund_id="JANE-R1", transaction_id="JANE-1042", consent_state=GRANTED)
        await day.api(13, event_name="page_view", user_data=JANE, client_id=browser, consent_state=GRANTED)
        await day.api(20, transaction_id="JOHN-1", value=7, user_data=JOHN, consent_state=GRANTED, client_id="1.2")
        assert store.depth()[0]


GRANTED = {"ad_storage": True, "ad_user_data": True, "analytics_storage": True}


def raw(shop: Path) -> bytes:
    """Everything in the store's folder: the file, its WAL, what lies beside it."""
    return b"".join(path.read_bytes() for path in (shop / "data").rglob("*") if path.is_file())


def left(shop: Path) -> list[str]:
    held = raw(shop)
    return [what for what, needle in NEEDLES.items() if needle.encode() in held]


def counts(shop: Path) -> dict[str, int]:
    with sqlite3.connect(shop / "data" / "tagport.db") as connection:
        found = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    connection.close()
    return found


@pytest.fixture
def planted(shop: Path) -> Path:
    let_meta_wait(shop)
    asyncio.run(plant(shop))
    assert all(counts(shop).values()), counts(shop)
    assert left(shop) == list(NEEDLES), "or the test could not fail"
    return shop


def forgotten(tagport: Tagport, who: str, folder: Path, *options: str) -> dict[str, Any]:
    result = tagport("forget", who, folder, *options, "--format", "json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    "who",
    [
        "email=jane.roe@example.com",
        "email= JANE.ROE@EXAMPLE.COM",
        f"email={sha256('jane.roe@example.com')}",
        "phone=+47 406 12 345",
    ],
)
def test_nothing_of_the_person_is_left_in_any_table_nor_in_the_raw_files(
    tagport: Tagport, planted: Path, who: str
) -> None:
    john = explained(tagport, "transaction_id=JOHN-1", planted)
    found = forgotten(tagport, who, planted)
    assert left(planted) == []
    assert all(found["removed"].values()), found["removed"]
    assert sorted((one["kind"], one["transaction_id"]) for one in found["conversions"]) == [
        ("purchase", "JANE-1042"),
        ("purchase", "JANE-1043"),
        ("refund", "JANE-R1"),
    ]
    assert found["client_ids"] == ["777777777.1795400000"]
    assert explained(tagport, "transaction_id=JOHN-1", planted) == john
    assert tagport("explain", "transaction_id=JANE-1042", planted).exit_code == 1
    assert tagport("forget", who, planted).exit_code == 1


def explained(tagport: Tagport, what: str, folder: Path) -> Any:
    result = tagport("explain", what, folder, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_after_hints_and_copies_are_gone_the_person_is_still_found(tagport: Tagport, planted: Path) -> None:
    async def a_month_later() -> None:
        async with Day(planted) as day:
            for _ in range(5):
                await day.container.store.expire(NOW + 30 * 86400)

    asyncio.run(a_month_later())
    assert counts(planted)["hints"] == 0
    forgotten(tagport, "email=jane.roe@example.com", planted)
    assert left(planted) == []


def test_one_order_is_forgotten_by_its_name_and_the_customer_s_other_stays(tagport: Tagport, planted: Path) -> None:
    found = forgotten(tagport, "transaction_id=#JANE-1042", planted)
    assert sorted(one["transaction_id"] for one in found["conversions"]) == ["JANE-1042", "JANE-R1"]
    assert b"JANE-1042" not in raw(planted)
    assert explained(tagport, "transaction_id=JANE-1043", planted)["conversions"]


def test_a_user_id_finds_the_person_too(tagport: Tagport, planted: Path) -> None:
    found = forgotten(tagport, "user_id=u-jane", planted)
    assert [one["transaction_id"] for one in found["conversions"]] == ["JANE-1042", "JANE-R1"]


def test_a_dry_run_tells_the_same_and_removes_nothing(tagport: Tagport, planted: Path) -> None:
    before = counts(planted)
    told = forgotten(tagport, "email=jane.roe@example.com", planted, "--dry-run")
    assert counts(planted) == before
    assert not told["written_anew"]
    assert "would be removed" in tagport("forget", "email=jane.roe@example.com", planted, "--dry-run").output
    assert forgotten(tagport, "email=jane.roe@example.com", planted)["removed"] == told["removed"]


def test_it_is_told_what_went(tagport: Tagport, planted: Path) -> None:
    output = tagport("forget", "email=jane.roe@example.com", planted).output
    assert "purchase JANE-1042, purchase JANE-1043, refund JANE-R1" in output
    assert "decision records" in output
    assert "the store's file was written anew" in output
    assert "`tagport forget client_id=777777777.1795400000` removes its page views, too" in output


def test_serve_goes_on_meanwhile_and_sends_nothing_of_it_afterwards(tagport: Tagport, shop: Path) -> None:
    """Its calls wait for a vendor that cannot be reached; the next person's events are taken before and after."""
    running = serve(shop, "--vendors", "http://127.0.0.1:9")
    headers = {"content-type": "application/json", "authorization": f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}"}

    def order(id: str, user: dict[str, Any]) -> int:
        event = {"event_name": "purchase", "transaction_id": id, "value": 5, "currency": "EUR"}
        event |= {"user_data": user, "consent_state": GRANTED, "client_id": "1.2"}
        return ask(running.port, "/events", json.dumps(event).encode(), headers)[0]

    try:
        assert [order("JANE-1042", JANE), order("JOHN-1", JOHN)] == [200, 200]
        until(lambda: counts(shop)["deliveries"] >= 4)
        assert b"JANE-1042" in raw(shop)
        found = forgotten(tagport, "email=jane.roe@example.com", shop)
        assert found["removed"]["calls"] >= 1
        assert order("JOHN-2", JOHN) == 200
        time.sleep(0.3)
        held = raw(shop)
        assert b"JANE-1042" not in held
        assert NEEDLES["hashed e-mail"].encode() not in held
        assert b"JOHN-1" in held and b"JOHN-2" in held
        assert order("JANE-1042", JANE) == 200, "a copy that comes afterwards is a new conversion"
    finally:
        code, errors = running.stop()
    assert code == 0
    assert "Traceback" not in errors
    [history] = explained(tagport, "transaction_id=JANE-1042", shop)["conversions"]
    assert history["copies"] == 1


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("mail=a@b.de", "did you mean `email`?"),
        ("shoe_size=44", "write one of email=…, phone=…"),
        ("email=", "write whose"),
        ("email=jane", "`jane` is no e-mail address"),
    ],
)
def test_mistakes_are_told(tagport: Tagport, shop: Path, who: str, said: str) -> None:
    result = tagport("forget", who, shop)
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_store_in_use_a_missing_key_and_no_store_are_told(tagport: Tagport, planted: Path, tmp_path: Path) -> None:
    holder = sqlite3.connect(planted / "data" / "tagport.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    result = tagport("forget", "email=jane.roe@example.com", planted)
    holder.close()
    assert (result.exit_code, "another process may be using it, try again" in result.output) == (2, True)
    (planted / "data" / "tagport.key").unlink()
    assert "the key file" in tagport("forget", "email=jane.roe@example.com", planted).output
    shutil.rmtree(planted / "data")
    assert "has `tagport serve` run here?" in tagport("forget", "email=a@b.de", planted).output
