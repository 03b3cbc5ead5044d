"""The real server through a name that does not resolve, a revoked token, and answers that break off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from live import VENDORS, LiveShop, live_shop, order_of
from processes import ask, environment, serve, tagport, until


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with live_shop(tmp_path_factory.mktemp("faults")) as running:
        yield running


def faults(shop: LiveShop, *rules: str) -> None:
    told = ", ".join(f'"{rule}"' for rule in rules)
    ask(int(shop.sink.rpartition(":")[2]), "/_faults", f'{{"faults": [{told}]}}'.encode(), {})


def told(shop: LiveShop, order: str, faulty: bool = False) -> Counter[str]:
    """Vendor → how often it got this order; `faulty`: counting the calls it did not answer properly, too."""
    return Counter(
        VENDORS[one["host"]]
        for one in shop.calls()
        for event in one["body"].get("data") or one["body"].get("events") or []
        if order_of(event) == order and (faulty or "fault" not in one)
    )


def all_told(shop: LiveShop, *orders: str) -> bool:
    return all(told(shop, order) == dict.fromkeys(VENDORS.values(), 1) for order in orders)


def test_while_no_name_resolves_calls_wait_for_the_next_start(shop: LiveShop) -> None:
    shop.serving.stop()
    shop.serving = serve(shop.folder, "--vendors", "http://vendor-double.invalid")
    assert [shop.page(order) for order in ("2101", "2102")] == [204, 204]
    until(lambda: b'outcome="retry"' in shop.admin("/metrics"))
    shop.serving.stop()
    assert not told(shop, "2101")
    shop.serving = serve(shop.folder, "--vendors", shop.sink)
    until(lambda: all_told(shop, "2101", "2102"), 30)
    assert shop.failures() == []


def test_a_revoked_token_stops_one_vendor_until_it_is_renewed(shop: LiveShop) -> None:
    faults(shop, "meta:code=190")
    assert [shop.page(order) for order in ("2201", "2202")] == [204, 204]
    until(lambda: told(shop, "2202") == {"tiktok": 1, "ga4": 1} and told(shop, "2201") == {"tiktok": 1, "ga4": 1})
    until(lambda: b"tagport_account_stopped{" in shop.admin("/metrics"))
    shop.serving.stop()
    faults(shop)
    renewed = environment(META_ACCESS_TOKEN="renewed-token-of-the-tests")
    shop.serving = serve(shop.folder, "--vendors", shop.sink, env=renewed)
    until(lambda: all_told(shop, "2201", "2202"), 30)
    assert shop.failures() == []


def test_after_a_time_out_only_whom_a_second_copy_does_not_harm_is_asked_again(shop: LiveShop) -> None:
    faults(shop, "meta:slow=60s:x1", "tiktok:slow=60s:x1", "ga4:stall:x1")
    assert shop.page("2401") == 204
    until(lambda: told(shop, "2401") == {"tiktok": 1, "ga4": 1}, 60)  # both know the order again: the vendor drops it
    until(lambda: failed(shop, "2401"))
    assert told(shop, "2401", faulty=True) == {"tiktok": 2, "ga4": 2, "meta": 1}
    assert len(event_ids(shop, "tiktok", "2401")) == 1
    (unknown,) = failed(shop, "2401")
    assert (unknown["outcome"], unknown["tag"]) == ("unknown", "meta_purchase")
    assert unknown["reason"] == "no answer within 5 s"
    assert tagport("failures", shop.folder, "--resend", str(unknown["id"])).returncode == 0
    until(lambda: told(shop, "2401") == dict.fromkeys(VENDORS.values(), 1), 30)
    assert len(event_ids(shop, "meta", "2401")) == 1, "a resent call is the same event"
    assert failed(shop, "2401") == []


def failed(shop: LiveShop, order: str) -> list[dict[str, Any]]:
    """What `tagport failures` lists of this order."""
    return [one for one in shop.failures() if one["transaction_id"] == order]


def event_ids(shop: LiveShop, vendor: str, order: str) -> set[str]:
    """The ids under which a vendor was told of this order."""
    return {
        event["event_id"]
        for one in shop.calls()
        if VENDORS[one["host"]] == vendor
        for event in one["body"]["data"]
        if order_of(event) == order
    }


def test_an_answer_that_breaks_off_is_asked_for_again_only_where_that_does_no_harm(shop: LiveShop) -> None:
    faults(shop, "meta:cut:x1", "tiktok:cut:x1")
    assert shop.page("2301") == 204
    until(lambda: told(shop, "2301") == {"tiktok": 1, "ga4": 1}, 30)
    until(lambda: [one["outcome"] for one in failed(shop, "2301")] == ["unknown"])
    assert told(shop, "2301", faulty=True) == {"tiktok": 2, "meta": 1, "ga4": 1}
    assert len(event_ids(shop, "tiktok", "2301")) == 1
