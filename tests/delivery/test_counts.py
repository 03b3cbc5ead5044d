"""What delivery tells metrics and log of."""

from __future__ import annotations

import logging

import pytest
from delivering import call

from container.delivery.counts import count
from container.ledger.interface import Row, Settlement


class Heard:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int | None, float]] = []

    def delivered(self, tag: str, outcome: str, status: int | None = None, took: float = 0.0) -> None:
        self.calls.append((tag, outcome, status, took))


def settlements() -> list[Settlement]:
    row = Row(7, 1, "R1", call(), created=1.0)
    return [
        Settlement(row, "delivered", "", 2.0, status=200, took=0.25),
        Settlement(row, "unknown", "the vendor hung up", 2.0),
    ]


def test_every_settlement_is_counted_and_what_nobody_knows_is_an_error_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    count(settlements(), heard)
    assert heard.calls == [("a_tag", "delivered", 200, 0.25), ("a_tag", "unknown", None, 0.0)]
    [told] = caplog.records
    assert told.levelno == logging.ERROR
    assert told.getMessage() == "call 7 of tag a_tag ended unknown: the vendor hung up"


def test_the_log_is_told_where_nothing_counts(caplog: pytest.LogCaptureFixture) -> None:
    count(settlements(), None)
    assert len(caplog.records) == 1
