"""Whether a workspace does the same as before."""

from __future__ import annotations

from typing import Any

import pytest

from container.migrate.simplify.proof import Baseline, Row


def row(tag: str = "meta", **changes: Any) -> Row:
    plain: dict[str, Any] = {
        "decision": "fired", "destination": "", "target": "a.b 1 P", "sent": {"json.value": "10", "json.at": "1"}
    }
    return Row(tag, **{**plain, **changes})


def baseline(*rows: Row, again: list[Row] | None = None) -> Baseline:
    return Baseline([list(rows)], [list(rows) if again is None else again])


@pytest.mark.parametrize(
    ("after", "same"),
    [
        ([row()], True),
        ([], False),
        ([row(), row()], False),
        ([row(decision="suppressed")], False),
        ([row(target="a.b 2 P")], False),
        ([row(destination="eu")], False),
        ([row(sent={"json.value": "11", "json.at": "1"})], False),
        ([row(sent={"json.value": "10"})], False),
        ([row("tiktok")], False),
    ],
)
def test_requests_and_decisions_have_to_be_equal(after: list[Row], same: bool) -> None:
    assert baseline(row()).same([after], {}) is same


def test_what_changes_by_itself_proves_nothing() -> None:
    known = baseline(row(), again=[row(sent={"json.value": "10", "json.at": "2", "json.new": "x"})])
    assert known.same([[row(sent={"json.value": "10", "json.at": "3"})]], {})
    assert not known.same([[row(sent={"json.value": "11", "json.at": "3"})]], {})


def test_a_tag_that_goes_is_compared_under_the_name_of_the_one_that_does_its_work() -> None:
    known = baseline(row("meta_lead"), row("meta_purchase"))
    assert known.same([[row("meta"), row("meta")]], {"meta_lead": "meta", "meta_purchase": "meta"})
    assert not known.same([[row("meta"), row("meta_purchase")]], {})


def test_the_order_of_tags_does_not_matter_and_that_of_events_does() -> None:
    known = Baseline([[row("a"), row("b")], [row("c")]], [[row("a"), row("b")], [row("c")]])
    assert known.same([[row("b"), row("a")], [row("c")]], {})
    assert not known.same([[row("c")], [row("b"), row("a")]], {})


def test_of_which_tags_a_request_has_been_seen() -> None:
    assert baseline(row(), row("ga4", decision="consent", sent={})).sending == {"meta"}
