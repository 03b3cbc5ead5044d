"""The route as a whole, over the starter: in process, with a real ledger."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import BROWSER, DENIED, GRANTED, paid_order, purchase_hit
from processes import ENVIRONMENT, ROOT, at_once

from container.build import Ledger, build
from container.decision import Decision
from container.dedup.keys import Keys
from container.event import Request
from container.ledger.interface import Row
from container.ledger.sqlite import SqliteStore
from container.pipeline import Container
from container.problems import Problems


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    problems = Problems()
    store = SqliteStore(tmp_path / "tagport.db")
    for part in ("container.yaml", "triggers", "tags"):
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tmp_path / part)
    built = build(at_once(tmp_path), problems, environ=ENVIRONMENT, ledger=lambda path: Ledger(store, Keys.fresh()))
    assert built is not None, list(problems)
    yield built
    store.close()


def page(order: str, consent: dict[str, str] = GRANTED) -> Request:
    path, _, query = purchase_hit(order, consent).partition("?")
    headers = {name.lower(): value for name, value in BROWSER.items()}
    return Request("GET", path, query, headers, "203.0.113.7", received=time.time())


def webhook(order: str) -> Request:
    body, headers = paid_order(order)
    lower = {name.lower(): value for name, value in headers.items()}
    return Request("POST", "/webhooks/shopify", "", lower, "198.51.100.1", received=time.time(), body=body)


async def receive(container: Container, request: Request) -> list[Decision]:
    client = container.client_for(request.method, request.path)
    assert client is not None
    return await container.receive(client.events(request))


def verdicts(decision: Decision) -> dict[str, str]:
    return {tag.tag: tag.decision for tag in decision.tags}


async def test_an_order_told_twice_fires_once_and_is_handed_to_delivery_after_the_commit(container: Container) -> None:
    handed: list[Row] = []
    container.hand_over = handed.extend
    [first] = await receive(container, page("1001"))
    assert verdicts(first) == {"ga4_purchase": "fired", "meta_purchase": "fired", "tiktok_purchase": "fired"}
    assert sorted(row.call.tag for row in handed) == sorted(verdicts(first))
    assert {row.id for row in handed} == {row.id for row in container.store.due(9e9, 10)}
    [second] = await receive(container, webhook("1001"))
    assert set(verdicts(second).values()) == {"suppressed"}
    assert len(handed) == 3


async def test_a_webhook_waits_for_the_browsers_consent_and_its_data_goes_along(container: Container) -> None:
    [first] = await receive(container, webhook("1001"))
    assert set(verdicts(first).values()) == {"consent"}
    [second] = await receive(container, page("1001"))
    assert set(verdicts(second).values()) == {"fired"}
    meta = next(tag.call for tag in second.tags if tag.tag == "meta_purchase" and tag.call)
    assert b'"em":["' in meta.item, "the shop knows the e-mail address, the browser's copy brought the consent"
    assert b"jane.roe" not in meta.item


async def test_a_refusal_is_final_for_what_comes_from_the_shop(container: Container) -> None:
    [first] = await receive(container, page("1001", DENIED))
    [second] = await receive(container, webhook("1001"))
    assert set(verdicts(first).values()) == set(verdicts(second).values()) == {"consent"}


async def test_the_record_of_a_decision_names_rule_file_line_and_values(container: Container) -> None:
    [decision] = await receive(container, page("1001"))
    record = container.store.record(decision.event.id)
    assert record is not None
    assert (record["container"], record["config"]) == (container.id, container.version)
    rows = {row["tag"]: row for row in record["tags"]}
    [check] = rows["meta_purchase"]["checks"]
    assert check["passed"] and check["saw"] == {"event.event_name": "purchase"}
    assert check["at"].startswith("triggers/purchase.yaml:")
    assert rows["meta_purchase"]["at"].startswith("tags/meta_purchase.yaml:")
    assert rows["meta_lead"]["decision"] == "not_triggered"
    assert rows["meta_lead"]["reason"] == "the event is `purchase`; it fires for `form_submit` or `generate_lead`"


async def test_the_same_event_and_conversion_give_the_same_decision(container: Container) -> None:
    client = container.client_for("GET", "/g/collect")
    assert client is not None
    [event] = client.events(page("1001"))
    seen = container.dedup.recognise(event)
    once, again = (container.decide(event, seen.conversion) for _ in range(2))
    assert once.calls == again.calls


def test_a_request_that_no_client_claims(container: Container) -> None:
    assert container.client_for("GET", "/favicon.ico") is None
    assert container.client_for("DELETE", "/g/collect") is None
