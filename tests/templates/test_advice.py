"""What to do about a vendor's words, by its codes."""

from __future__ import annotations

import pytest

from container.templates.advice import Advice

ADVICE = Advice(
    {
        "190/463": "the token has expired",
        "190": "a new token",
        "8000x": "wait",
        "INVALID_HEX_ENCODING": "hash it",
        "INVALID_ARGUMENT": "mend the event",
        "HTTP 5xx": "the vendor's fault",
    }
)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("400 190/463 Error validating access token", "the token has expired"),
        ("400 190 Invalid OAuth access token", "a new token"),
        ("400 190/467 Invalid", "a new token"),
        ("400 80004 Too many calls", "wait"),
        ("400 INVALID_ARGUMENT/INVALID_HEX_ENCODING A problem", "hash it"),
        ("400 INVALID_ARGUMENT/INVALID_FORMAT A problem", "mend the event"),
        ("502 <html>", "the vendor's fault"),
        ("gave up after 12 attempts, the last: 503 unavailable", "the vendor's fault"),
        ("may have arrived: 400 190 Invalid", "a new token"),
        ("400 100 Invalid parameter", ""),
        ("no answer within 5 s", ""),
        ("", ""),
    ],
)
def test_the_most_precise_code_wins(reason: str, advice: str) -> None:
    assert ADVICE.of(reason) == advice
