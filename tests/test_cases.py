"""Cases of the field that no single workspace shows: tags that change between two copies, vendors that refuse."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from processes import ENVIRONMENT, ROOT, at_once, hit

from container.build import Ledger, build
from container.cli.instants import parse_instant
from container.cli.routes import request_of
from container.decision import Decision
from container.dedup.keys import Keys
from container.encoding import load
from container.ledger.interface import Row, Settlement
from container.ledger.memory import MemoryStore
from container.pipeline import Container
from container.problems import Problems
from container.replay import replay

START = parse_instant("2026-11-23T10:00:00Z")
ORDER: dict[str, Any] = {
    "id": 5778367414385,
    "name": "#1001",
    "order_number": 1001,
    "created_at": "2026-11-23T10:00:00Z",
    "currency": "EUR",
    "total_price": "39.80",
    "email": "jane@example.com",
    "line_items": [{"id": 1, "sku": "MUG-1", "title": "Mug", "quantity": 2, "price": "19.90"}],
}


class Shop:
    """The starter, its tags waiting for nothing, whose files may be changed while its store stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("container.yaml", "triggers", "tags"):
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, folder / part)
        at_once(folder)
        self.now = START
        self.keys = Keys.fresh()
        self.store = MemoryStore(lambda: self.now)
        self.container = self.built()
        self.decisions: list[Decision] = []
        self._deliveries = 0

    def built(self) -> Container:
        problems = Problems()
        ledger = Ledger(self.store, self.keys)
        container = build(self.folder, problems, environ=ENVIRONMENT, ledger=lambda path: ledger)
        assert container is not None and not problems.errors, list(problems)
        return container

    def change(self, path: str, old: str = "", new: str = "", text: str | None = None) -> None:
        """A file is edited, and the container loads it."""
        file = self.folder / path
        if text is None:
            text = file.read_text()
            assert old in text, f"{path} has no {old}"
            text = text.replace(old, new, 1)
        file.write_text(text)
        self.container = self.built()

    def only(self, *tags: str) -> None:
        """No other tags."""
        for path in (self.folder / "tags").glob("*.yaml"):
            if path.stem not in tags:
                path.unlink()
        self.container = self.built()

    async def page(self, order: str = "1001", after: float = 0.0, **more: Any) -> dict[str, str]:
        value = str(more.pop("value", "39.8"))
        path = hit(order, **more).replace("epn.value=39.8", f"epn.value={value}")
        path = path.replace("&ep.transaction_id=&", "&")
        return await self._send({"get": path, "headers": {"User-Agent": "Mozilla/5.0"}, "ip": "203.0.113.7"}, after)

    async def webhook(
        self, order: Mapping[str, Any] = ORDER, topic: str = "orders/paid", after: float = 20.0, **headers: str
    ) -> dict[str, str]:
        self._deliveries += 1
        told = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": f"w-{self._deliveries}"}
        told |= {"X-Shopify-Shop-Domain": "example.myshopify.com", **headers}
        return await self._send(
            {"post": "/webhooks/shopify", "signed_as": "shopify", "headers": told, "json": order}, after
        )

    async def _send(self, step: Mapping[str, Any], after: float) -> dict[str, str]:
        self.now += after
        told = await replay(self.container, request_of(step, self.container, self.now))
        assert 200 <= told.status < 300, told.reason
        self.decisions += told.decisions
        return {tag.tag + (f" {tag.destination}" if tag.destination else ""): tag.decision
                for decision in told.decisions for tag in decision.tags}  # fmt: skip

    def queued(self) -> list[Row]:
        """What is to be sent."""
        return self.store.due(9e9, 1000)

    def sent(self) -> list[tuple[str, str, str]]:
        """Tag, destination and order of every call in the outbox."""
        return [(row.call.tag, row.call.destination, row.call.transaction_id) for row in self.queued()]

    async def settle(self, row: Row, outcome: str) -> None:
        ended = Settlement(row, outcome, "said the vendor", self.now)
        await self.store.write(lambda ledger: ledger.attempt("me", [row.id], self.now))
        await self.store.write(lambda ledger: ledger.settle([ended]))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def test_a_browser_copy_that_meta_refuses_and_a_webhook_that_is_good(shop: Shop) -> None:
    shop.only("meta_purchase")
    assert await shop.page() == {"meta_purchase": "fired"}
    [refused] = shop.queued()
    await shop.settle(refused, "refused")
    assert await shop.webhook() == {"meta_purchase": "fired"}
    [good] = shop.queued()
    assert (good.call.event_id, good.call.transaction_id) == (refused.call.event_id, "1001")
    assert load(good.call.item)["user_data"]["em"], "now with the customer"
    await shop.settle(good, "delivered")
    assert await shop.page(after=60) == {"meta_purchase": "suppressed"}


async def test_a_tag_that_is_renamed_between_two_copies(shop: Shop) -> None:
    shop.only("meta_purchase")
    await shop.page()
    (shop.folder / "tags" / "meta_purchase.yaml").rename(shop.folder / "tags" / "facebook_order.yaml")
    shop.container = shop.built()
    assert await shop.webhook() == {"facebook_order": "suppressed"}
    assert shop.sent() == [("meta_purchase", "", "1001")]


async def test_a_tag_that_is_added_between_two_copies(shop: Shop) -> None:
    text = (shop.folder / "tags" / "tiktok_purchase.yaml").read_text()
    shop.only("meta_purchase")
    await shop.page()
    shop.change("tags/tiktok_purchase.yaml", text=text)
    assert await shop.webhook() == {"meta_purchase": "suppressed", "tiktok_purchase": "fired"}
    await shop.page("1002")
    (shop.folder / "tags" / "tiktok_purchase.yaml").unlink()
    shop.container = shop.built()
    await shop.page("1003")
    shop.change("tags/tiktok_purchase.yaml", text=text)
    late = await shop.page("1003", after=25 * 3600)
    assert late == {"meta_purchase": "suppressed", "tiktok_purchase": "late"}, "no flood of old orders"


async def test_a_tag_that_is_paused_between_two_copies(shop: Shop) -> None:
    shop.only("meta_purchase")
    await shop.page()
    shop.change("tags/meta_purchase.yaml", "triggers:", "mode: paused\ntriggers:")
    assert await shop.webhook() == {"meta_purchase": "paused"}
    await shop.page("1002")
    shop.change("tags/meta_purchase.yaml", "mode: paused\n")
    assert await shop.page("1001", after=60) == {"meta_purchase": "suppressed"}
    assert await shop.page("1002", after=60) == {"meta_purchase": "fired"}, "told again within a day of its first copy"
    assert sorted(shop.sent()) == [("meta_purchase", "", "1001"), ("meta_purchase", "", "1002")]


async def test_a_tag_that_goes_live_between_two_copies(shop: Shop) -> None:
    shop.only("meta_purchase")
    shop.change("tags/meta_purchase.yaml", "triggers:", "mode: shadow\ntriggers:")
    assert await shop.page() == {"meta_purchase": "shadow"}
    shop.change("tags/meta_purchase.yaml", "mode: shadow\n")
    assert await shop.webhook() == {"meta_purchase": "suppressed"}, "the old container has sent this one"
    assert shop.sent() == []
    assert await shop.page("1002") == {"meta_purchase": "fired"}


async def test_two_tags_for_one_pixel(shop: Shop) -> None:
    shop.only("meta_purchase")
    text = (shop.folder / "tags" / "meta_purchase.yaml").read_text()
    shop.change("tags/meta_second.yaml", text=text)
    assert await shop.page() == {"meta_purchase": "fired", "meta_second": "suppressed"}
    assert await shop.webhook() == {"meta_purchase": "suppressed", "meta_second": "suppressed"}


async def test_two_pixels(shop: Shop) -> None:
    shop.only("meta_purchase")
    text = (shop.folder / "tags" / "meta_purchase.yaml").read_text()
    agency = text.replace('"{{ env.META_PIXEL_ID }}"', '"222"')
    shop.change("tags/meta_agency.yaml", text=agency)
    assert await shop.page() == {"meta_agency": "fired", "meta_purchase": "fired"}
    assert await shop.webhook() == {"meta_agency": "suppressed", "meta_purchase": "suppressed"}
    assert sorted(row.call.target.split()[1] for row in shop.queued()) == ["1234567890", "222"]


async def test_two_pixels_as_destinations_of_one_tag(shop: Shop) -> None:
    shop.only("meta_purchase")
    text = (shop.folder / "tags" / "meta_purchase.yaml").read_text()
    shop.change("tags/meta_purchase.yaml", text=text + 'destinations: {own: {}, agency: {pixel_id: "222"}}\n')
    both = {"meta_purchase own", "meta_purchase agency"}
    assert await shop.page() == dict.fromkeys(both, "fired")
    assert await shop.webhook() == dict.fromkeys(both, "suppressed")


async def test_two_measurement_ids(shop: Shop) -> None:
    shop.only("ga4_purchase")
    text = (shop.folder / "tags" / "ga4_purchase.yaml").read_text()
    second = "destinations: {own: {}, group: {measurement_id: G-GROUP00000}}\n"
    shop.change("tags/ga4_purchase.yaml", text=text + second)
    both = {"ga4_purchase own", "ga4_purchase group"}
    assert await shop.page() == dict.fromkeys(both, "fired")
    assert await shop.webhook() == dict.fromkeys(both, "suppressed")
    assert len(shop.sent()) == 2


async def test_two_partial_refunds_and_one_that_is_told_twice(shop: Shop) -> None:
    shop.only("ga4_purchase")
    shop.change("triggers/refund.yaml", text="event: refund\n")
    text = (shop.folder / "tags" / "ga4_purchase.yaml").read_text()
    shop.change("tags/ga4_refund.yaml", text=text.replace("[purchase]", "[refund]"))
    await shop.page()
    await shop.webhook()
    for id, amount, verdict in ((9, "10.00", "fired"), (10, "5.00", "fired"), (9, "10.00", "suppressed")):
        refund = {
            "id": id, "order_id": ORDER["id"], "created_at": "2026-11-24T10:00:00Z",
            "transactions": [{"kind": "refund", "status": "success", "amount": amount, "currency": "EUR"}],
            "note_attributes": [{"name": "_ga", "value": "GA1.1.1111111111.1795400000"}],
        }  # fmt: skip
        assert await shop.webhook(refund, "refunds/create", after=3600) == {"ga4_refund": verdict}
    refunds = [decision.conversion for decision in shop.decisions if decision.conversion.kind == "refund"]
    purchase = shop.decisions[0].conversion.id
    assert [one.of for one in refunds] == [purchase] * 3
    assert refunds[0].id == refunds[2].id != refunds[1].id


async def test_two_shops_with_equal_numbers(shop: Shop) -> None:
    shop.only("meta_purchase")
    variables = (
        "variables:\n"
        "  shop:\n"
        '    lookup: "{{ request.headers[\'x-shopify-shop-domain\'] ?? event.page_hostname }}"\n'
        "    table: {de.myshopify.com: de, shop.de: de, no.myshopify.com: \"no\", shop.no: \"no\"}\n"
    )
    container = (shop.folder / "container.yaml").read_text()
    scoped = container.replace("    key: transaction_id ", '    scope: "{{ var.shop }}"\n    key: transaction_id ', 1)
    shop.change("container.yaml", text=scoped + variables)
    for site, country in (("shop.de", "de"), ("shop.no", "no")):
        path = {"client": f"{len(country)}{site}.1"}
        shop_hit = hit("1001", **path).replace("shop.example", site)
        request = {"get": shop_hit, "headers": {"User-Agent": "Mozilla/5.0"}}
        assert await shop._send(request, 60) == {"meta_purchase": "fired"}
        order = {**ORDER, "id": hash(site) % 10**12}
        domain = {"X-Shopify-Shop-Domain": f"{country}.myshopify.com"}
        assert await shop.webhook(order, **domain) == {"meta_purchase": "suppressed"}
    assert len(shop.sent()) == 2


async def test_a_shop_that_only_counts_what_was_paid_hears_the_page_and_sends_with_the_payment(shop: Shop) -> None:
    """The remedy against unpaid orders and forged hits: the trigger holds for the shop's copy alone."""
    shop.only("meta_purchase")
    shop.change("triggers/purchase.yaml", "event: purchase\n", "event: purchase\nclient: shopify\n")
    shop.change("container.yaml", "    key: transaction_id ", "    late: 10d\n    key: transaction_id ")
    assert await shop.page("1002", value="1", client="666.1") == {}, "a forged hit sends nothing"
    assert await shop.page() == {}
    assert await shop.webhook({**ORDER, "financial_status": "pending"}, "orders/create") == {}
    assert await shop.webhook(after=3 * 86400) == {"meta_purchase": "fired"}
    [row] = shop.queued()
    event = load(row.call.item)
    assert event["user_data"]["client_user_agent"] == "Mozilla/5.0", "with what the browser knew"
    assert event["user_data"]["em"]


async def test_a_constant_id_that_a_variable_takes_out(shop: Shop) -> None:
    """The remedy: without the constant the visitor tells the orders apart."""
    shop.only("meta_purchase")
    rule = (
        "variables:\n  transaction_id:\n"
        '    lookup: "{{ event.transaction_id }}"\n'
        '    table: {ORDER: ""}\n    default: "{{ event.transaction_id }}"\n'
    )
    shop.change("container.yaml", text=(shop.folder / "container.yaml").read_text() + rule)
    for number, client, value in ((1001, "1.1", "39.80"), (1002, "2.2", "20.00")):
        attributes = [{"name": "_ga", "value": f"GA1.1.{client}"}]
        order = {**ORDER, "id": number, "order_number": number, "name": f"#{number}", "total_price": value}
        assert await shop.page("ORDER", after=600, client=client, value=value) == {"meta_purchase": "fired"}
        created = {"created_at": f"2026-11-23T10:{(number - 1000) * 10}:00Z", "note_attributes": attributes}
        assert await shop.webhook({**order, **created}, after=5) == {"meta_purchase": "suppressed"}
    assert len(shop.sent()) == 2
    doubts = [set(decision.conversion.doubts) for decision in shop.decisions]
    assert doubts == [{"nameless"}, set()] * 2


async def test_numbers_that_begin_anew_in_a_scope_of_their_own(shop: Shop) -> None:
    shop.only("meta_purchase")
    await shop.page(client="1.1")
    scope = '    scope: "{{ container.id }} 2027"\n'
    shop.change("container.yaml", "    key: transaction_id ", f"{scope}    key: transaction_id ")
    assert await shop.page(client="2.2", value="20", after=42 * 86400) == {"meta_purchase": "fired"}


async def test_what_is_queued_is_taken_back_when_consent_is_refused_and_sent_when_it_is_given_again(shop: Shop) -> None:
    shop.only("meta_purchase")
    assert await shop.page() == {"meta_purchase": "fired"}
    assert await shop.page(granted=False, after=5) == {"meta_purchase": "consent"}
    assert shop.sent() == []
    assert any("will not be sent: " in note for note in shop.decisions[-1].notes)
    assert await shop.page(after=5) == {"meta_purchase": "fired"}
    assert shop.sent() == [("meta_purchase", "", "1001")]


async def test_the_merged_view_tells_where_each_field_came_from(shop: Shop) -> None:
    await shop.page(value="35.00")
    await shop.webhook()
    origins = shop.decisions[-1].record()["conversion"]["origins"]
    assert {origins[name] for name in ("value", "items", "user_data")} == {"server"}
    assert {origins[name] for name in ("client_id", "user_agent", "page_location", "ip_override")} == {"browser"}
    assert float(shop.decisions[-1].conversion.data["value"]) == 39.8
    assert list(shop.decisions[-1].conversion.doubts) == ["disagree"]
