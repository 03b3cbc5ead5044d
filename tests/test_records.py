from __future__ import annotations

from copies import Shop

from container.conversion import Conversion
from container.decision import Decision, TagDecision
from container.records import EVENTS_A_SECOND, Records

EVENT = Shop().browser("page_view")


def decision(kind: str = "event", now: float = 100.0, verdict: str = "fired") -> Decision:
    made = Decision(EVENT, Conversion("C", kind, EVENT.data, now=now))
    made.add(TagDecision("meta", verdict))
    return made


def test_conversions_and_failures_are_always_kept() -> None:
    records = Records()
    assert {records.keep_as(decision("purchase")) for _ in range(1000)} == {"conversion"}
    assert {records.keep_as(decision(verdict="invalid")) for _ in range(1000)} == {"failure"}


def test_other_events_are_all_kept_while_there_are_few_and_sampled_when_there_are_many() -> None:
    records = Records()
    kept = [records.keep_as(decision(now=100.5)) for _ in range(1000)]
    assert kept.count("event") == EVENTS_A_SECOND
    assert records.keep_as(decision(now=101.0)) == "event"
