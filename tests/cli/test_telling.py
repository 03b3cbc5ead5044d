"""Events that a file tells of, as the container would recognise them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from container.cli.audit import Audit
from container.cli.common import CannotRun
from container.cli.tables import Line, Unread
from container.cli.telling import Replay, events_of, recognition
from container.event import Event
from container.workspace import starter

NOON = "2026-11-23T10:00:00Z"
NOON_UNIX = 1_795_428_000.0


@pytest.fixture(scope="module")
def replay_of() -> Any:
    """A new replay by the starter's rules."""
    found = recognition(starter.source(), None)
    return lambda event_name="purchase": Replay(found, event_name)


def lines(*rows: dict[str, Any]) -> list[Line | Unread]:
    return [Line(number, row) for number, row in enumerate(rows, 1)]


def read(replay: Replay, *rows: dict[str, Any]) -> list[Event]:
    events, unread = events_of(lines(*rows), replay)
    assert unread == []
    return [event for _, event in events]


def told(replay: Replay, *rows: dict[str, Any]) -> Audit:
    events, _ = events_of(lines(*rows), replay)
    return asyncio.run(replay.tell(events))


def test_an_event_came_when_it_says_or_with_the_one_before(replay_of: Any) -> None:
    first, second, third = read(
        replay_of(),
        {"timestamp": NOON, "received": "2026-11-23T10:00:05Z"},
        {"transaction_id": "2"},
        {"timestamp": NOON},
    )
    assert (first.request.received, first.data["timestamp"]) == (NOON_UNIX + 5, NOON_UNIX)
    assert (second.request.received, second.data["timestamp"]) == (NOON_UNIX + 5, NOON_UNIX + 5)
    assert third.request.received == NOON_UNIX


@pytest.mark.parametrize(
    ("row", "source", "client"),
    [
        ({"source": "Web"}, "browser", "web"),
        ({"client": "GA4"}, "browser", "GA4"),
        ({"source": "browser", "client": "gtag 2"}, "browser", "gtag 2"),
        ({"source": "shopify"}, "server", "shopify"),
        ({}, "server", "server"),
    ],
)
def test_who_told_it(replay_of: Any, row: dict[str, Any], source: str, client: str) -> None:
    [event] = read(replay_of(), row)
    assert (event.request.source, event.request.client) == (source, client)


def test_events_are_called_as_the_line_says_else_as_the_option(replay_of: Any) -> None:
    rows = ({"event_name": "refund"}, {"event": "lead"}, {"event_name": ""})
    assert [event.name for event in read(replay_of("order"), *rows)] == ["refund", "lead", "order"]


def test_names_by_sort_join_what_the_page_names_otherwise(replay_of: Any) -> None:
    rows = (
        {"transaction_id": "577", "names": {"shopify_id": "577", "shopify_number": "1001"}, "client": "shopify"},
        {"transaction_id": "1001", "client": "ga4"},
    )
    audit = told(replay_of(), *rows)
    assert [len(one.tellings) for one in audit.told] == [2]
    _, unread = events_of(lines({"names": "577"}), replay_of())
    assert [one.number for one in unread] == [1] and "must be an object" in unread[0].reason


def test_a_column_called_like_a_variable_is_its_value(replay_of: Any) -> None:
    one = {"email": "Jane@example.com", "value": 5, "currency": "EUR", "timestamp": NOON}
    audit = told(replay_of(), {**one, "transaction_id": "1001"}, {**one, "client": "pos", "email": "jane@example.com"})
    assert [[copy.matched_by for copy in found.tellings] for found in audit.told] == [["", "email"]]
    assert audit.told[0].tellings[0].customer.keys() == {"email"}


@pytest.mark.parametrize("key", ["delivery_id", "webhook_id"])
def test_a_sender_s_retry_is_known_by_its_delivery(replay_of: Any, key: str) -> None:
    [found] = told(replay_of(), {"value": 5, key: "d-1"}, {"value": 5, key: "d-1"}).told
    assert [copy.matched_by for copy in found.tellings] == ["", "delivery"]


def test_lines_that_could_not_be_read_are_handed_on(replay_of: Any) -> None:
    torn = Unread(2, "is no JSON")
    events, unread = events_of([*lines({"transaction_id": "1"}), torn, Line(3, {"transaction_id": "2"})], replay_of())
    assert [where for where, _ in events] == ["line 1", "line 3"]
    assert unread == [torn]


def test_events_are_told_in_the_order_in_which_they_came(replay_of: Any) -> None:
    late = {"transaction_id": "1", "timestamp": "2026-11-23T11:00:00Z"}
    [found] = told(replay_of(), late, {"transaction_id": "1", "timestamp": NOON}).told
    assert [copy.where for copy in found.tellings] == ["line 2", "line 1"]


def test_events_of_no_conversion_are_counted_apart(replay_of: Any) -> None:
    audit = told(replay_of(), {"event_name": "page_view"}, {"transaction_id": "1"})
    assert (audit.events, audit.others, len(audit.told)) == (2, 1, 1)


def test_a_workspace_with_errors_recognises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "container.yaml").write_text("container: shop\nconversions: {purchase: {evnts: [purchase]}}\n")
    with pytest.raises(CannotRun, match="`tagport check` tells all of them"):
        recognition(tmp_path, None)
    assert "evnts" in capsys.readouterr().err


def test_without_a_workspace_the_starters_rules_count(tmp_path: Path) -> None:
    assert "purchase" in recognition(tmp_path, None).kinds.by_id
