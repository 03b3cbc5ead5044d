"""How often an account may be asked: what the vendor allows, never exceeded in any span of that length."""

from __future__ import annotations

from container.call import Rate

AT_ONCE = 10  # one part in so many of what is allowed may go at once, the rest evenly over the time


class Pace:
    """Counts the requests of one account. Times are Unix seconds."""

    def __init__(self) -> None:
        self._free = 0.0  # when everything counted so far would have been spread evenly

    def wait(self, rate: Rate | None, now: float) -> float:
        """Seconds until the next request may start; 0: now."""
        if rate is None:
            return 0.0
        self._free = min(self._free, now + rate.seconds)  # also where the clock was set back
        return max(0.0, self._free - (_burst(rate) - 1) * _interval(rate) - now)

    def count(self, rate: Rate | None, now: float) -> None:
        """A request starts."""
        if rate is not None:
            self._free = max(self._free, now) + _interval(rate)

    def rested(self, now: float) -> bool:
        """Whether nothing counted so far matters any more."""
        return self._free <= now


def _burst(rate: Rate) -> int:
    return max(1, rate.requests // AT_ONCE)


def _interval(rate: Rate) -> float:
    """Seconds between two requests: with those that go at once, no more than `requests` fall into `seconds`."""
    return rate.seconds / (rate.requests - _burst(rate) + 1)
