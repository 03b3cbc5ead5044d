"""The pages in a real Chromium, on a real `tagport serve`: found by typing, live while one looks, one click to why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import chromium
from live import LiveShop, live_shop
from playwright.sync_api import Page, expect
from processes import until


@pytest.fixture
def page() -> Iterator[Page]:
    """A tab; nothing in it may go wrong or be refused by the pages' own policy."""
    said: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        yield page
    assert said == []


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveShop]:
    """Meta says no to everything."""
    with live_shop(tmp_path, "meta:400") as found:
        yield found


def test_an_order_is_watched_found_and_explained(live: LiveShop, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{live.serving.admin}/")
    expect(page.get_by_text("Nothing has come in yet")).to_be_visible()
    assert (live.page("1042"), live.webhook("1042"), live.page("1043")) == (204, 200, 204)
    rows = page.locator("a.row")
    expect(rows).to_have_count(3)  # by themselves
    page.get_by_role("searchbox").fill("order:1042 tag:meta")
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("oder:1042")
    expect(page.get_by_text("did you mean `order`?")).to_be_visible()
    page.get_by_role("searchbox").fill("order:1042")
    expect(rows).to_have_count(2)
    rows.first.click()
    detail = page.locator("#detail")
    expect(detail.get_by_role("heading", level=1)).to_contain_text("purchase 1042 149.9 EUR")
    expect(detail).to_contain_text("copy 2, recognised by transaction_id")
    expect(detail).to_contain_text(
        re.compile(r"meta_purchase suppressed\s+already fired for this conversion by the copy")
    )
    expect(page).to_have_url(re.compile(r"/requests/[0-9A-Z]{26}\?find=order%3A1042$"))
    page.reload()
    expect(detail).to_contain_text("copy 2, recognised by transaction_id")
    expect(rows).to_have_count(2)
    expect(page.locator("a.row[aria-current]")).to_have_count(1)


def test_what_is_still_to_come_comes_by_itself(live: LiveShop, page: Page) -> None:
    tag = live.folder / "tags" / "tiktok_purchase.yaml"
    tag.write_text(f"{tag.read_text()}\nwait: {{for: [browser, server], most: 2m}}\n")
    live.restart()
    assert live.page("1042") == 204
    page.goto(f"http://127.0.0.1:{live.serving.admin}/requests?find=order:1042")
    detail = page.locator("#detail")
    expect(detail).to_contain_text("tiktok_purchase waits for another copy")
    assert live.webhook("1042") == 200
    expect(detail).to_contain_text(re.compile(r"tiktok_purchase delivered\s+200 in \d+ ms from business-api"))
    expect(detail).not_to_contain_text("waits for another copy")


def test_what_failed_says_what_to_do_and_leads_to_why(live: LiveShop, page: Page) -> None:
    assert live.page("1042") == 204
    until(lambda: live.serving.ask_admin("/api/failures")["failures"])
    page.goto(f"http://127.0.0.1:{live.serving.admin}/status")
    page.get_by_role("link", name="Failures 1").click()
    expect(page.get_by_role("article")).to_contain_text(re.compile(r"meta_purchase\s+refused\s+1 call since"))
    expect(page.get_by_role("article")).to_contain_text(re.compile(r"tagport failures --resend \d+"))
    page.get_by_role("link", name="why it was sent").click()
    expect(page.locator("#detail")).to_contain_text(re.compile(r"meta_purchase refused\s+400 in \d+ ms from graph"))
