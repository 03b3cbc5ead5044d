"""A disk that is full, a database that somebody has locked: 503 until it is over, and nothing is lost or told twice."""

from __future__ import annotations

import resource
import sqlite3
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest
from live import BROWSER, LiveShop, live_shop, purchase_hit
from processes import ask, until

ROOM = 4096  # bytes: no file may grow beyond, as if the disk were full


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with live_shop(tmp_path_factory.mktemp("trouble")) as running:
        yield running


def full(shop: LiveShop, is_full: bool) -> None:
    """The disk from now on."""
    most = ROOM if is_full else resource.RLIM_INFINITY
    resource.prlimit(shop.serving.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def ready(shop: LiveShop) -> int:
    return shop.serving.get("/readyz")[0]


def sent_once(shop: LiveShop, *orders: str) -> bool:
    """Whether every vendor has got each of these orders; an assertion that none got one twice."""
    told = {vendor: Counter(names) for vendor, names in shop.orders().items()}
    assert max((count for names in told.values() for count in names.values()), default=1) == 1
    return all(order in names for order in orders for names in told.values())


def test_a_full_disk_is_a_503_until_there_is_room_again(shop: LiveShop) -> None:
    assert shop.page("1101") == 204
    until(lambda: sent_once(shop, "1101"))
    full(shop, True)
    assert {shop.page("1102"), shop.webhook("1103", "D1"), shop.page("1101")} == {503}
    assert until(lambda: ready(shop) == 503)
    assert shop.serving.get("/healthz")[0] == 200
    full(shop, False)
    assert until(lambda: shop.page("1102") == 204)
    assert until(lambda: ready(shop) == 200)
    assert shop.webhook("1103", "D1") == 200, "the shop's second try is no retry of one that was taken"
    assert shop.page("1103") == 204
    until(lambda: sent_once(shop, "1102", "1103"))


def test_a_503_says_when_to_come_again(shop: LiveShop) -> None:
    full(shop, True)
    request = urllib.request.Request(f"http://127.0.0.1:{shop.serving.port}{purchase_hit('1201')}", headers=BROWSER)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    full(shop, False)
    assert refused.value.code == 503
    assert int(refused.value.headers["retry-after"]) > 0
    refused.value.close()


def test_calls_under_way_when_the_disk_fills_are_settled_when_there_is_room(shop: LiveShop) -> None:
    vendors = int(shop.sink.rpartition(":")[2])
    ask(vendors, "/_faults", b'{"faults": ["*:slow=700ms"]}', {})
    assert until(lambda: shop.page("1301") == 204)
    until(lambda: sent_once(shop, "1301"))
    full(shop, True)
    time.sleep(1.5)  # the answers come, and cannot be written down
    full(shop, False)
    ask(vendors, "/_faults", b'{"faults": []}', {})
    assert until(lambda: shop.page("1302") == 204)
    until(lambda: sent_once(shop, "1302"))
    until(lambda: b"tagport_outbox_rows 0.0" in shop.admin("/metrics"))
    assert sent_once(shop, "1301")
    assert shop.failures() == []


def test_a_locked_database_is_a_503_until_it_is_let_go(shop: LiveShop) -> None:
    other = sqlite3.connect(shop.folder / "data" / "tagport.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert shop.page("1402") == 503
    other.execute("ROLLBACK")
    other.close()
    assert until(lambda: shop.page("1402") == 204)
    until(lambda: sent_once(shop, "1402"))
