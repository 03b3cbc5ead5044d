"""What both ledgers share: how a call is laid down, which firing counts, and which copies are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from calls import call, firing

from container.ledger.rows import FIRST_COPIES, LAST_COPIES, call_from, call_meta, counting, later_states, superfluous


def test_a_call_that_was_laid_down_is_the_same() -> None:
    told = replace(call(consent=("ad_storage", "vendor_meta")), destination="eu", timestamp=1.25, retry_ambiguous=True)
    assert call_from(call_meta(told), told.envelope, told.item) == told


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("delivered", None), ("accepted", None), ("retry", "queued"), ("later", "queued"), ("refused", "refused"),
     ("stopped", "stopped"), ("unknown", "unknown"), ("expired", "expired")],
)  # fmt: skip
def test_what_becomes_of_a_row(outcome: str, state: str | None) -> None:
    assert later_states(outcome) == state


@pytest.mark.parametrize(("many", "gone"), [(0, []), (50, []), (51, [10]), (53, [10, 11, 12])])
def test_of_very_many_copies_those_in_the_middle_are_too_many(many: int, gone: list[int]) -> None:
    assert FIRST_COPIES + LAST_COPIES == 50
    assert list(superfluous(range(many))) == gone


def test_for_each_target_the_oldest_firing_counts_that_is_not_void() -> None:
    void, old = firing("R1", state="void"), replace(firing("R3"), at=1001.0)
    new, same = replace(firing("R0"), at=1002.0), replace(firing("R2"), at=1001.0)
    other = firing("R9", target="x 1 P", state="void")
    found = counting([new, void, old, same, other])
    assert {target: one.record for target, one in found.items()} == {void.target: "R2", "x 1 P": "R9"}
