"""`tagport compare`: two workspaces, or a workspace and a recording, over the same requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Tagport = Callable[..., Result]
CONTAINER = """\
container: shop
consent: {unknown: granted}
clients: {api: {kind: json, path: /events, open: true}}
"""
TAG = """\
template: http_request
triggers: [all_events]
consent: []
params:
  stream: own
  url: https://own.example.com/in
  json: {name: "{{ event.event_name }}", value: "{{ event.value }}", at: "{{ event.timestamp }}"}
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    (folder / "tags").mkdir(parents=True)
    (folder / "container.yaml").write_text(CONTAINER)
    (folder / "tags/own.yaml").write_text(TAG)
    return folder


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "new"))


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    path = tmp_path / "traffic.jsonl"
    events = [{"event_name": "purchase", "value": 5}, {"event_name": "page_view"}]
    path.write_text("".join(json.dumps({"path": "/events", "body": event}) + "\n" for event in events))
    return path


def test_the_same(old: Path, new: Path, traffic: Path, tagport: Tagport) -> None:
    result = tagport("compare", old, new, "--traffic", traffic)
    assert result.exit_code == 0, result.output
    assert "2 requests, 2 calls compared: no differences" in result.output


def test_what_differs_by_tag_and_field(old: Path, new: Path, traffic: Path, tmp_path: Path, tagport: Tagport) -> None:
    tag = new / "tags/own.yaml"
    tag.write_text(tag.read_text().replace("event.value", "event.value ?? 0"))
    result = tagport("compare", old, new, "--traffic", traffic, "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["differences"] == [
        {"tag": "own", "field": "body.value", "a": "nothing", "b": "0", "first": 2, "count": 1, "reason": ""}
    ]
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text("- {tag: own, field: body.value, reason: as agreed}\n")
    result = tagport("compare", old, new, "--traffic", traffic, "--accept", accepted)
    assert result.exit_code == 0
    assert "accepted: as agreed" in result.output
    accepted.write_text("- {tag: own}\n")
    assert tagport("compare", old, new, "--traffic", traffic, "--accept", accepted).exit_code == 2


def test_a_recording_of_what_was_sent(old: Path, traffic: Path, tmp_path: Path, tagport: Tagport) -> None:
    recording = tmp_path / "sent.jsonl"
    headers = {"content-type": "application/json"}
    rows = [
        {"host": "own.example.com", "method": "POST", "path": "/in", "headers": headers, "body": {"name": name, **more}}
        for name, more in (("purchase", {"value": 5}), ("page_view", {"value": 7}))
    ]
    recording.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = tagport("compare", old, recording, "--traffic", traffic, "--format", "json")
    told = json.loads(result.stdout)
    assert [(one["field"], one["b"]) for one in told["differences"]] == [("body.value", "7")]


WAITING = """\
wait: {for: [browser, server], most: 2m}
"""
PURCHASES = """\
conversions: {purchase: {events: [purchase], key: transaction_id}}
"""


def purchases(*folders: Path) -> None:
    """Declares purchases, so that tags may wait for their copies."""
    for folder in folders:
        (folder / "container.yaml").write_text(CONTAINER + PURCHASES)


def test_calls_of_tags_that_wait_are_compared(old: Path, new: Path, tmp_path: Path, tagport: Tagport) -> None:
    """No other copy is in the traffic: they are sent when the wait is over."""
    purchases(old, new)
    traffic = tmp_path / "purchases.jsonl"
    events = [{"event_name": "purchase", "transaction_id": str(number), "value": number} for number in range(1, 151)]
    traffic.write_text("".join(json.dumps({"path": "/events", "body": event}) + "\n" for event in events))
    for folder in (old, new):
        (folder / "tags/own.yaml").write_text(TAG + WAITING)
    result = tagport("compare", old, new, "--traffic", traffic)
    assert "150 requests, 150 calls compared: no differences" in result.output
    (new / "tags/own.yaml").write_text(TAG.replace("event.value", "event.value ?? 0 | text") + WAITING)
    result = tagport("compare", old, new, "--traffic", traffic, "--format", "json")
    assert [(one["field"], one["first"], one["count"]) for one in json.loads(result.stdout)["differences"]] == [
        ("body.value", 1, 150)
    ]


def test_a_tag_that_waits_is_compared_with_one_that_does_not(
    old: Path, new: Path, tmp_path: Path, tagport: Tagport
) -> None:
    purchases(old, new)
    (new / "tags/own.yaml").write_text(TAG + WAITING)
    traffic = tmp_path / "purchases.jsonl"
    rows = [{"path": "/events", "body": {"event_name": "purchase", "transaction_id": id}} for id in ("1", "2", "1")]
    traffic.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = tagport("compare", old, new, "--traffic", traffic)
    assert "3 requests, 2 calls compared: no differences" in result.output


def test_what_a_side_refuses_is_told(old: Path, new: Path, tmp_path: Path, tagport: Tagport) -> None:
    """Nothing of it was compared: no differences would be no proof."""
    traffic = tmp_path / "refused.jsonl"
    paths = ("/events", "/nowhere", "/nowhere")
    traffic.write_text("".join(json.dumps({"method": "POST", "path": path, "body": "{"}) + "\n" for path in paths))
    result = tagport("compare", old, new, "--traffic", traffic)
    assert "B refuses 2, the first is request 2: 404 no client claims the path" in result.output
    told = json.loads(tagport("compare", old, new, "--traffic", traffic, "--format", "json").stdout)
    assert [(one["side"], one["count"], one["first"]) for one in told["refused"]] == [
        ("A", 1, 1), ("A", 2, 2), ("B", 1, 1), ("B", 2, 2)
    ]  # fmt: skip


def test_what_cannot_be_read(old: Path, new: Path, tmp_path: Path, tagport: Tagport) -> None:
    assert tagport("compare", old, new, "--traffic", tmp_path / "none").exit_code == 2
    (tmp_path / "bad.jsonl").write_text('{"x": 1\n')
    assert tagport("compare", old, new, "--traffic", tmp_path / "bad.jsonl").exit_code == 2
