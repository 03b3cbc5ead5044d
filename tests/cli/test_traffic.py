"""Requests and calls from files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from container.cli.traffic import recorded, requests
from container.errors import Unreadable


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "traffic"
    path.write_text(text)
    return path


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {
            "method": "get",
            "path": "/g/collect?v=2&dl=a%20b",
            "headers": {"User-Agent": "x", "X-Forwarded-For": "9.9.9.9"},
        },
        {"url": "https://sst.example/events", "body": {"event_name": "purchase"}},
        {"path": "/data", "query": {"v": "2"}, "body": "a=b"},
    ]
    found = requests(written(tmp_path, "\n".join(map(json.dumps, lines)) + "\n\n"), 1000.0)
    assert [(one.method, one.path, one.query_string) for one in found] == [
        ("GET", "/g/collect", "v=2&dl=a%20b"),
        ("POST", "/events", ""),
        ("POST", "/data", "v=2"),
    ]
    assert [one.body for one in found] == [b"", b'{"event_name":"purchase"}', b"a=b"]
    assert found[0].ip == "9.9.9.9"
    assert found[1].headers["host"] == "sst.example"
    assert [one.received for one in found] == [1000.0, 1001.0, 1002.0]


def test_a_har(tmp_path: Path) -> None:
    request = {
        "method": "POST",
        "url": "https://sst.example/g/collect?v=2",
        "headers": [{"name": "User-Agent", "value": "x"}],
        "postData": {"text": "en=purchase"},
    }
    (found,) = requests(written(tmp_path, json.dumps({"log": {"entries": [{"request": request}]}})), 1.0)
    assert (found.path, found.body, found.headers["user-agent"]) == ("/g/collect", b"en=purchase", "x")


def test_one_request_as_text(tmp_path: Path) -> None:
    (found,) = requests(written(tmp_path, "GET /g/collect?v=2 HTTP/1.1\nHost: a\n\n"), 1.0)
    assert found.query_string == "v=2"


def test_a_log_of_the_sink(tmp_path: Path) -> None:
    line = {
        "host": "graph.facebook.com",
        "method": "POST",
        "path": "/v1/events",
        "query": "a=1",
        "headers": {},
        "body": {"x": 1},
    }
    (call,) = recorded(written(tmp_path, json.dumps(line)))
    assert call["url"] == "https://graph.facebook.com/v1/events?a=1"
    assert call["body"] == {"x": 1}


@pytest.mark.parametrize("text", ['{"a": 1}\n{"a"', "[1]\n"])
def test_what_is_no_traffic(text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="line"):
        requests(written(tmp_path, text), 1.0)
