from __future__ import annotations

from itertools import pairwise

import pytest

from container.call import Rate
from container.delivery.pace import Pace

NOW = 1_800_000_000.0


def starts(pace: Pace, rate: Rate, count: int, now: float = NOW) -> list[float]:
    """When so many requests start, each as soon as it may."""
    found = []
    for _ in range(count):
        now += pace.wait(rate, now)
        pace.count(rate, now)
        found.append(now)
    return found


@pytest.mark.parametrize("rate", [Rate(300, 60.0), Rate(1, 1.0), Rate(7, 1.0), Rate(10, 3600.0)])
def test_no_span_holds_more_than_the_vendor_takes_nor_much_less(rate: Rate) -> None:
    times = starts(Pace(), rate, 5 * rate.requests)
    for first, beyond in zip(times, times[rate.requests :], strict=False):
        assert beyond - first >= rate.seconds - 1e-3
    assert times[-1] - times[0] < 6 * rate.seconds


def test_a_tenth_may_go_at_once_and_the_rest_evenly() -> None:
    times = starts(Pace(), Rate(300, 60.0), 60)
    assert times[29] == NOW
    gaps = [later - sooner for sooner, later in pairwise(times[29:])]
    assert gaps == pytest.approx([60 / 271] * len(gaps), rel=1e-4)


def test_after_a_pause_a_tenth_may_go_at_once_again() -> None:
    pace, rate = Pace(), Rate(300, 60.0)
    starts(pace, rate, 100)
    assert not pace.rested(NOW)
    assert pace.rested(NOW + 60)
    assert starts(pace, rate, 30, NOW + 60)[-1] == NOW + 60


def test_what_went_out_of_turn_is_made_up_for() -> None:
    pace, rate = Pace(), Rate(10, 10.0)
    for _ in range(3):
        pace.count(rate, NOW)
    assert pace.wait(rate, NOW) == pytest.approx(3.0)


def test_a_clock_that_is_set_back_stops_nothing_for_long() -> None:
    pace, rate = Pace(), Rate(10, 10.0)
    pace.count(rate, NOW)
    assert pace.wait(rate, NOW - 86400) <= 10.0


def test_without_a_rate_there_is_no_wait() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.count(None, NOW)
    assert pace.wait(None, NOW) == 0
    assert pace.rested(NOW)
