"""The starter's tags wait for the browser's and the shop's copy: as real processes, through a power cut."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from live import DENIED, LiveShop, live_shop

TAKEN = {200, 204}
TAGS = ("meta_purchase", "tiktok_purchase")


def waiting(shop: LiveShop, most: str) -> LiveShop:
    """The same shop with the starter's waits, `most` long."""
    shop.serving.stop()
    for tag in TAGS:
        path = shop.folder / "tags" / f"{tag}.yaml"
        path.write_text(f"{path.read_text()}\nwait: {{for: [browser, server], most: {most}}}\n")
    shop.restart()
    return shop


def meta_events(shop: LiveShop) -> list[dict[str, Any]]:
    calls = [call for call in shop.calls() if call["host"] == "graph.facebook.com"]
    return [event for call in calls for event in call["body"]["data"]]


def test_the_starter_waits_for_both_copies() -> None:
    for tag in TAGS:
        text = (Path(__file__).parents[2] / "tags" / f"{tag}.yaml").read_text()
        assert re.search(r"^wait: \{for: \[browser, server\], most: 2m\}$", text, re.MULTILINE)


def test_a_wait_survives_a_power_cut_and_both_copies_are_sent_as_one(tmp_path: Path) -> None:
    with live_shop(tmp_path) as running:
        shop = waiting(running, "2m")
        assert shop.page("1001") in TAKEN
        shop.restart()
        assert shop.webhook("1001") in TAKEN
        shop.until_delivered(3)
        assert shop.orders() == {"meta": ["1001"], "tiktok": ["1001"], "ga4": ["1001"]}
        [event] = meta_events(shop)
        assert event["user_data"]["client_user_agent"].startswith("Mozilla/5.0 (X11"), "the browser's"
        assert len(event["user_data"]["em"][0]) == 64, "the shop's"


def test_a_wait_that_ends_while_nothing_runs_is_sent_after_the_start(tmp_path: Path) -> None:
    with live_shop(tmp_path) as running:
        shop = waiting(running, "1s")
        assert shop.page("1001") in TAKEN
        shop.serving.kill()
        shop.restart()
        shop.until_delivered(3)
        assert shop.orders() == {"meta": ["1001"], "tiktok": ["1001"], "ga4": ["1001"]}
        assert shop.webhook("1001") in TAKEN
        shop.until_delivered(4, seconds=1)
        assert sum(map(len, shop.orders().values())) == 3


def test_a_refusal_stops_what_waits(tmp_path: Path) -> None:
    with live_shop(tmp_path) as running:
        shop = waiting(running, "2s")
        assert shop.page("1001") in TAKEN
        assert shop.page("1001", DENIED) in TAKEN
        assert shop.page("1002") in TAKEN
        shop.until_delivered(4, seconds=20)
        sent = shop.orders()
        assert sent["meta"] == sent["tiktok"] == ["1002"]
