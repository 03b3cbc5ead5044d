"""The main job on real input: real processes, a real file, concurrent copies, and a power cut in the middle."""

from __future__ import annotations

import concurrent.futures
import random
import threading
import time
from collections import Counter
from pathlib import Path

from live import DENIED, LiveShop, live_shop
from processes import ENVIRONMENT

TAKEN = {200, 204}


def test_64_simultaneous_copies_of_one_order_are_one_call_a_vendor(tmp_path: Path) -> None:
    with live_shop(tmp_path) as shop:
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            copies = [pool.submit(shop.page if i % 2 else shop.webhook, "1001") for i in range(64)]
            assert {copy.result() for copy in copies} <= TAKEN
        shop.until_delivered(3)
        assert shop.orders() == {"meta": ["1001"], "tiktok": ["1001"], "ga4": ["1001"]}


def test_two_orders_of_one_customer_within_a_minute_are_two_calls_a_vendor(tmp_path: Path) -> None:
    with live_shop(tmp_path) as shop:
        for send, order in ((shop.page, "1001"), (shop.webhook, "1002"), (shop.webhook, "1001"), (shop.page, "1002")):
            assert send(order) in TAKEN
        assert shop.page("1003", DENIED) in TAKEN
        assert shop.webhook("1003") in TAKEN
        shop.until_delivered(6)
        assert {vendor: sorted(orders) for vendor, orders in shop.orders().items()} == {
            vendor: ["1001", "1002"] for vendor in ("meta", "tiktok", "ga4")
        }
        assert shop.serving.stop()[0] == 0
        assert shop.failures() == []


def test_a_power_cut_in_the_middle_loses_nothing_that_was_answered_and_doubles_nothing(tmp_path: Path) -> None:
    with live_shop(tmp_path) as shop:
        answered = _traffic_with_kills(shop, orders=120, kills=4)
        shop.until_delivered(3 * len(answered), seconds=10)
        failures = shop.failures()
        assert {row["outcome"] for row in failures} <= {"unknown"}
        unknown = {(row["tag"].split("_")[0], row["transaction_id"]) for row in failures}
        sent = {vendor: Counter(orders) for vendor, orders in shop.orders().items()}
        for vendor, orders in sent.items():
            missing = {(vendor, order) for order in answered if not orders[order]}
            assert missing <= unknown, missing
        assert max(sent["meta"].values()) == 1, "Meta does not drop a second server copy"
        _same_id_where_twice(shop)


def _traffic_with_kills(shop: LiveShop, orders: int, kills: int) -> set[str]:
    """Pages and webhooks of the same orders from many threads, the server killed and restarted meanwhile."""
    answered: set[str] = set()
    work = [(kind, str(2000 + order)) for order in range(orders) for kind in ("page", "page", "webhook", "webhook")]
    random.Random(7).shuffle(work)
    lock = threading.Lock()

    def send(kind: str, order: str) -> None:
        for _ in range(200):
            if getattr(shop, kind)(order) in TAKEN:
                with lock:
                    answered.add(order)
                return
            time.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(send, *one) for one in work]
        for _ in range(kills):
            time.sleep(0.3)
            shop.restart()
        for job in jobs:
            job.result()
    assert len(answered) == orders
    return answered


def _same_id_where_twice(shop: LiveShop) -> None:
    ids: dict[str, set[str]] = {}
    for call in shop.calls():
        if call["host"] == "business-api.tiktok.com":
            for event in call["body"]["data"]:
                ids.setdefault(event["properties"]["order_id"], set()).add(event["event_id"])
    assert all(len(found) == 1 for found in ids.values())


def test_no_secret_and_no_address_lies_in_database_logs_records_or_metrics(tmp_path: Path) -> None:
    with live_shop(tmp_path) as shop:
        shop.page("1001")
        shop.webhook("1001")
        shop.send("/g/collect?v=2&tid=G-1&en=x&dl=https%3A%2F%2Fshop.example%2F%3Fmail%3Djane.roe%2540example.com")
        token = {"Authorization": f"Bearer {ENVIRONMENT['EVENTS_TOKEN']}"}
        assert shop.send("/events", b'[{"event_name": "jane.roe@example.com"', **token) == 400
        shop.until_delivered(3)
        metrics, records = shop.admin("/metrics"), shop.admin("/api/records?most=100")
        assert b"tagport" in metrics
        assert b"purchase" in records
        data = shop.folder / "data"
        written = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file() and path.suffix != ".key"}
        assert any(name.endswith("-wal") for name in written)
        _, log = shop.serving.stop()
        places = {**written, "metrics": metrics, "records": records, "log": log.encode()}
        secrets = [value for name, value in ENVIRONMENT.items() if "TOKEN" in name or "SECRET" in name]
        for secret in (*secrets, "jane.roe"):
            assert [name for name, content in places.items() if secret.encode() in content] == [], secret
