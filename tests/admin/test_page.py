from __future__ import annotations

from container.admin.metrics import ENOUGH_EVENTS, ENOUGH_KEYS, Metrics, Situation
from container.admin.page import page
from container.conversion import Conversion
from container.decision import Decision
from container.event import Event, Request


def test_names_are_escaped() -> None:
    metrics = Metrics()
    metrics.decisions["<b>tag</b>", "fired"] = 1
    assert "<b>tag</b>" not in page({"container": "<i>shop</i>"}, metrics, Situation(True))
    assert "&lt;b&gt;tag&lt;/b&gt;" in page({}, metrics, Situation(True))


def test_the_absence_of_consent_signals_is_said_aloud() -> None:
    metrics = Metrics()
    metrics.events["none"] = ENOUGH_EVENTS
    assert f"None of {ENOUGH_EVENTS} events carried a consent signal" in page({}, metrics, Situation(True))
    metrics.events["stated"] = 1
    assert "consent signal" not in page({}, metrics, Situation(True))


def test_pages_and_shops_that_name_orders_differently_are_told_aloud() -> None:
    metrics = Metrics()
    for source, named in (("browser", True), ("server", False)):
        event = Event("01J", {"event_name": "purchase"}, Request(source=source))
        metrics.decided([Decision(event, Conversion("c", "purchase", {}, page_named=named))] * ENOUGH_KEYS)
    metrics.doubts["purchase", "nameless"] = 3
    found = page({}, metrics, Situation(True))
    assert "the page names orders in a way that no webhook knows" in found
    assert "<td>purchase</td><td>nameless</td><td>3</td>" in found
    metrics.browser_keys_met["purchase"] = 1
    assert "no webhook knows" not in page({}, metrics, Situation(True))


def test_too_few_events_say_nothing() -> None:
    metrics = Metrics()
    metrics.events["none"] = ENOUGH_EVENTS - 1
    assert "consent signal" not in page({}, metrics, Situation(True))


def test_the_state_of_the_store_is_told() -> None:
    assert "ready" in page({}, Metrics(), Situation(True))
    assert "the store takes no writes" in page({}, Metrics(), Situation(False))
    assert "3 calls wait in the outbox, the oldest for 61 s" in page({}, Metrics(), Situation(True, 3, 61.2))
