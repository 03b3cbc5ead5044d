"""Captured hits, each with the event data a GTM user would find for it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from container.clients.ga4 import GA4Client
from container.event import Request

FOLDER = Path(__file__).parents[2] / "data" / "clients" / "ga4_hits"
RECEIVED = 1764340310.5
FROM_REQUEST = {"ip_override": "192.0.2.7", "user_agent": "Mozilla/5.0 (X11)", "timestamp": Decimal("1764340310.5")}


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(), parse_float=Decimal)
    return found


HITS = {path.stem: load(path) for path in sorted(FOLDER.glob("*.json"))}
CLAIMED = {name: hit for name, hit in HITS.items() if hit.get("claimed", True)}


def request_of(hit: dict[str, Any]) -> Request:
    return Request(
        method=hit["method"],
        path=hit["path"],
        query_string=hit["query"],
        headers={"user-agent": str(FROM_REQUEST["user_agent"]), **hit.get("headers", {})},
        ip=str(FROM_REQUEST["ip_override"]),
        received=RECEIVED,
        body=hit["body"].encode(),
    )


def client_of(hit: dict[str, Any]) -> GA4Client:
    return GA4Client(id="ga4", name="GA4", source="browser", path=hit.get("option_path", ""))


def test_thirty_hits() -> None:
    assert len(HITS) == 30
    assert set(HITS) - set(CLAIMED) == {"h03"}


@pytest.mark.parametrize("name", HITS)
def test_claims(name: str) -> None:
    hit = HITS[name]
    assert client_of(hit).claims(hit["method"], hit["path"]) is hit.get("claimed", True)


def test_another_path_only_where_configured() -> None:
    hit = HITS["h29"]
    assert not GA4Client(id="ga4", name="GA4", source="browser").claims(hit["method"], hit["path"])


@pytest.mark.parametrize("name", CLAIMED)
def test_event_data(name: str) -> None:
    hit = CLAIMED[name]
    events = client_of(hit).events(request_of(hit))
    assert len(events) == len(hit["expected"])
    for event, expected in zip(events, hit["expected"], strict=True):
        whole = {**expected, **FROM_REQUEST}
        assert {key: event.data.get(key) for key in whole} == whole
        if hit.get("exact"):
            assert set(event.data) == set(whole)


@pytest.mark.parametrize("name", CLAIMED)
def test_what_was_not_sent_is_not_there(name: str) -> None:
    hit = CLAIMED[name]
    events = client_of(hit).events(request_of(hit))
    absent = hit.get("absent", [])
    each = absent if absent and isinstance(absent[0], list) else [absent] * len(events)
    for event, keys in zip(events, each, strict=True):
        assert not set(keys) & set(event.data)


@pytest.mark.parametrize("name", CLAIMED)
def test_consent_and_notes(name: str) -> None:
    hit = CLAIMED[name]
    for event in client_of(hit).events(request_of(hit)):
        assert event.consent == hit["consent"]
        assert list(event.notes) == hit.get("notes", [])
        assert not event.bot
        assert event.names == ()


@pytest.mark.parametrize("name", CLAIMED)
def test_answer(name: str) -> None:
    hit = CLAIMED[name]
    answer = client_of(hit).answer(request_of(hit), [])
    assert answer.status == hit["answer"]
    assert (answer.headers.get("content-type") == "text/event-stream") is (hit["answer"] == 200)


# Key names that tags really received from Google's own container; ours must use the same for what the hits say.
DUMPED = {
    "x-ga-protocol_version", "x-ga-measurement_id", "x-ga-gtm_version", "x-ga-page_id", "x-ga-dma", "client_id",
    "language", "screen_resolution", "event_location", "x-sst-system_properties", "x-ga-request_count",
    "ga_session_id", "ga_session_number", "x-ga-mp2-seg", "page_location", "page_referrer", "page_title",
    "event_name", "x-ga-system_properties", "x-ga-tfd", "ip_override", "user_agent", "engagement_time_msec",
    "items", "client_hints", "x-ga-are", "x-ga-pscdl", "x-ga-mp2-frm", "x-ga-mp2-tt", "x-ga-mp2-ir",
    "x-ga-mp2-richsstsse", "x-ga-mp2-user_properties", "user_id", "x-ga-gcs", "x-ga-gcd",
}  # fmt: skip
DUMPED_TYPES: dict[str, type] = {
    "x-ga-page_id": int, "x-ga-request_count": int, "x-ga-tfd": int, "engagement_time_msec": int,
    "ga_session_number": int, "ga_session_id": str, "x-ga-mp2-seg": str, "x-ga-dma": str, "items": list,
    "client_hints": dict, "event_location": dict, "x-ga-system_properties": dict, "x-sst-system_properties": dict,
}  # fmt: skip


def every_event() -> list[dict[str, Any]]:
    return [dict(event.data) for hit in CLAIMED.values() for event in client_of(hit).events(request_of(hit))]


def test_keys_are_those_of_recorded_event_data() -> None:
    seen = {key for data in every_event() for key in data}
    assert DUMPED - seen == {"x-ga-mp2-tt"}


@pytest.mark.parametrize("key", DUMPED_TYPES)
def test_types_are_those_of_recorded_event_data(key: str) -> None:
    values = [data[key] for data in every_event() if key in data]
    assert values
    assert {type(value) for value in values} == {DUMPED_TYPES[key]}


def test_inner_keys_are_those_of_recorded_event_data() -> None:
    hints = {key for data in every_event() for key in data.get("client_hints", {})}
    assert hints == {
        "architecture", "bitness", "full_version_list", "mobile", "model", "platform", "platform_version", "wow64",
        "brands",
    }  # fmt: skip
    system = {key for data in every_event() for key in data.get("x-ga-system_properties", {})}
    assert system == {"dbg", "ss", "ee", "z", "eu", "tu", "fid", "fv", "nsi", "c"}
