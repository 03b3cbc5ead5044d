"""The tag in a real Chromium, in pages with a strict content security policy, against a real `tagport serve`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chromium import Pages, chromium, shop_pages
from live import LiveShop, run_sink
from playwright.sync_api import Browser, Page
from processes import Serving, in_process, serve, until
from tcf_strings import string

GRANTED = "{ad_storage: 'granted', ad_user_data: 'granted', analytics_storage: 'granted'}"
STUB = "window.tagport = window.tagport || function () { (tagport.q = tagport.q || []).push(arguments); };\n"
GTAG = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); }\n"
PIXELS = """
fbq = function () { fbq.calls.push([].slice.call(arguments)); }; fbq.calls = [];
ttq = []; ttq.calls = []; ttq.track = function () { ttq.calls.push([].slice.call(arguments)); };
"""
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@dataclass
class Site:
    """A shop's pages, the container they send to, and what happened in the browser."""

    live: LiveShop
    serving: Serving
    pages: Pages
    browser: Browser
    said: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def page(self, before: str = "", init: str = "", **headers: str) -> Page:
        """A new visitor's tab. `before` runs as the page's own script in front of the tag."""
        context = self.browser.new_context(extra_http_headers=headers or None, user_agent=CHROME)
        context.set_default_timeout(15_000)
        page = context.new_page()
        if init:
            page.add_init_script(init)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.hosts.add(re.sub(r"^(\w+://[^/]+).*", r"\1", request.url)))
        self.before = before
        return page

    def add(self, path: str, attributes: str = "", more: str = "") -> str:
        """A page with the tag; its URL."""
        tag = f'<script src="http://localhost:{self.serving.port}/tagport.js" {attributes}></script>'
        own = '<script src="/own.js"></script>'
        html = f'{own}{tag}<a id="next" href="/next">next</a>{more}'
        return self.pages.add(path, html, own=STUB + GTAG + self.before)

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """The records of what the tag sent, oldest first."""
        short = self.serving.ask_admin("/api/records?most=100")["records"]
        full = [self.serving.ask_admin(f"/api/records/{one['id']}") for one in reversed(short)]
        return [one for one in full if one["event"]["name"] and name in ("", one["event"]["name"])]

    def told(self, event: str) -> list[dict[str, Any]]:
        """What Meta got of this name."""
        calls = [call["body"]["data"] for call in self.live.calls() if call["host"] == "graph.facebook.com"]
        return [one for data in calls for one in data if one["event_name"] == event]


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("browser_tag")
    shop = folder / "shop"
    assert in_process("init", shop, "--from", "browser_tag").exit_code == 0
    config = shop / "container.yaml"
    config.write_text(f"{config.read_text()}\ncookies: {{set: [_fbp, client_id]}}\n")
    with run_sink(folder) as sink, shop_pages({}) as pages:
        serving = serve(shop, "--vendors", sink)
        here = f"http://localhost:{serving.port}"
        policy = f"default-src 'none'; script-src 'self' {here}; connect-src 'self' {here}"
        pages.headers["content-security-policy"] = f"{policy}; require-trusted-types-for 'script'"
        try:
            yield Site(LiveShop(shop, sink, folder, serving), serving, pages, browser)
        finally:
            serving.kill()


def test_events_ids_and_cookies_under_a_strict_policy(site: Site) -> None:
    """One page: page view, an event, a dataLayer push, both pixels; one id each, nothing to anybody else."""
    site.said.clear(), site.hosts.clear()
    page = site.page(f"gtag('consent', 'default', {GRANTED}); {PIXELS}")
    page.goto(site.add("/", "data-pixels") + "?gclid=Cj0.x_-A&fbclid=IwAR2.b_-C")
    ids = page.evaluate(
        """() => {
            fbq('track', 'PageView');
            const purchase = {event: 'purchase', ecommerce: {transaction_id: 'B-1', value: 149.9, currency: 'EUR',
                              items: [{item_id: 'SKU-1', price: 149.9, quantity: 1}]}};
            dataLayer.push(purchase);
            fbq('track', 'Purchase', {value: 149.9});
            ttq.track('CompletePayment', {value: 149.9});
            const lead = tagport('event', 'generate_lead', {value: 5, currency: 'EUR'});
            fbq('track', 'Lead', {}, {eventID: lead});
            return {fbq: fbq.calls.map((call) => call[3].eventID), ttq: ttq.calls[0][2].event_id,
                    pushed: purchase.event_id, lead};
        }"""
    )
    until(lambda: len(site.told("Purchase")) and len(site.told("Lead")) and len(site.told("PageView")))
    (seen,), (bought,), (lead,) = (site.told(name) for name in ("PageView", "Purchase", "Lead"))
    assert ids["fbq"] == [seen["event_id"], bought["event_id"], lead["event_id"]]
    assert ids["ttq"] == ids["pushed"] == bought["event_id"]
    assert ids["lead"] == lead["event_id"]
    assert len({seen["event_id"], bought["event_id"], lead["event_id"]}) == 3
    assert bought["custom_data"]["order_id"] == "B-1"
    assert bought["custom_data"]["value"] == 149.9
    assert seen["user_data"]["fbc"].endswith(".IwAR2.b_-C")
    cookies = {one["name"]: one for one in page.context.cookies()}
    assert seen["user_data"]["fbp"] == cookies["_fbp"]["value"]
    assert (cookies["_fbp"]["httpOnly"], cookies["_tagport"]["httpOnly"]) == (False, True)
    assert page.evaluate("document.cookie") == f"_fbp={cookies['_fbp']['value']}"
    (record,) = site.events("purchase")
    assert record["event"]["data"]["gclid"] == "Cj0.x_-A"
    assert record["event"]["data"]["client_id"] == cookies["_tagport"]["value"]
    assert record["event"]["data"]["page_title"] == "Shop"
    assert site.said == [], "no violation of the policy, no error"
    assert site.hosts == {f"http://localhost:{site.pages.port}", f"http://localhost:{site.serving.port}"}
    page.context.close()


def test_consent_given_later_sends_what_waited_and_each_event_once(site: Site) -> None:
    denied = GRANTED.replace("granted", "denied")
    page = site.page(f"gtag('consent', 'default', {denied});")
    page.goto(site.add("/banner"))
    before = len(site.told("PageView"))
    until(lambda: [one for one in site.events("page_view") if one["event"]["data"]["page_path"] == "/banner"])
    assert page.context.cookies() == [], "nothing is set before the visitor agrees"
    page.evaluate(f"gtag('consent', 'update', {GRANTED})")
    until(lambda: len(site.told("PageView")) > before)
    page.evaluate("tagport('event', 'generate_lead', {lead: 1})")
    until(lambda: [one for one in site.told("Lead") if one["event_source_url"].endswith("/banner")])
    views = [one for one in site.events("page_view") if one["event"]["data"]["page_path"] == "/banner"]
    assert [one["consent"]["ad_storage"] for one in views] == [False, True]
    assert len({one["event"]["data"]["event_id"] for one in views}) == 1
    assert len([one for one in site.told("PageView") if one["event_source_url"].endswith("/banner")]) == 1
    page.context.close()


def test_tcf_is_waited_for_and_gpc_is_told(site: Site) -> None:
    full = string(range(1, 12))
    init = """Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});
    window.__tcfapi = (command, version, callback) => { window.answer = (tcString) => callback({tcString,
        eventStatus: 'useractioncomplete', gdprApplies: true, purpose: {consents: {1: true}}}, true); };"""
    page = site.page("", init, **{"Sec-GPC": "1"})
    page.goto(site.add("/tcf"))
    page.evaluate("(text) => { tagport('event', 'generate_lead', {value: 1, currency: 'USD'}); answer(text); }", full)
    lead = until(lambda: [one for one in site.told("Lead") if one["event_source_url"].endswith("/tcf")])
    assert lead[0]["data_processing_options"] == ["LDU"]
    (record,) = [one for one in site.events("generate_lead") if one["event"]["data"]["page_path"] == "/tcf"]
    said = record["consent"]
    assert (said["ad_user_data"], said["vendor_google"], said["sale_or_sharing"]) == (True, True, False)
    page.context.close()


def test_what_did_not_arrive_is_sent_from_the_next_page_once(site: Site) -> None:
    page = site.page(f"gtag('consent', 'default', {GRANTED});")
    url = site.add("/offline", 'data-page-view="off"')
    site.add("/next", 'data-page-view="off"')
    page.context.route("**/tagport", lambda route: route.abort())
    page.goto(url)
    page.evaluate("tagport('event', 'purchase', {transaction_id: 'B-77', value: 1, currency: 'EUR'})")
    page.wait_for_function("(localStorage.tagport || '').includes('B-77')")
    page.context.unroute("**/tagport")
    page.click("#next")
    until(lambda: [one for one in site.told("Purchase") if one["custom_data"]["order_id"] == "B-77"])
    page.wait_for_function("localStorage.tagport == '[]'")
    page.goto(url)
    page.wait_for_function("!!tagport.loaded")
    assert len([one for one in site.told("Purchase") if one["custom_data"]["order_id"] == "B-77"]) == 1
    assert len(site.events("purchase")) == len({one["event"]["data"]["event_id"] for one in site.events("purchase")})
    page.context.close()


def test_what_still_waits_when_the_visitor_leaves_goes_as_a_beacon(site: Site) -> None:
    page = site.page("gtag('consent', 'default', {ad_storage: 'denied', wait_for_update: 60000});")
    page.goto(site.add("/leaving"))
    site.pages.files["/away"] = ("text/html", "<!doctype html>away")
    page.evaluate("tagport('event', 'sign_up')")
    page.wait_for_timeout(100)
    assert [one for one in site.events() if one["event"]["data"].get("page_path") == "/leaving"] == []
    page.goto(f"http://localhost:{site.pages.port}/away")
    sent = until(lambda: [one for one in site.events("sign_up") if one["event"]["data"]["page_path"] == "/leaving"])
    assert sent[0]["consent"] == {"ad_storage": False}
    page.context.close()


def test_shopify_s_cart_gets_the_browser_s_ids_with_consent_only(site: Site) -> None:
    page = site.page("document.cookie = '_ga=GA1.1.1.2'; gtag('consent', 'default', {ad_storage: 'denied'});")
    page.goto(site.add("/cart", "data-shopify") + "?gclid=Cj0")
    until(lambda: [one for one in site.events("page_view") if one["event"]["data"]["page_path"] == "/cart"])
    assert site.pages.posted == []
    page.evaluate("gtag('consent', 'update', {ad_storage: 'granted'})")
    (path, body), *_ = until(lambda: site.pages.posted)
    assert path == "/cart/update.js"
    assert body["attributes"]["_ga"] == "GA1.1.1.2"
    assert body["attributes"]["gclid"] == "Cj0"
    page.context.close()


def test_a_single_page_application_is_seen_page_by_page(site: Site) -> None:
    page = site.page(f"gtag('consent', 'default', {GRANTED});")
    page.goto(site.add("/app"))
    page.evaluate("history.pushState({}, '', '/app/item')")

    def views() -> list[Any]:
        return [one for one in site.told("PageView") if "/app" in one["event_source_url"]]

    until(lambda: len(views()) == 2)
    assert [Path(one["event_source_url"]).name for one in views()] == ["app", "item"]
    assert views()[1]["referrer_url"].endswith("/app")
    page.context.close()


