"""What every event told as JSON is held to."""

from __future__ import annotations

from typing import Any

import pytest

from container.clients.checks import DEEPEST, LONGEST_NAME, check_event, check_name, check_values, consent_stated
from container.clients.common import Notes
from container.errors import Unreadable


def nested(levels: int) -> Any:
    """A number in so many lists."""
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


def test_values_may_be_nested_so_deep() -> None:
    check_values(nested(DEEPEST), "")
    with pytest.raises(Unreadable, match=f"^here: nested deeper than {DEEPEST} levels$"):
        check_values(nested(DEEPEST + 1), "here: ")


@pytest.mark.parametrize("value", [{"a": [10**400]}, [-(10**400)], {"a": {"b": [{"c": 1 << 1001}]}}])
def test_a_number_nobody_counts_with_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(Unreadable, match="out of range"):
        check_values(value, "")
    check_values({"a": [10**300, 1e300, True]}, "")


@pytest.mark.parametrize("name", ["", "  ", None, 5, ["a"], "x" * (LONGEST_NAME + 1)])
def test_a_name_that_is_none(name: Any) -> None:
    with pytest.raises(Unreadable, match="^event 2: `event_name`"):
        check_name(name, "event_name", "event 2: ")


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"transaction_id": True}, "transaction_id"),
        ({"event_id": ["E"]}, "event_id"),
        ({"user_data": "jane"}, "user_data"),
        ({"items": "SKU"}, "items"),
        ({"transaction_id": 5, "event_id": None, "user_data": [], "items": ""}, ""),
        ({"items": {"item_id": "A"}, "user_data": {"email_address": "x"}}, ""),
    ],
)
def test_what_would_tell_vendors_nonsense_is_refused(told: dict[str, Any], refused: str) -> None:
    if not refused:
        check_event(told, "", Notes())
        return
    with pytest.raises(Unreadable, match=f"`{refused}` must be"):
        check_event(told, "", Notes())


def test_odd_amounts_are_said_and_kept() -> None:
    notes, told = Notes(), {"value": "12,50", "tax": "", "shipping": None}
    check_event(told, "", notes)
    assert notes() == ("`value` is not a number as in 12.50",)
    assert told["value"] == "12,50"


def test_consent_in_every_way_it_may_be_stated() -> None:
    notes = Notes()
    state = {"ad_storage": True, "ad_user_data": "Denied", "analytics_storage": None, "own": "granted"}
    assert consent_stated(state, "consent", "", notes) == {"ad_storage": True, "ad_user_data": False}
    assert notes() == ("`consent.own` left out: no such consent type",)
    assert consent_stated(None, "consent", "", notes) == {}


@pytest.mark.parametrize("state", ["granted", [], {"ad_storage": "perhaps"}, {"ad_storage": 1}])
def test_a_statement_that_cannot_be_read_is_not_the_same_as_none(state: Any) -> None:
    with pytest.raises(Unreadable, match="^here: `consent"):
        consent_stated(state, "consent", "here: ", Notes())
