"""What an attempt means for each of its calls: sent for good, tried again, kept as a failure.

The vendor's answer is judged by the template's rules; what the vendor did not answer is judged here.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from container.call import Rate
from container.ledger.interface import Row, Settlement

BACKOFF_BASE = 1.0  # seconds: the first retry comes within one, then within two, four …
BACKOFF_MOST = 3600.0  # seconds
RETRY_AFTER_MOST = 86400.0  # a vendor may ask for a day, not for a year
LATER = 6 * 3600.0  # seconds: `later`, up to a quarter more
AMBIGUOUS_WINDOW = 48 * 3600.0  # from the first attempt: how long vendors that drop a second copy remember the first
GIVE_UP_AFTER = 3 * 86400.0  # seconds
GIVE_UP_ATTEMPTS = 10  # at least so many, however much time went by
ORPHANED_MOST = 3  # processes that died while sending the same call
ALONE_AFTER = 5  # attempts, after which a call is joined with no other: it may be what spoils the batch
AMBIGUOUS_BATCH = 50  # calls in one request whose loss is `unknown` for all of them
REASON_LENGTH = 500  # characters

AMBIGUOUS = "ambiguous"  # of a `Verdict` only: the request may have arrived, and nobody knows
MAYBE = "may have arrived: "  # the reason of a waiting call that had such an attempt


class Rules(Protocol):
    """What delivery must know of a template."""

    @property
    def most(self) -> int: ...  # calls in one request; 1: never joined
    @property
    def split_on_refusal(self) -> bool: ...
    @property
    def rate(self) -> Rate | None: ...  # None: the vendor names none
    @property
    def shortest(self) -> float: ...  # seconds: no call that is younger is past its `limit`
    def limit(self, item: bytes) -> float | None:
        """Seconds after which the vendor takes this call no longer; None: it names no limit."""
        ...

    def judge(self, status: int, headers: Mapping[str, str], text: str, count: int) -> tuple[str, str]:
        """Outcome (delivered | accepted | retry | later | refused | stop) and reason of a vendor's answer."""
        ...


class PlainRules:
    """For calls whose template is gone: plain HTTP, one by one."""

    most = 1
    split_on_refusal = False
    rate = None
    shortest = math.inf

    def limit(self, item: bytes) -> float | None:
        """Nothing is known of one."""
        return None

    def judge(self, status: int, headers: Mapping[str, str], text: str, count: int) -> tuple[str, str]:
        """2xx says nothing more than that it was taken; 429 and 5xx ask for another try."""
        if 200 <= status < 300:
            return "accepted", ""
        reason = f"{status} {text}".strip()
        return ("retry", reason) if status == 429 or status >= 500 else ("refused", reason)


@dataclass(slots=True)
class Verdict:
    """How one vendor request ended. `took` and `retry_after` in seconds; `outage`: nobody there, or overwhelmed."""

    outcome: str
    reason: str = ""
    status: int | None = None
    took: float = 0.0
    retry_after: float = 0.0
    outage: bool = False


def settled(row: Row, verdict: Verdict, now: float, due: float, give_up_after: float, blocked: float) -> Settlement:
    """What becomes of one call after this verdict.

    `due`: when the next attempt may be made. `blocked`: seconds since the first attempt in which the account was
    stopped or its circuit open; they do not count towards `give_up_after`.
    """
    outcome, reason = verdict.outcome, verdict.reason
    uncertain = maybe_arrived(row)
    if outcome == AMBIGUOUS:
        uncertain = True
        outcome = "retry" if may_repeat(row, now) else "unknown"
    if outcome in ("retry", "later") and _time_is_over(row, now - blocked, give_up_after):
        outcome, reason = "refused", f"gave up after {row.attempts} attempts, the last: {reason}"
        if uncertain:  # a refused call gives its place to the next copy: not where the vendor may have this one
            outcome = "unknown"
    if outcome in ("retry", "later", "stopped") and uncertain:
        reason = MAYBE + reason.removeprefix(MAYBE)
    return Settlement(row, outcome, reason[:REASON_LENGTH], now, due, verdict.status, verdict.took)


def released(row: Row, now: float) -> Settlement:
    """A call that was marked as being sent and was not: it waits as before."""
    reason = row.reason if maybe_arrived(row) else "not sent yet: the process ended, or the account was stopped"
    return Settlement(row, "retry", reason, now, due=now)


def orphaned(row: Row, now: float) -> Settlement:
    """What becomes of a call whose process died while sending it: nobody knows whether it arrived."""
    if row.orphaned + 1 >= ORPHANED_MOST:
        reason = f"{ORPHANED_MOST} processes died while sending this call; it may have arrived"
        return Settlement(row, "unknown", reason, now, orphaned=True)
    if may_repeat(row, now):
        return Settlement(row, "retry", MAYBE + "the process died while sending", now, due=now, orphaned=True)
    return Settlement(row, "unknown", "the process died while sending; it may have arrived", now, orphaned=True)


def may_repeat(row: Row, now: float) -> bool:
    """Whether a call that may have arrived can be sent again without being counted twice."""
    started = row.first_attempt if row.first_attempt is not None else now
    return row.call.retry_ambiguous and now - started < AMBIGUOUS_WINDOW


def maybe_arrived(row: Row) -> bool:
    """Whether an earlier attempt at this call may have reached the vendor."""
    return row.first_attempt is not None and (row.orphaned > 0 or row.reason.startswith(MAYBE))


def overdue(row: Row, age: float | None, now: float) -> Settlement | None:
    """The end of a call that may no longer be sent: too old for the vendor, or for its memory of the first copy."""
    if maybe_arrived(row) and not may_repeat(row, now):
        return Settlement(row, "unknown", "it may have arrived, and the vendor no longer knows a second copy", now)
    if age is None or now - row.call.timestamp <= age:
        return None
    if maybe_arrived(row):
        return Settlement(row, "unknown", "it may have arrived, and is now older than the vendor takes", now)
    return Settlement(row, "expired", f"older than the vendor takes ({_span(age)})", now)


def _time_is_over(row: Row, now: float, give_up_after: float) -> bool:
    started = row.first_attempt if row.first_attempt is not None else now
    return row.attempts >= GIVE_UP_ATTEMPTS and now - started > give_up_after


def _span(seconds: float) -> str:
    return f"{seconds / 86400:g} days" if seconds >= 86400 else f"{seconds / 3600:g} hours"


def wait(rows: Sequence[Row], verdict: Verdict) -> float:
    """Seconds until the next attempt: full jitter, never less than the vendor asked for. One for a whole batch, so
    that it can be joined again."""
    if verdict.outcome == "later":
        return max(LATER * random.uniform(1, 1.25), verdict.retry_after)
    return max(backoff(max(row.attempts for row in rows)), verdict.retry_after)


def backoff(attempts: int, base: float = BACKOFF_BASE, most: float = BACKOFF_MOST) -> float:
    """Seconds to wait after so many attempts: anything up to the doubled bound ("full jitter")."""
    return random.uniform(0, min(most, base * 2 ** min(attempts - 1, 30)))


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """What the answer's `Retry-After` asks for, in seconds from now; 0 without one that can be read."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return 0.0
    if text.isascii() and text.isdigit() and len(text) < 12:
        return min(float(text), RETRY_AFTER_MOST)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return min(max(0.0, at.timestamp() - now), RETRY_AFTER_MOST)


_PERSONAL = re.compile(
    r"""[^\s"'<>:=,;(){}\[\]\\&?/]+(?:@|%40|\\u0040)[^\s"'<>:=,;(){}\[\]\\&?/]+"""  # an e-mail address
    r"|\+\d[\d ().-]{6,18}\d"  # a phone number
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"  # IPv4
    r"|\b(?:[0-9a-f]{1,4}:){3,}:?[0-9a-f:]*",  # IPv6
    re.IGNORECASE,
)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """A vendor's words as they may be kept: on one line, cut, without secrets, addresses and numbers of people."""
    for secret in sorted(secrets, key=len, reverse=True) if text else ():
        for form in _forms(secret):
            text = text.replace(form, "***") if len(form) > 3 else text
    return _PERSONAL.sub("***", " ".join(text[: 4 * REASON_LENGTH].split()))[:REASON_LENGTH]


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as it stands in a URL."""
    return tuple({secret, quote(secret, safe="")})
