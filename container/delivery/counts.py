"""What delivery tells metrics and log of."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from container.ledger.interface import Settlement

log = logging.getLogger("tagport.delivery")


class Counts(Protocol):
    """What delivery counts (`container.admin.metrics.Metrics`)."""

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None: ...


def count(settlements: Iterable[Settlement], counts: Counts | None) -> None:
    """Tell of what was settled."""
    for settlement in settlements:
        tag = settlement.row.call.tag
        if settlement.outcome == "unknown":
            log.error("call %s of tag %s ended unknown: %s", settlement.row.id, tag, settlement.reason)
        if counts is not None:
            counts.delivered(tag, settlement.outcome, settlement.status, settlement.took)
