"""One account (host and pixel or property): what waits for it, what is under way, and whether its gate is open."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from container.call import Rate
from container.delivery.gate import Gate
from container.delivery.pace import Pace
from container.delivery.queue import Memory, Queue
from container.ledger.interface import Row

LOW = 100  # calls in memory below which more are read from the table
PAGE = 200  # calls read from the table at once: some milliseconds of the event loop


class Account:
    """The state of one account in this process; all of it can be built again from the table."""

    def __init__(self, name: str, memory: Memory | None = None, shared: Pace | None = None) -> None:
        self.name = name
        self.gate = Gate()
        self._pace = Pace()
        self._shared = shared or Pace()  # with all accounts at this vendor's host
        self.queue = Queue(memory or Memory())
        self.flying = 0
        self.waking = False  # a timer looks again when the vendor's rate allows more
        self.busy: set[int] = set()  # ids of rows that a worker has in hand, or whose outcome is not on disk yet
        self.behind = False  # the table holds more than memory does
        self.cursor = 0  # id up to which the table has been read while behind
        self.stopped_rows: deque[int] = deque(maxlen=100)

    @property
    def idle(self) -> bool:
        """Nothing worth remembering."""
        return not (self.queue or self.flying or self.busy or self.behind or self.waking or self.gate.troubled)

    def pace(self, rate: Rate | None) -> Pace:
        """What this rate is counted by."""
        return self._shared if rate is not None and rate.shared else self._pace

    def rested(self, now: float) -> bool:
        """Whether nothing would be lost by forgetting the account."""
        return self.idle and self._pace.rested(now)

    def offer(self, rows: Sequence[Row]) -> None:
        """Rows fresh from a commit: into memory, where there is room and nothing older is to be read first."""
        for row in rows:
            if row.id in self.busy:  # it was found in the table already
                continue
            if self.behind or self.gate.shut or not self.queue.add(row):
                self.behind = True

    def forget(self) -> None:
        """Leave everything that waits to the table, which knows it better by the time the gate opens again."""
        self.queue.clear()
        self.behind, self.cursor = True, 0

    def refill(self, page: Sequence[Row], most: int) -> None:
        """Rows read from the table: those that are not in hand yet. Fewer than `most` means that this was the end."""
        for row in page:
            if row.id not in self.busy and not self.queue.add(row):
                self.behind = True
                return
            self.cursor = row.id
        self.behind = len(page) >= most
        if not self.behind:
            self.cursor = 0
