"""The pages show what came in, why each tag fired or did not, what failed and how things are; they change nothing."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from days import Day

from container.admin import story
from container.admin.app import Admin, create
from container.admin.metrics import ENOUGH_EVENTS, ENOUGH_KEYS, Metrics
from container.conversion import Conversion
from container.decision import Decision
from container.event import Event, Request
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.server.unclaimed import Unclaimed

EMAIL = "jane.roe@example.com"
HTMX = {"HX-Request": "true"}


@dataclass
class Watched:
    """A browser on the pages of a store."""

    browser: httpx.AsyncClient
    metrics: Metrics

    async def page(self, path: str, **headers: str) -> str:
        answer = await self.browser.get(path, headers=headers, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def words(self, path: str, **headers: str) -> str:
        """What a person reads, without marks and with single blanks."""
        text = re.sub(r"<[^>]*>", " ", await self.page(path, **headers))
        return " ".join(unescape(text).split())


@asynccontextmanager
async def watched(store: Store, ready: bool = True) -> AsyncIterator[Watched]:
    async def is_ready() -> bool:
        return ready

    async def resume(account: str) -> int:
        return 0

    metrics = Metrics()
    app = create(Admin(store, metrics, {"container": "shop", "config": "3f9a"}, is_ready, resume), "127.0.0.1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as browser:
        yield Watched(browser, metrics)


@asynccontextmanager
async def shop_watched(shop: Path) -> AsyncIterator[tuple[Watched, Day]]:
    """Order 1042 by page, webhook-like call and reload, of which Meta refused the purchase; and a page view."""
    async with Day(shop) as day:
        await day.page(-60, "", "page_view")
        await day.page(0, "1042", **{"ep.event_id": "E1"})
        await day.settle(1, "delivered", "200 <b>OK</b>", 200, "tiktok_purchase")
        await day.api(20, transaction_id="#1042", value=39.8, user_data={"email_address": EMAIL})
        await day.settle(21, "refused", "100 Invalid parameter for " + EMAIL, 400, "meta_purchase")
        await day.page(25, "1042", **{"ep.event_id": "E1"})
        async with watched(day.container.store) as pages:
            yield pages, day


def ids(html: str) -> list[str]:
    """The records of the list, as they stand there."""
    return re.findall(r'id="row-(\w+)"', html)


async def test_the_first_page_is_the_list_and_the_newest_of_it_in_full(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        html = await pages.page("/")
        newest = [record["id"] for record in day.container.store.recent(9)]
        assert ids(html) == newest
        assert f'id="row-{newest[0]}" aria-current="true"' in html
        words = await pages.words("/")
    assert "purchase 1042 39.8 EUR" in words
    assert "10:00:00.000 purchase arrived ga4 (browser) · GET /g/collect · the first copy" in words
    assert "10:00:00.000 meta_purchase waiting for the server copy, until 10:02:00 at most" in words
    assert "10:00:20.000 purchase arrived api (server) · POST /events · copy 2, recognised by transaction_id" in words
    assert "10:00:21.000 meta_purchase refused 400 in 118 ms from graph.facebook.com: 100 Invalid parameter" in words
    assert "ga4_purchase suppressed already fired for this conversion by the copy of 10:00:00" in words
    assert 'trigger purchase: event is purchase event.event_name = "purchase"' in words
    assert "9 tags not triggered" in words


async def test_every_copy_has_its_own_decisions_and_one_history(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        [first] = [
            one
            for one in day.container.store.recent(9)
            if (one["conversion"] or {}).get("copy") == 1 and one["event"]["name"] == "purchase"
        ]
        words = await pages.words(f"/requests/{first['id']}")
        assert "Tags, as this copy was decided 10:00:00.000 through ga4" in words
        assert "meta_purchase waiting waits for the server copy" in words
        assert "tiktok_purchase fired business-api.tiktok.com" in words
        assert "delivered 200 in 118 ms from business-api.tiktok.com: <b>OK</b>" in words
        assert "What tags saw of all copies, and where it came from" in words
        assert re.search(r"value 39\.8 server", words)
        part = await pages.page(f"/requests/{first['id']}", **HTMX)
    assert part.lstrip().startswith("<h1>purchase") and "<html" not in part and not ids(part)


async def test_an_event_of_no_conversion_shows_what_its_tags_did(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        [view] = [one for one in day.container.store.recent(9) if one["event"]["name"] == "page_view"]
        words = await pages.words(f"/requests/{view['id']}")
    assert "no declared conversion" in words and "ga4_page_view fired" in words and "One conversion" not in words


async def test_what_no_client_claims_is_told_and_found_by_its_path() -> None:
    store = MemoryStore()
    unclaimed = Unclaimed(store, "shop", "3f9a", lambda: 1_795_428_000.0)
    unclaimed("GET", "/wrong/collect")
    await asyncio.sleep(0.01)
    async with watched(store) as pages:
        words = await pages.words("/requests?find=wrong")
        assert "10:00:00 GET /wrong/collect no client" in words
        assert "no client claims this request: it was answered 404" in words and "declared" not in words
        assert "No record fits." in await pages.words("/requests?find=purchase", **HTMX)


async def test_what_is_looked_for_stays_in_the_list(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        records = day.container.store.recent(9)
        views = [one["id"] for one in records if one["event"]["name"] == "page_view"]
        assert ids(await pages.page("/requests?find=event:page")) == views
        held = ids(await pages.page("/requests?find=order:1042+tag:meta+state:waiting"))
        assert len(held) == 1 and held[0] in [one["id"] for one in records]
        found = await pages.page("/requests?find=order:1042", **HTMX)
        assert "<html" not in found and len(ids(found)) == 3
        assert f'href="/requests/{ids(found)[0]}?find=order%3A1042"' in found
        assert "No record fits." in await pages.words("/requests?find=order:1", **HTMX)
        assert "did you mean `order`?" in await pages.words("/requests?find=oder:1", **HTMX)
        assert ids(await pages.page(f"/requests/{views[0]}?find=order:1042")) == ids(found)


async def test_the_vendors_last_answer_counts_in_the_list(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        refused = ids(await pages.page("/requests?find=state:refused+tag:meta"))
        assert refused == [one["id"] for one in day.container.store.recent(9) if one["conversion"]["copy"] == 2]
        html = await pages.page("/requests?find=state:refused")
        assert '<span class="chip bad" title="meta_purchase: fired, refused">meta_purchase</span>' in html
        assert ids(await pages.page("/requests?find=state:delivered+tag:meta")) == []
        assert len(ids(await pages.page("/requests?find=state:delivered"))) == 1


async def test_the_list_tells_what_has_come_and_is_quiet_while_nothing_has(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        poll = re.search(r'hx-get="([^"]*)" hx-trigger="every 2s"', await pages.page("/requests?find=event:purchase"))
        assert poll is not None
        again = poll[1].replace("&amp;", "&")
        assert (await pages.browser.get(again, headers=HTMX)).status_code == 204
        await day.page(60, "", "page_view")
        assert (await pages.browser.get(again, headers=HTMX)).status_code == 204  # not what is looked for
        await day.page(61, "1043")
        here = f"http://127.0.0.1/requests/{day.container.store.recent(1)[0]['id']}?find=x"
        fresh = await pages.page(again, **HTMX, **{"HX-Current-URL": here})
        assert len(ids(fresh)) == 4 and "1043" in fresh
        assert 'aria-current="true"' in fresh


async def test_failures_say_what_to_do_and_lead_to_why(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        assert 'Failures <span class="bad">1</span>' in await pages.page("/requests")
        html, words = await pages.page("/failures"), await pages.words("/failures")
        [failure] = day.container.store.failures()
    assert "● meta_purchase refused 1 call since 2026-11-23T10:00:21Z" in words
    assert f"tagport failures --resend {failure.row.id}" in words and "mend the tag and resend" in words
    assert f'href="/requests/{failure.row.record}"' in html


async def test_what_could_not_be_made_is_told_beside_the_failures(waiting_shop: Path) -> None:
    granted = dict.fromkeys(("ad_storage", "ad_user_data", "analytics_storage"), True)
    async with shop_watched(waiting_shop) as (pages, day):
        assert "Not even made" not in await pages.words("/failures")
        await day.api(60, transaction_id="7", consent_state=granted)
        html, words = await pages.page("/failures"), await pages.words("/failures")
        assert "● tiktok_purchase invalid 1 call, the last 2026-11-23T10:01:00Z" in words
        assert f'href="/requests/{day.container.store.recent(1)[0]["id"]}"' in html
        assert 'href="/requests?find=state%3Ainvalid+tag%3Atiktok_purchase"' in html


async def test_nobody_is_named_and_nothing_is_taken_for_markup(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, day):
        await day.page(70, "1044", **{"ep.note": "%3Cscript%3Ealert(1)%3C/script%3E", "dt": "<i>x</i>"})
        found = [await pages.page(path) for path in ("/", "/failures", "/status")]
        found += [await pages.page(f"/requests/{one['id']}") for one in day.container.store.recent(9)]
        found.append(await pages.page("/requests?find=%22%3E%3Cscript%3E"))
    assert not [page for page in found if "jane" in page or "203.0.113.7" in page]
    assert not [page for page in found if re.search(r"<script(?! src=./static/htmx.js. defer></script>)|<i>x", page)]


async def test_pages_run_nothing_from_elsewhere_and_are_kept_by_nobody(waiting_shop: Path) -> None:
    async with shop_watched(waiting_shop) as (pages, _):
        answer = await pages.browser.get("/requests")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy and "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text and "onclick" not in answer.text
        for name, kind in (("htmx.js", "text/javascript"), ("pages.css", "text/css")):
            static = await pages.browser.get(f"/static/{name}")
            assert static.status_code == 200 and static.headers["content-type"].startswith(kind)
        assert (await pages.browser.get("/static/../app.py")).status_code == 404
        assert (await pages.browser.get("/static/app.py")).status_code == 404


async def test_pages_are_written_beside_the_loop_that_takes_events(
    waiting_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[threading.Thread] = set()
    consent = story.consent

    def noting(history: Any) -> str:
        threads.add(threading.current_thread())
        return consent(history)

    monkeypatch.setattr(story, "consent", noting)
    async with shop_watched(waiting_shop) as (pages, _):
        assert "ad_storage granted" in await pages.words("/")
    assert threads and threading.main_thread() not in threads


async def test_a_record_that_is_gone_is_said_to_be() -> None:
    async with watched(MemoryStore()) as pages:
        answer = await pages.browser.get("/requests/01J0NOTHERE")
        assert answer.status_code == 404 and "past the time it is kept" in answer.text
        assert "Nothing has come in yet" in await pages.words("/")
        assert "Nothing: every call was delivered" in await pages.words("/failures")


# --- status ----------------------------------------------------------------------------------------------------------


def decided(metrics: Metrics, source: str, named: bool) -> None:
    event = Event("01J", {"event_name": "purchase"}, Request(source=source))
    metrics.decided([Decision(event, Conversion("c", "purchase", {}, page_named=named))] * ENOUGH_KEYS)


async def test_numbers_are_told_and_names_are_escaped() -> None:
    async with watched(MemoryStore()) as pages:
        pages.metrics.decisions["<b>tag</b>", "fired"] = 17
        html = await pages.page("/status")
        assert "<b>tag</b>" not in html and "<td>&lt;b&gt;tag&lt;/b&gt;</td>" in html
        assert 'href="/requests?find=tag%3A%3Cb%3Etag%3C%2Fb%3E+state%3Afired">fired</a></td><td>17</td>' in html
        assert "Doubts none yet" in await pages.words("/status")


async def test_the_absence_of_consent_signals_is_said_aloud() -> None:
    async with watched(MemoryStore()) as pages:
        pages.metrics.events["none"] = ENOUGH_EVENTS - 1
        assert "consent signal" not in await pages.page("/status")
        pages.metrics.events["none"] = ENOUGH_EVENTS
        assert f"None of {ENOUGH_EVENTS} events carried a consent signal" in await pages.page("/status")
        pages.metrics.events["stated"] = 1
        assert "consent signal" not in await pages.page("/status")


async def test_pages_and_shops_that_name_orders_differently_are_told_aloud() -> None:
    async with watched(MemoryStore()) as pages:
        decided(pages.metrics, "browser", True)
        decided(pages.metrics, "server", False)
        pages.metrics.doubts["purchase", "nameless"] = 3
        found = await pages.page("/status")
        assert "the page names orders in a way that no webhook knows" in found
        assert "<td>purchase</td><td>nameless</td><td>3</td>" in found
        pages.metrics.browser_keys_met["purchase"] = 1
        assert "no webhook knows" not in await pages.page("/status")


async def test_a_change_with_errors_is_told_on_every_page() -> None:
    async with watched(MemoryStore()) as pages:
        assert "the configuration of before goes on" not in await pages.words("/requests")
        pages.metrics.stale = True
        for path in ("/requests", "/failures", "/status"):
            assert "the configuration of before goes on. tagport check tells" in await pages.words(path)


@pytest.mark.parametrize(("ready", "said"), [(True, "live"), (False, "the store takes no writes")])
async def test_the_state_of_the_store_is_told_on_every_page(ready: bool, said: str) -> None:
    async with watched(MemoryStore(), ready) as pages:
        found: list[Any] = [await pages.words(path) for path in ("/requests", "/failures", "/status")]
    assert all(f"shop {said} Requests" in page for page in found)
