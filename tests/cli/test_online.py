"""`tagport test --online`: each live tag's test event at a vendor double that answers as the vendors do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from delivering import served
from processes import ENVIRONMENT

from container.build import build, in_memory
from container.cli.online import ask
from container.cli.routes import Result
from container.cli.sink.app import Sink
from container.problems import Problems

OVERLAY = "tags: {all: {params: {test_event_code: TEST12345}}}\n"
GOOGLE = """\
template: google_ads_conversions
triggers: [purchase]
params: {account_id: "1234567890", conversion_action: "1", credentials: "{{ secret.GOOGLE_CREDENTIALS }}"}
"""
USER = json.dumps({"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"})


@pytest.fixture
async def sink() -> AsyncIterator[tuple[Sink, str]]:
    async with served() as found:
        yield found


async def asked(folder: Path, url: str, environment: str | None = "staging") -> dict[str, Result]:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "environments" / "staging.yaml").write_text(OVERLAY)
    problems = Problems()
    known = {**ENVIRONMENT, "GOOGLE_CREDENTIALS": USER}
    container = build(folder, problems, environ=known, environment=environment, ledger=in_memory)
    assert container is not None, list(problems)
    return {result.name.partition(" ")[0]: result async for result in ask(container, url)}


async def test_every_live_tag_is_asked_about_in_its_vendors_test_mode(shop: Path, sink: tuple[Sink, str]) -> None:
    (shop / "tags" / "google_ads.yaml").write_text(GOOGLE)
    paused = shop / "tags" / "meta_lead.yaml"
    paused.write_text(paused.read_text() + "mode: paused\n")
    app, url = sink
    found = await asked(shop, url)
    assert {name: result.problems for name, result in found.items() if result.problems} == {}
    assert found["meta_purchase"].answer.startswith("the vendor takes it: 200")
    assert found["ga4_purchase"].answer.startswith("the vendor's test mode finds nothing wrong with it")
    assert "meta_lead" not in found and "google_ads" in found
    for call in app.calls:
        body: dict[str, Any] = call["body"]
        if call["host"] in ("graph.facebook.com", "business-api.tiktok.com"):
            assert body["test_event_code"] == "TEST12345"
        elif call["host"] == "www.google-analytics.com":
            assert call["path"] == "/debug/mp/collect"
        elif call["host"] == "datamanager.googleapis.com":
            assert body["validateOnly"] is True
    assert {call["host"] for call in app.calls} == {
        "graph.facebook.com", "business-api.tiktok.com", "www.google-analytics.com", "datamanager.googleapis.com",
        "oauth2.googleapis.com",
    }  # fmt: skip


async def test_the_event_is_one_the_tag_fires_for(shop: Path, sink: tuple[Sink, str]) -> None:
    app, url = sink
    await asked(shop, url)
    names = [event["event_name"] for call in app.calls if call["host"] == "graph.facebook.com"
             for event in call["body"]["data"]]  # fmt: skip
    assert sorted(names) == ["AddToCart", "Lead", "PageView", "Purchase"]


async def test_without_a_test_code_nothing_is_sent(shop: Path, sink: tuple[Sink, str]) -> None:
    app, url = sink
    found = await asked(shop, url, environment=None)
    (problem,) = found["meta_purchase"].problems
    assert "nothing was sent" in problem and "`test_event_code`" in problem and "environments/" in problem
    assert {call["host"] for call in app.calls} == {"www.google-analytics.com"}


@pytest.mark.parametrize(
    ("fault", "tag", "says", "advice"),
    [
        ("meta:code=190", "meta_purchase", "the credentials do not serve: 400 190", "put it into the secret"),
        ("tiktok:code=40002", "tiktok_purchase", "the vendor refuses it: 200 40002", "mend the tag's parameters"),
        ("meta:502", "meta_purchase", "could not answer now", "Meta's own trouble"),
        ("tiktok:hangup", "tiktok_purchase", "no answer came", ""),
        ("tiktok:half", "tiktok_purchase", "could not answer now", ""),
    ],
)
async def test_answers_are_explained(shop: Path, fault: str, tag: str, says: str, advice: str) -> None:
    async with served(fault) as (_, url):
        found = await asked(shop, url)
    assert says in found[tag].problems[0]
    assert not advice or advice in found[tag].problems[1]
    assert found["ga4_purchase"].problems == ()


async def test_a_template_without_a_test_mode_is_left_alone(shop: Path, sink: tuple[Sink, str]) -> None:
    (shop / "tags" / "own.yaml").write_text(
        "template: http_request\ntriggers: [purchase]\nparams: {stream: s, url: https://e.org/, json: {a: 1}}\n"
    )
    app, url = sink
    found = await asked(shop, url)
    assert (found["own"].problems, found["own"].answer[:9]) == ((), "not asked")
    assert "e.org" not in {call["host"] for call in app.calls}


async def test_a_token_is_never_in_what_is_told(shop: Path) -> None:
    async with served("meta:code=190") as (_, url):
        found = await asked(shop, url)
    assert ENVIRONMENT["META_ACCESS_TOKEN"] not in json.dumps([result.as_json() for result in found.values()])
