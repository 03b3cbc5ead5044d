"""The gate of one account: open, or shut after an outage or refused credentials, with single probes through it."""

from __future__ import annotations

from collections import deque

from container.delivery.outcomes import Verdict, backoff

OUTAGES = 5  # in a row, and the circuit opens
CIRCUIT_BASE = 5.0  # seconds; doubled with every failed probe
CIRCUIT_MOST = 300.0
STOPPED_PROBE = 600.0  # seconds between two probes with credentials that were refused
FLYING = 32  # requests of one account under way at once


class Gate:
    """Decides how many requests of an account may start. Times are Unix seconds.

    `stopped` is the vendor's reason for refusing the credentials, "" while they are good.
    """

    def __init__(self) -> None:
        self.stopped = ""
        self.until = 0.0  # shut until then, then one probe at a time
        self._outages = 0
        self._trips = 0
        self._shut_at: float | None = None
        self._blocked: deque[tuple[float, float]] = deque(maxlen=64)

    @property
    def shut(self) -> bool:
        """Whether only probes go through."""
        return self._shut_at is not None

    @property
    def troubled(self) -> bool:
        """Whether there is a past that counts."""
        return self.shut or self._outages > 0 or bool(self._blocked)

    def room(self, now: float, flying: int) -> int:
        """How many more requests may start now."""
        if not self.shut:
            return FLYING - flying
        return 1 if now >= self.until and flying == 0 else 0

    def record(self, verdict: Verdict, started: float, now: float) -> bool:
        """Count a result of a request begun at `started`. True where it set a stopped account going again."""
        if verdict.outcome == "stopped":
            self.stop(verdict.reason, now, now + max(STOPPED_PROBE, verdict.retry_after))
        elif verdict.outage:
            self._outage(now, verdict.retry_after)
        elif verdict.status is not None and (self._shut_at is None or started >= self._shut_at):
            return self._open(now)
        return False

    def stop(self, reason: str, now: float, probe: float) -> None:
        """The credentials are refused: wait, and try one call at `probe`."""
        self.stopped = reason or "the vendor refuses the credentials"
        self.until = probe
        self._shut_at = now if self._shut_at is None else self._shut_at

    def probe_now(self) -> None:
        """Somebody has mended something: try one call at once."""
        self.until = 0.0

    def blocked(self, since: float, now: float) -> float:
        """Seconds between `since` and `now` in which the gate was shut."""
        spans = [*self._blocked, (self._shut_at, now)] if self._shut_at is not None else self._blocked
        return sum(max(0.0, min(end, now) - max(start, since)) for start, end in spans)

    def _outage(self, now: float, retry_after: float) -> None:
        self._outages += 1
        if self.shut:
            if now < self.until:
                return  # one of the last that were still under way
            self._trips += 1
        elif self._outages >= OUTAGES:
            self._trips, self._shut_at = 1, now
        else:
            return
        bound = min(CIRCUIT_MOST, CIRCUIT_BASE * 2 ** min(self._trips - 1, 30))
        self.until = now + max(bound / 2 + backoff(1, bound / 2), retry_after)

    def _open(self, now: float) -> bool:
        resumed = bool(self.stopped)
        if self._shut_at is not None:
            self._blocked.append((self._shut_at, now))
        self.stopped, self.until, self._outages, self._trips, self._shut_at = "", 0.0, 0, 0, None
        return resumed
