from __future__ import annotations

from dataclasses import replace

import pytest
from delivering import call

from container.delivery import outcomes
from container.delivery.outcomes import AMBIGUOUS, MAYBE, PlainRules, Verdict
from container.ledger.interface import Row

NOW = 1_800_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


def row(*, attempts: int = 1, first: float = NOW, reason: str = "", orphaned: int = 0, repeat: bool = True) -> Row:
    return Row(
        id=1,
        conversion=1,
        record="R1",
        call=call(retry_ambiguous=repeat),
        created=NOW,
        attempts=attempts,
        first_attempt=first,
        reason=reason,
        orphaned=orphaned,
    )


def ends(found: Row, verdict: Verdict, now: float = NOW, blocked: float = 0.0) -> tuple[str, str]:
    settlement = outcomes.settled(found, verdict, now, now + 1, 3 * DAY, blocked)
    return settlement.outcome, settlement.reason


@pytest.mark.parametrize("outcome", ["delivered", "accepted", "retry", "later", "refused", "stopped"])
def test_what_the_template_says_holds(outcome: str) -> None:
    assert ends(row(), Verdict(outcome, "words", 200)) == (outcome, "words")


def test_a_settlement_carries_the_status_the_time_and_when_it_is_due() -> None:
    found = outcomes.settled(row(), Verdict("retry", "busy", 503, took=0.2), NOW, NOW + 9, 3 * DAY, 0.0)
    assert (found.status, found.took, found.at, found.due) == (503, 0.2, NOW, NOW + 9)


class TestAmbiguous:
    verdict = Verdict(AMBIGUOUS, "the server hung up", outage=True)

    def test_where_the_vendor_drops_a_second_copy_it_is_sent_again(self) -> None:
        assert ends(row(), self.verdict) == ("retry", MAYBE + "the server hung up")

    def test_where_it_does_not_nobody_knows(self) -> None:
        assert ends(row(repeat=False), self.verdict) == ("unknown", "the server hung up")

    def test_the_vendor_remembers_for_48_hours_from_the_first_attempt(self) -> None:
        assert ends(row(first=NOW - 48 * HOUR + 1), self.verdict)[0] == "retry"
        assert ends(row(first=NOW - 48 * HOUR), self.verdict)[0] == "unknown"

    def test_a_later_plain_retry_keeps_it_in_mind(self) -> None:
        assert ends(row(reason=MAYBE + "x"), Verdict("retry", "busy")) == ("retry", MAYBE + "busy")
        assert ends(row(reason="busy"), Verdict("retry", "busy")) == ("retry", "busy")

    def test_it_is_not_sent_once_the_vendor_has_forgotten(self) -> None:
        late = NOW + 49 * HOUR
        found = outcomes.overdue(row(reason=MAYBE + "x"), None, late)
        assert found is not None and found.outcome == "unknown"
        assert outcomes.overdue(row(reason="busy"), None, late) is None
        assert outcomes.overdue(row(reason=MAYBE + "x"), None, NOW + HOUR) is None


class TestGivingUp:
    verdict = Verdict("retry", "busy", 503)

    def test_after_the_time_and_ten_attempts(self) -> None:
        outcome, reason = ends(row(attempts=12), self.verdict, NOW + 3 * DAY + 1)
        assert (outcome, reason) == ("refused", "gave up after 12 attempts, the last: busy")
        assert ends(row(attempts=12), self.verdict, NOW + 3 * DAY)[0] == "retry"

    def test_not_after_a_handful_of_attempts(self) -> None:
        assert ends(row(attempts=9), self.verdict, NOW + 30 * DAY)[0] == "retry"

    def test_time_in_which_the_account_was_shut_does_not_count(self) -> None:
        assert ends(row(attempts=12), self.verdict, NOW + 4 * DAY, blocked=2 * DAY)[0] == "retry"

    def test_what_may_have_arrived_does_not_make_room_for_another_copy(self) -> None:
        assert ends(row(attempts=12, reason=MAYBE + "x"), self.verdict, NOW + 4 * DAY)[0] == "unknown"

    def test_later_gives_up_too_but_stopped_never(self) -> None:
        assert ends(row(attempts=12), Verdict("later", "too fresh"), NOW + 4 * DAY)[0] == "refused"
        assert ends(row(attempts=12), Verdict("stopped", "token"), NOW + 400 * DAY)[0] == "stopped"


class TestOrphaned:
    def test_sent_again_where_the_vendor_drops_a_second_copy(self) -> None:
        found = outcomes.orphaned(row(), NOW)
        assert (found.outcome, found.due, found.orphaned) == ("retry", NOW, True)
        assert found.reason.startswith(MAYBE)

    def test_unknown_where_it_does_not(self) -> None:
        found = outcomes.orphaned(row(repeat=False), NOW)
        assert (found.outcome, found.orphaned) == ("unknown", True)

    def test_unknown_after_48_hours(self) -> None:
        assert outcomes.orphaned(row(first=NOW - 48 * HOUR), NOW).outcome == "unknown"

    def test_the_third_death_is_the_last(self) -> None:
        assert outcomes.orphaned(row(orphaned=1), NOW).outcome == "retry"
        found = outcomes.orphaned(row(orphaned=2), NOW)
        assert found.outcome == "unknown"
        assert "3 processes died" in found.reason


class TestAge:
    def test_older_than_the_vendor_takes_is_expired(self) -> None:
        found = outcomes.overdue(row(), 7 * DAY, NOW + 7 * DAY + 1)
        assert found is not None
        assert (found.outcome, found.reason) == ("expired", "older than the vendor takes (7 days)")
        assert outcomes.overdue(row(), 7 * DAY, NOW + 7 * DAY) is None
        assert outcomes.overdue(row(), None, NOW + 700 * DAY) is None

    def test_what_may_have_arrived_is_unknown_instead(self) -> None:
        found = outcomes.overdue(row(reason=MAYBE + "x", first=NOW + DAY), DAY, NOW + DAY + 1)
        assert found is not None and found.outcome == "unknown"


def test_a_released_call_waits_as_before() -> None:
    found = outcomes.released(row(reason=MAYBE + "x"), NOW)
    assert (found.outcome, found.due, found.reason) == ("retry", NOW, MAYBE + "x")
    assert not outcomes.released(row(), NOW).reason.startswith(MAYBE)


class TestWaiting:
    def test_the_bound_doubles_up_to_an_hour(self) -> None:
        for attempts, bound in [(1, 1), (2, 2), (5, 16), (12, 2048), (13, 3600), (1000, 3600)]:
            waits = [outcomes.backoff(attempts) for _ in range(400)]
            assert all(0 <= wait <= bound for wait in waits)
            assert max(waits) > 0.9 * bound  # misses once in 10^18
            assert min(waits) < 0.1 * bound

    def test_the_vendors_wish_is_the_least(self) -> None:
        assert outcomes.wait([row()], Verdict("retry", retry_after=100)) == 100

    def test_a_batch_waits_as_one_for_its_most_tried_call(self) -> None:
        rows = [row(), replace(row(attempts=13), id=2)]
        assert max(outcomes.wait(rows, Verdict("retry")) for _ in range(100)) > 60

    def test_later_is_hours(self) -> None:
        assert 6 * HOUR <= outcomes.wait([row()], Verdict("later")) <= 7.5 * HOUR

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("120", 120),
            (" 5 ", 5),
            ("0", 0),
            ("Fri, 15 Jan 2027 08:01:00 GMT", 60),
            ("Fri, 15 Jan 2027 07:59:00 GMT", 0),
            ("99999999999", DAY),
            ("Fri, 15 Jan 2099 08:00:00 GMT", DAY),
            ("soon", 0),
            ("-5", 0),
            ("1.5", 0),
            ("²", 0),
            ("9" * 5000, 0),
            ("", 0),
        ],
    )
    def test_retry_after(self, header: str, seconds: float) -> None:
        assert outcomes.retry_after({"retry-after": header}, NOW) == seconds
        assert outcomes.retry_after({}, NOW) == 0


class TestScrubbing:
    @pytest.mark.parametrize(
        "personal",
        ["john.smith@example.com", "john%40example.com", "john\\u0040example.com", "+49 170 1234567", "+16505551212",
         "203.0.113.7", "2001:db8:85a3::8a2e:370:7334"],
    )  # fmt: skip
    @pytest.mark.parametrize("around", ["bad value '{}' here", '{{"em":"{}"}}', "value={}&x=1", "<b>{}</b>"])
    def test_personal_data_goes(self, personal: str, around: str) -> None:
        found = outcomes.scrub(around.format(personal), ())
        assert found == around.format("***")

    def test_what_helps_stays(self) -> None:
        text = '400 {"error":{"code":100,"error_subcode":2804009,"message":"ID \'1234567890123456\' at 10:00:00"}}'
        assert outcomes.scrub(text, ()) == text

    def test_secrets_go_in_every_form(self) -> None:
        text = "token EAAB/x+y== and EAAB%2Fx%2By%3D%3D and ab"
        assert outcomes.scrub(text, {"EAAB/x+y==", "ab", ""}) == "token *** and *** and ab"

    def test_a_secret_within_another_leaves_no_rest(self) -> None:
        assert outcomes.scrub("abcdefgh", {"abcd", "abcdefgh"}) == "***"

    def test_one_line_and_not_too_long(self) -> None:
        assert outcomes.scrub("a\n  b\tc", ()) == "a b c"
        assert len(outcomes.scrub("x" * 100_000, ())) == 500


class TestPlainRules:
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [(200, "accepted"), (204, "accepted"), (429, "retry"), (503, "retry"), (302, "refused"), (401, "refused")],
    )
    def test_http_alone_decides(self, status: int, outcome: str) -> None:
        assert PlainRules().judge(status, {}, "text", 1)[0] == outcome
