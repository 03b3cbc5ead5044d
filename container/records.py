"""Which decision records are kept, and as what: a flood of one class cannot flush another's history."""

from __future__ import annotations

from container.decision import Decision

EVENTS_A_SECOND = 20  # records of other events kept while there are many; all of them while there are few


class Records:
    """Conversions and failures always; other events as many as there is room for in each second."""

    def __init__(self) -> None:
        self._second = 0
        self._kept = 0

    def keep_as(self, decision: Decision) -> str | None:
        """The class the record is kept in; None: it is not kept."""
        if decision.tags and any(tag.decision == "invalid" for tag in decision.tags):
            return "failure"
        if decision.conversion.declared:
            return "conversion"
        second = int(decision.conversion.now)
        if second != self._second:
            self._second, self._kept = second, 0
        self._kept += 1
        return "event" if self._kept <= EVENTS_A_SECOND else None
