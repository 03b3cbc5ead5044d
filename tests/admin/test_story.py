"""A history in words, without any dress: what each piece says, and how it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from container.admin import story
from container.decision import DECISIONS

RECORD = "01J00000000000000000000001"
COPY: dict[str, Any] = {
    "what": "copy", "at": "2026-11-23T10:00:00.250Z", "record": RECORD, "event": "purchase", "client": "ga4",
    "source": "browser", "request": "GET /g/collect", "copy": 1, "matched_by": "", "ambiguous": False, "repeat": "",
    "united": [], "vetoed": [], "notes": ["value differs"],
}  # fmt: skip
DECISION: dict[str, Any] = {
    "what": "decision", "at": "2026-11-23T10:00:01.000Z", "record": RECORD, "tag": "meta", "destination": "",
    "decision": "fired", "reason": "", "target": "graph.facebook.com 1 Purchase", "until": None,
}  # fmt: skip


def plain(line: story.Line) -> str:
    return "".join(text for text, _ in line)


def test_a_moment_is_a_line_with_what_belongs_to_it() -> None:
    copy, fired = story.moments([COPY, DECISION])
    assert (copy.at, copy.tone) == (COPY["at"], "new")
    assert plain(copy.line) == "purchase arrived  ga4 (browser) · GET /g/collect · the first copy"
    assert copy.more == ((("value differs", "wait"),),)
    assert fired.tone == "good" and ("fired", "good") in fired.line and ("meta", "strong") in fired.line


def test_a_senders_retry_is_quiet_and_names_the_copy_by_its_time() -> None:
    retry = {**COPY, "record": "01J00000000000000000000002", "repeat": f"the retry of a delivery that {RECORD} has"}
    _, told = story.moments([COPY, retry])
    assert told.tone == "quiet"
    assert plain(told.line).endswith("no copy: the retry of a delivery that the copy of 10:00:00 has")


def test_reasons_name_the_times_of_known_copies_only() -> None:
    named = story.with_times([COPY])
    assert named(f"already fired by {RECORD}") == "already fired by the copy of 10:00:00"
    assert named("already fired by 01J00000000000000000000009") == "already fired by 01J00000000000000000000009"


@pytest.mark.parametrize(
    ("row", "tone", "said"),
    [
        ({"state": "queued", "due": "T"}, "wait", "meta queued, next try T, 1 attempt so far"),
        ({"state": "queued", "due": "T", "account_stopped": True}, "wait", "its account is stopped"),
        ({"state": "refused", "attempts": 2, "reason": "no"}, "bad", "refused; see `tagport failures`, 2 attempts"),
    ],
)
def test_what_waits_may_still_come_and_what_failed_does_not(row: dict[str, Any], tone: str, said: str) -> None:
    call = {"tag": "meta", "destination": "", "due": None, "account_stopped": False, "attempts": 1, "reason": "", **row}
    [(found, line)] = story.still({"waiting": [], "queued": [call]})
    assert found == tone and said in plain(line)


def test_members_of_objects_are_fields_of_their_own_and_long_values_are_cut() -> None:
    data = {
        "user_data": {"email_address": "j***@example.com", "address": {"city": "B***"}},
        "items": [],
        "x": "y" * 200,
    }
    assert dict(story.flat(data)) == {
        "user_data.email_address": "j***@example.com",
        "user_data.address.city": "B***",
        "items": "[]",
        "x": "y" * (story.LONGEST - 1) + "…",
    }


def test_every_decision_that_stopped_or_sent_something_has_a_tone() -> None:
    assert {decision for decision in DECISIONS if decision not in story.TONES} == {"not_triggered", "paused"}
