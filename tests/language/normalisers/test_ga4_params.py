"""What else an event tells, as the Measurement Protocol takes it."""

from __future__ import annotations

import pytest
from speaking import problem, value


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("plan", True),
        ("Plan_2", True),
        ("a" * 40, True),
        ("a" * 41, False),
        ("2nd", False),
        ("_plan", False),
        ("ga_plan", False),
        ("google_plan", False),
        ("firebase_x", False),
        ("plan-x", False),
        ("gclid", False),
        ("user_agent", False),
        ("email", False),
        ("session_token", False),
    ],
)
def test_names_that_google_takes(name: str, taken: bool) -> None:
    assert value("event | ga4_params(20)", {name: "v"}) == ({name: "v"} if taken else {})


def test_values_that_google_takes() -> None:
    event = {"a": "x" * 150, "b": "mary@example.com", "c": [1], "d": {"e": 1}, "f": False, "g": 0, "h": "", "i": None}
    assert value("event | ga4_params(20)", event) == {"a": "x" * 100, "f": "false", "g": 0}


def test_an_event_of_very_many_names_is_cut_too() -> None:
    assert value("event | ga4_params(2)", {f"n{n}": n for n in range(500)}) == {"n0": 0, "n1": 1}


@pytest.mark.parametrize("most", ["0", "true", "'20'"])
def test_how_many_it_may_be_is_a_number(most: str) -> None:
    assert "ga4_params(20)" in problem(f"event | ga4_params({most})").message
