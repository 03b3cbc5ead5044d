from __future__ import annotations

import re

import pytest

from container.node import Text
from container.problems import Place, Problems
from container.workspace import durations

HERE = Place("container.yaml", 3, 7, 4)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("5s", 5.0),
        ("30s", 30.0),
        ("2m", 120.0),
        ("48h", 172_800.0),
        ("400d", 34_560_000.0),
        ("1w", 604_800.0),
        ("1.5h", 5400.0),
        ("1h 30m", 5400.0),
        ("1h30m", 5400.0),
        ("0s", 0.0),
    ],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    problems = Problems()
    assert durations.seconds(Text(text, HERE), problems) == seconds
    assert not len(problems)
    assert re.search(durations.PATTERN, text)


@pytest.mark.parametrize(
    "text", ["", "5", "s", "5 minutes", "-5s", "1,5h", "5S", "٣s", "1e3s", "5s,", "9" * 90 + "d", "36601d"]
)
def test_what_is_no_duration(text: str) -> None:
    problems = Problems()
    assert durations.seconds(Text(text, HERE), problems) is None
    (problem,) = problems
    assert (problem.code, problem.line, problem.column) == ("bad-duration", 3, 7)
    assert "2m" in problem.hint
