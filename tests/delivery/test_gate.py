from __future__ import annotations

from container.delivery.gate import CIRCUIT_MOST, FLYING, OUTAGES, STOPPED_PROBE, Gate
from container.delivery.outcomes import Verdict

GOOD = Verdict("delivered", status=200)
REFUSED = Verdict("refused", "bad", status=400)
OUTAGE = Verdict("retry", "down", outage=True)
STOPPED = Verdict("stopped", "token revoked", status=401)


def broken(now: float = 0.0) -> Gate:
    gate = Gate()
    for _ in range(OUTAGES):
        gate.record(OUTAGE, now, now)
    return gate


def test_an_open_gate_lets_many_through_but_not_all() -> None:
    gate = Gate()
    assert gate.room(0, 0) == FLYING
    assert gate.room(0, FLYING) == 0


def test_outages_in_a_row_shut_it() -> None:
    gate = Gate()
    for _ in range(OUTAGES - 1):
        gate.record(OUTAGE, 0, 0)
    assert not gate.shut
    gate.record(OUTAGE, 0, 0)
    assert gate.shut and gate.room(0, 0) == 0


def test_any_answer_in_between_begins_anew() -> None:
    gate = Gate()
    for verdict in [OUTAGE] * (OUTAGES - 1) + [REFUSED] + [OUTAGE] * (OUTAGES - 1):
        gate.record(verdict, 0, 0)
    assert not gate.shut


def test_then_one_probe_and_no_second_beside_it() -> None:
    gate = broken()
    assert 2.5 <= gate.until <= 5
    assert gate.room(gate.until, 0) == 1
    assert gate.room(gate.until, 1) == 0


def test_a_good_probe_opens_it() -> None:
    gate = broken()
    assert gate.record(GOOD, gate.until, gate.until) is False
    assert not gate.shut and gate.room(10, 0) == FLYING


def test_a_bad_probe_shuts_it_for_longer_up_to_a_bound() -> None:
    gate = broken()
    waits = []
    for _ in range(12):
        now = gate.until
        gate.record(OUTAGE, now, now)
        waits.append(gate.until - now)
    assert 5 <= waits[0] <= 10
    assert CIRCUIT_MOST / 2 <= waits[-1] <= CIRCUIT_MOST


def test_what_was_still_under_way_when_it_shut_changes_nothing() -> None:
    gate = broken(now=100)
    until = gate.until
    gate.record(OUTAGE, 99, 101)
    gate.record(GOOD, 99, 101)
    assert gate.shut and gate.until == until


def test_the_vendors_wish_counts() -> None:
    gate = Gate()
    for _ in range(OUTAGES):
        gate.record(Verdict("retry", "busy", 429, retry_after=60, outage=True), 0, 0)
    assert gate.until == 60


def test_refused_credentials_stop_at_once_until_a_probe_succeeds() -> None:
    gate = Gate()
    gate.record(STOPPED, 0, 0)
    assert gate.stopped == "token revoked"
    assert gate.room(STOPPED_PROBE - 1, 0) == 0
    assert gate.room(STOPPED_PROBE, 0) == 1
    assert gate.record(GOOD, STOPPED_PROBE, STOPPED_PROBE) is True
    assert gate.stopped == ""


def test_a_call_that_never_left_says_nothing_of_credentials() -> None:
    gate = Gate()
    gate.record(STOPPED, 0, 0)
    gate.record(Verdict("refused", "a line break in a header"), 700, 700)
    assert gate.stopped


def test_a_probe_can_be_asked_for() -> None:
    gate = Gate()
    gate.stop("token revoked", 0, probe=600)
    gate.probe_now()
    assert gate.room(1, 0) == 1


def test_shut_time_is_counted_within_the_span_asked_for() -> None:
    gate = broken(now=100)
    assert gate.blocked(0, 110) == 10
    gate.record(GOOD, 120, 120)
    assert gate.blocked(0, 500) == 20
    assert gate.blocked(115, 500) == 5
    assert gate.blocked(130, 500) == 0
    gate.stop("token", 200, probe=900)
    assert gate.blocked(0, 250) == 70
