"""What was answered with a 2xx is sent, and sent once: by processes that die at any moment, by several on one store."""

from __future__ import annotations

from pathlib import Path

import pytest
from crashes import crash, together

KILLS = 40
PROCESSES = 4
ORDERS = 150


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside_another"])
def test_wherever_a_process_dies_nothing_answered_is_lost_and_nothing_told_twice(tmp_path: Path, beside: bool) -> None:
    kills = KILLS // 2 if beside else KILLS
    outcome = crash(tmp_path, kills, seed=1 + beside, beside=beside)
    assert outcome.reckoning.clean, outcome.reckoning
    assert not outcome.strange, "a copy was refused"
    assert "Traceback" not in outcome.log and "Error\n" not in outcome.log, outcome.log
    assert outcome.by_themselves == kills // 2
    assert outcome.orders > kills and outcome.reckoning.repeated, "it died while there was something to lose"


def test_four_processes_on_one_store_tell_each_order_once(tmp_path: Path) -> None:
    outcome = together(tmp_path, PROCESSES, ORDERS, seed=1)
    assert outcome.reckoning.clean, outcome.reckoning
    assert not outcome.strange, "a copy was refused"
    assert (outcome.orders, outcome.copies) == (ORDERS, 3 * ORDERS)
    assert (outcome.reckoning.repeated, outcome.reckoning.unknown) == (0, 0)
    assert outcome.reckoning.told == 3 * ORDERS
