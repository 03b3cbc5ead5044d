from __future__ import annotations

import re
from dataclasses import replace

import pytest

from container.admin.metrics import ENOUGH_KEYS, METRICS, Gauges, Metrics, Situation, text
from container.conversion import Conversion
from container.decision import Decision, TagDecision
from container.event import Event, Request


def decided(kind: str, copy: int, *tags: tuple[str, str], **consent: bool) -> Decision:
    event = Event("01J", {"event_name": "purchase"}, Request(), consent=consent)
    decision = Decision(event, Conversion("c", kind, {}, copy=copy))
    for tag, verdict in tags:
        decision.add(TagDecision(tag, verdict))
    return decision


def lines(metrics: Metrics) -> set[str]:
    return {line for line in text(metrics).decode().splitlines() if not line.startswith("#")}


def test_requests_are_counted_by_client_and_status() -> None:
    metrics = Metrics()
    for status in (204, 204, 401):
        metrics.request("ga4", status, 0.003)
    assert 'tagport_requests_total{client="ga4",status="204"} 2.0' in lines(metrics)
    assert 'tagport_requests_total{client="ga4",status="401"} 1.0' in lines(metrics)


def test_the_time_of_requests_is_a_cumulative_histogram() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.003, 0.003, 99.0):
        metrics.request("ga4", 204, seconds)
    found = lines(metrics)
    assert 'tagport_request_seconds_bucket{le="0.001"} 1.0' in found
    assert 'tagport_request_seconds_bucket{le="0.005"} 3.0' in found
    assert 'tagport_request_seconds_bucket{le="2.5"} 3.0' in found
    assert 'tagport_request_seconds_bucket{le="+Inf"} 4.0' in found
    assert "tagport_request_seconds_count 4.0" in found


def test_decisions_and_copies_are_counted() -> None:
    metrics = Metrics()
    metrics.decided([decided("purchase", 1, ("meta", "fired"), ("tiktok", "consent"), ("ga4", "invalid"))])
    metrics.decided([decided("purchase", 2, ("meta", "suppressed")), decided("event", 1)])
    found = lines(metrics)
    assert 'tagport_decisions_total{decision="fired",tag="meta"} 1.0' in found
    assert 'tagport_decisions_total{decision="suppressed",tag="meta"} 1.0' in found
    assert 'tagport_decisions_total{decision="consent",tag="tiktok"} 1.0' in found
    assert 'tagport_invalid_total{tag="ga4"} 1.0' in found
    assert 'tagport_copies_total{copy="first",kind="purchase"} 1.0' in found
    assert 'tagport_copies_total{copy="further",kind="purchase"} 1.0' in found
    assert not any('kind="event"' in line for line in found)


def test_what_recognition_doubts_is_counted() -> None:
    metrics = Metrics()
    metrics.decided([doubtful("nameless", "ambiguous"), doubtful("nameless"), decided("event", 1)])
    found = lines(metrics)
    assert 'tagport_doubts_total{doubt="nameless",kind="purchase"} 2.0' in found
    assert 'tagport_doubts_total{doubt="ambiguous",kind="purchase"} 1.0' in found


def doubtful(*doubts: str) -> Decision:
    decision = decided("purchase", 1)
    decision.conversion.doubts = dict.fromkeys(doubts, "why")
    return decision


def named(source: str, **told: bool) -> Decision:
    """A copy that names an order, or meets one that a page has named."""
    event = Event("01J", {"event_name": "purchase"}, Request(source=source))
    return Decision(event, Conversion("c", "purchase", {}, **told))


def test_the_share_of_pages_names_that_a_server_copy_met_is_counted() -> None:
    metrics = Metrics()
    metrics.decided([named("browser", page_named=True)] * 3 + [named("server", page_met=True)])
    found = lines(metrics)
    assert 'tagport_browser_keys_total{kind="purchase"} 3.0' in found
    assert 'tagport_browser_keys_met_total{kind="purchase"} 1.0' in found


def test_pages_whose_names_no_server_copy_meets_are_told_once_there_are_enough() -> None:
    metrics = Metrics()
    metrics.decided([named("browser", page_named=True)] * ENOUGH_KEYS)
    assert metrics.unmet == [], "a shop that only tells by its pages names nothing wrongly"
    metrics.decided([named("server")] * (ENOUGH_KEYS - 1))
    assert metrics.unmet == []
    metrics.decided([named("server")])
    assert metrics.unmet == ["purchase"]
    metrics.decided([named("server", page_met=True)])
    assert metrics.unmet == []


def test_a_wait_that_is_over_is_no_further_copy() -> None:
    metrics = Metrics()
    over = decided("purchase", 2, ("meta", "fired"))
    over.conversion.waking = True
    metrics.decided([over])
    found = lines(metrics)
    assert 'tagport_decisions_total{decision="fired",tag="meta"} 1.0' in found
    assert not any(line.startswith(("tagport_copies_total", "tagport_events_total")) for line in found)


def test_whether_events_state_consent_is_counted() -> None:
    metrics = Metrics()
    metrics.decided([decided("event", 1), decided("event", 1, ad_storage=False)])
    assert {'tagport_events_total{consent="none"} 1.0', 'tagport_events_total{consent="stated"} 1.0'} <= lines(metrics)


def test_deliveries_and_unclaimed_requests_are_counted() -> None:
    metrics = Metrics()
    metrics.delivered("meta", "delivered", 200, 0.3)
    metrics.delivered("meta", "unknown", None, 5.0)
    metrics.delivered("meta", "expired")
    metrics.unclaimed()
    found = lines(metrics)
    assert 'tagport_deliveries_total{outcome="delivered",status="200",tag="meta"} 1.0' in found
    assert 'tagport_deliveries_total{outcome="unknown",status="none",tag="meta"} 1.0' in found
    assert 'tagport_delivery_seconds_bucket{le="0.5"} 1.0' in found
    assert "tagport_delivery_seconds_count 2.0" in found
    assert "tagport_unclaimed_requests_total 1.0" in lines(metrics)


def test_the_store_is_asked_when_somebody_scrapes() -> None:
    situation = Situation(True, 3, 1.5, {("meta", "refused"): 2}, ["graph.facebook.com 1"])
    found = text(Gauges({"container": "shop", "config": "3f9a"}, lambda: situation)).decode()
    assert "tagport_outbox_rows 3.0" in found
    assert "tagport_outbox_oldest_seconds 1.5" in found
    assert 'tagport_failures{outcome="refused",tag="meta"} 2.0' in found
    assert 'tagport_account_stopped{account="graph.facebook.com 1"} 1.0' in found
    assert 'tagport_info{config="3f9a",container="shop"} 1.0' in found
    assert "tagport_ready 1.0" in found
    assert "tagport_ready 0.0" in text(Gauges({}, lambda: replace(situation, ready=False))).decode()


def test_every_metric_has_its_help_and_none_is_missing() -> None:
    metrics = Metrics()
    metrics.request("ga4", 204, 0.1)
    metrics.decided([decided("purchase", 1, ("meta", "fired"))])
    metrics.delivered("meta", "delivered")
    situation = Situation(True, 1, 1.0, {("meta", "refused"): 1}, ["a b"])
    told = text(metrics, Gauges({"container": "shop"}, lambda: situation)).decode()
    helped = dict(re.findall(r"^# HELP (\S+) (.*)$", told, re.MULTILINE))
    assert helped == METRICS


@pytest.mark.parametrize("name", METRICS)
def test_the_metric_is_on_the_operator_s_page(name: str) -> None:
    from pathlib import Path

    assert f"`{name}`" in Path("docs/operating.md").read_text()
