"""Route tests, tested: one that holds passes, and every way in which one can fail says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from processes import hit

Tagport = Callable[..., Result]

GOOD = f"""
name: a reload is suppressed
requests:
  - {{at: 2026-11-23T10:00:00Z, get: "{hit('1001')}", headers: {{User-Agent: Mozilla/5.0 Chrome}}, ip: 203.0.113.1}}
  - {{at: 2026-11-23T10:00:20Z, get: "{hit('1001')}", headers: {{User-Agent: Mozilla/5.0 Chrome}}}}
expect:
  calls:
    - {{tag: meta_purchase, request: 1, sends: {{method: POST, json: {{data: [{{event_name: Purchase}}]}}}}}}
    - {{tag: tiktok_purchase}}
    - {{tag: ga4_purchase, sends: {{query: {{measurement_id: G-TEST000000}}}}}}
  decisions:
    - {{request: 1, tag: meta_purchase, decision: fired}}
    - {{request: 2, tag: meta_purchase, decision: suppressed, reason: already fired}}
"""


def run(tagport: Tagport, shop: Path, text: str, name: str = "routes/case.yaml") -> tuple[int, list[str]]:
    """Exit code, and the problems of the one route test."""
    path = shop / "tests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    result = tagport("test", shop, "--format", "json")
    rows = [row for row in json.loads(result.stdout)["tests"] if row["file"].startswith("tests/")]
    assert len(rows) == 1
    assert rows[0]["passed"] == (not rows[0]["problems"])
    return result.exit_code, rows[0]["problems"]


def test_what_holds_passes(tagport: Tagport, shop: Path) -> None:
    assert run(tagport, shop, GOOD) == (0, [])


def test_folders_within_are_read_too(tagport: Tagport, shop: Path) -> None:
    assert run(tagport, shop, GOOD, "routes/shop/case.yaml") == (0, [])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("decision: fired", "decision: consent", "request 1: meta_purchase should be consent, and is fired ()"),
        ("already fired", "too late", "meta_purchase should be suppressed (too late), and is suppressed"),
        ("{request: 1, tag: meta_purchase, d", "{request: 1, tag: nobody, d", "there is no tag `nobody`"),
        ("{request: 2, tag", "{request: 3, tag", "there is no request 3"),
        ("    - {tag: tiktok_purchase}\n", "", "request 1: tiktok_purchase sends a call to business-api.tiktok.com"),
        ("{tag: tiktok_purchase}", "{tag: tiktok_lead}", "tiktok_lead sends no such call"),
        ("{tag: tiktok_purchase}", "{tag: tiktok_purchse}", "there is no tag `tiktok_purchse`: did you mean `tiktok_p"),
        ("event_name: Purchase", "event_name: Lead", "meta_purchase: json.data[0].event_name should be \"Lead\""),
        ("tag: meta_purchase, request: 1", "tag: meta_purchase, request: 2", "meta_purchase: request is 1"),
        ("/g/collect?v=2", "/g/collect?v=9", "request 1 was answered 400"),
        ("10:00:20Z", "09:00:00Z", "request 2: `at:` is earlier than the request before it"),
        ("10:00:20Z", "soon", "request 2: "),
    ],
)
def test_what_does_not_hold_is_told(tagport: Tagport, shop: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    code, problems = run(tagport, shop, GOOD.replace(old, new))
    assert code == 1
    assert any(says in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("requests: [{gett: /x}]\nexpect: {}\n", "tests/routes/case.yaml:1"),
        ("expect: {}\n", "requests"),
        ("requests: [{get: /x, post: /y}]\nexpect: {}\n", "write either `get:` or `post:`"),
        ("requests: [{post: /x, json: {}, body: x}]\nexpect: {}\n", "write either `json:` or `body:`"),
        ("requests: [{post: /x, signed_as: ga4}]\nexpect: {}\n", "`signed_as: ga4` names no client"),
        ("requests: [{get: /x, status: 400}]\nexpect: {}\n", "request 1 was answered 404 no client claims GET /x"),
    ],
)
def test_a_test_that_makes_no_sense_is_told(tagport: Tagport, shop: Path, text: str, says: str) -> None:
    code, problems = run(tagport, shop, text)
    assert code == 1
    assert any(says in problem for problem in problems), problems


def test_a_status_that_is_expected_is_no_problem(tagport: Tagport, shop: Path) -> None:
    assert run(tagport, shop, "requests: [{get: /x, status: 404}]\nexpect: {calls: []}\n") == (0, [])


def test_requests_are_signed_as_their_sender_does(tagport: Tagport, shop: Path) -> None:
    text = """
requests:
  - at: 2026-11-23T10:00:00Z
    post: /webhooks/shopify
    signed_as: shopify
    headers: {X-Shopify-Topic: orders/paid}
    json: {id: 1, currency: EUR}
  - {post: /events, signed_as: api, json: {event_name: page_view, value: 149.90}}
  - {post: /events, json: {event_name: page_view}, status: 401}
expect: {calls: []}
"""
    assert run(tagport, shop, text) == (0, [])


def test_a_step_may_only_move_the_clock(tagport: Tagport, shop: Path) -> None:
    text = GOOD.replace("expect:\n", "  - {at: 2026-11-24T10:00:00Z}\nexpect:\n", 1)
    assert run(tagport, shop, text) == (0, [])


def test_what_waits_is_sent_when_the_clock_has_moved_on(tagport: Tagport, shop: Path) -> None:
    tag = shop / "tags" / "meta_purchase.yaml"
    tag.write_text(tag.read_text() + "\nwait: {for: [browser, server], most: 2m}\n")
    text = f"""
requests:
  - {{at: 2026-11-23T10:00:00Z, get: "{hit('1001')}", headers: {{User-Agent: Mozilla/5.0 Chrome}}}}
  - {{at: 2026-11-23T10:05:00Z}}
expect:
  calls:
    - {{tag: ga4_purchase, request: 1}}
    - {{tag: tiktok_purchase, request: 1}}
    - {{tag: meta_purchase, request: 2}}
  decisions: [{{request: 1, tag: meta_purchase, decision: waiting}}]
"""
    assert run(tagport, shop, text) == (0, [])
