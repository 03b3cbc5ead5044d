"""A conversion's history as one reads it."""

from __future__ import annotations

from typing import Any

import pytest

from container.cli.timeline import LONGEST, show

COPY = {
    "what": "copy", "at": "2026-11-23T10:00:00.250Z", "record": "01J00000000000000000000001", "event": "purchase",
    "client": "ga4", "source": "browser", "request": "POST /g/collect", "copy": 1, "matched_by": "", "ambiguous": False,
    "repeat": "", "united": [], "vetoed": [], "notes": [],
}  # fmt: skip
DECISION = {
    "what": "decision", "at": "2026-11-23T10:00:01.000Z", "record": "01J00000000000000000000001", "tag": "meta",
    "destination": "", "decision": "fired", "reason": "", "target": "graph.facebook.com 1 Purchase", "until": None,
}  # fmt: skip
DELIVERY = {
    "what": "delivery", "at": "2026-11-23T10:00:02.000Z", "record": "01J00000000000000000000001", "tag": "meta",
    "destination": "eu", "outcome": "delivered", "status": 200, "reason": "", "attempt": 2, "took": 0.1234,
    "target": "graph.facebook.com 1 Purchase",
}  # fmt: skip


def shown(capsys: pytest.CaptureFixture[str], *timeline: dict[str, Any], **changes: Any) -> str:
    history = {
        "kind": "purchase", "transaction_id": "1001", "id": "01J", "copies": 2, "sources": ["browser"], "event_id": "",
        "of": "", "consent": {}, "timeline": list(timeline), "waiting": [], "queued": [], "fields": [],
        "not_triggered": {},
    }  # fmt: skip
    show({**history, **changes})
    return capsys.readouterr().out


def test_the_head_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    fields = [{"name": "value", "value": 149.9, "from": "shopify"}, {"name": "currency", "value": "EUR", "from": "ga4"}]
    told = shown(capsys, fields=fields, consent={"ad_storage": True, "ad_user_data": False}, event_id="E1", of="01H")
    head = told.splitlines()[:3]
    assert head == [
        "purchase 1001  149.9 EUR",
        "conversion 01J · 2 copies (browser) · event_id E1 · of 01H",
        "consent: ad_storage granted, ad_user_data denied",
    ]
    assert "no copy has said anything: the client's `consent:` decides" in shown(capsys)


def test_each_day_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, COPY, DECISION, {**DELIVERY, "at": "2026-11-24T00:00:01.000Z"})
    days = [line for line in told.splitlines() if line.endswith("2026")]
    assert days == ["Mon 23 Nov 2026", "Tue 24 Nov 2026"]
    assert told.index("10:00:01.000") < told.index("Tue 24") < told.index("00:00:01.000")


def test_only_parts_that_have_something_to_say_are_headed(capsys: pytest.CaptureFixture[str]) -> None:
    headings = [line for line in shown(capsys, COPY).splitlines() if line.isupper()]
    assert headings == ["ONE CONVERSION, EVERY COPY"]


def test_decisions_that_are_the_same_for_several_tags_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    other = {**DECISION, "tag": "tiktok", "target": "business-api.tiktok.com 1 Purchase"}
    refused = {**DECISION, "tag": "ga4", "decision": "consent", "reason": "ad_storage is denied"}
    told = shown(capsys, COPY, DECISION, refused, other)
    assert "meta, tiktok fired  graph.facebook.com, business-api.tiktok.com" in told
    assert "ga4 consent  ad_storage is denied" in told
    assert told.count("10:00:01.000") == 2


def test_a_reason_that_names_a_record_names_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, COPY, {**DECISION, "reason": f"already fired by {COPY['record']}"})
    assert "already fired by the copy of 10:00:00" in told
    other = "01J00000000000000000000009"
    assert other in shown(capsys, COPY, {**DECISION, "reason": f"already fired by {other}"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "the first copy"),
        ({"matched_by": "event_id", "copy": 2}, "copy 2, recognised by event_id"),
        ({"ambiguous": True}, "a conversion of its own: its hints fit several"),
        ({"repeat": "a retry"}, "no copy: a retry"),
        ({"united": ["01K"]}, "shows that it is one with 01K"),
        (
            {"vetoed": [{"id": "01K", "by": "transaction_id", "reason": "the value differs"}]},
            "not 01K, though its order name is equal: the value differs",
        ),
        (
            {"vetoed": [{"id": "01K", "conversion": "1002", "by": "cart_id+item_id", "reason": "late"}]},
            "not 1002, though cart_id and item_id is equal: late",
        ),
    ],
)
def test_how_a_copy_was_recognised(capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str) -> None:
    assert said in shown(capsys, {**COPY, **changes})


def test_the_vendors_answer(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, DELIVERY, {**DELIVERY, "outcome": "refused", "status": 400, "reason": "400 no", "attempt": 1})
    assert "meta → eu delivered  200 in 123 ms from graph.facebook.com · attempt 2" in told
    assert "meta → eu refused  400 in 123 ms from graph.facebook.com: no" in told


def test_what_is_still_to_come(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = [
        {"tag": "meta", "why": "wait", "until": "2026-11-23T10:02:00Z"},
        {"tag": "ga4", "why": "consent", "until": None},
    ]
    row = {"tag": "tiktok", "destination": "", "state": "queued", "due": "2026-11-23T10:05:00Z", "attempts": 1,
           "reason": "429", "account_stopped": False}  # fmt: skip
    stopped = {**row, "tag": "a", "account_stopped": True}
    refused = {**row, "tag": "b", "state": "refused", "attempts": 2}
    told = shown(capsys, waiting=waiting, queued=[row, stopped, refused])
    assert "meta waits for another copy, until 2026-11-23T10:02:00Z" in told
    assert "ga4 waits for a copy that brings consent" in told
    assert "tiktok queued, next try 2026-11-23T10:05:00Z, 1 attempt so far: 429" in told
    assert "a queued, its account is stopped: see `tagport failures`" in told
    assert "b refused; see `tagport failures`, 2 attempts so far: 429" in told


def test_fields_of_objects_are_rows_of_their_own_and_long_values_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    user = {"email_address": "j***@example.com", "address": {"city": "x" * 200}}
    told = shown(capsys, fields=[{"name": "user_data", "value": user, "from": "shopify"}])
    assert "user_data.email_address" in told and "user_data.address.city" in told
    assert "x" * (LONGEST - 1) + "…" in told


def test_tags_of_other_events_are_named_together(capsys: pytest.CaptureFixture[str]) -> None:
    reasons = {"a": "the event is `purchase`; it fires for `lead`", "b": "value is 0", "c": "the event is `x`"}
    told = shown(capsys, not_triggered=reasons)
    assert "b  value is 0" in told
    assert "they fire for other events: a, c" in told


def test_texts_of_visitors_do_nothing_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, {**COPY, "event": "\x1b[2Jpur[bold]chase"})
    assert "\x1b" not in told
    assert "�[2Jpur[bold]chase arrived" in told
