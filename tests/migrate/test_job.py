"""Circles of variables, and ids for many objects of one name."""

from __future__ import annotations

import time

import pytest

from container.migrate.job import _circles
from container.migrate.names import Names, slug


@pytest.mark.parametrize(
    ("reads", "circles"),
    [
        ({"A": ["B"], "B": []}, {}),
        ({"A": ["A"]}, {"A": ["A", "A"]}),
        ({"A": ["B"], "B": ["A"]}, {"A": ["A", "B", "A"]}),
        ({"A": ["B"], "B": ["C"], "C": ["B", "gone"]}, {"B": ["B", "C", "B"]}),
        ({"A": ["B", "C"], "B": ["D"], "C": ["D"], "D": []}, {}),
        ({"A": ["B"], "B": ["A", "B"]}, {"A": ["A", "B", "A"], "B": ["B", "B"]}),
    ],
)
def test_circles(reads: dict[str, list[str]], circles: dict[str, list[str]]) -> None:
    assert _circles(reads) == circles


def test_many_are_quick() -> None:
    started = time.process_time()
    chain = {f"V{number}": [f"V{number + 1}"] for number in range(20_000)}
    assert _circles({**chain, "V20000": ["V0"]}) != {}
    names = Names("variable")
    given = [names.give("Same") for _ in range(20_000)]
    assert len(set(given)) == 20_000
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ed - Event Name (GA4)", "ed_event_name_ga4"),
        ("../../x", "x"),
        ("🎉", ""),
        ("Größe Ø", "grosse_o"),
        ("eventData", "event_data"),
    ],
)
def test_slug(name: str, found: str) -> None:
    assert slug(name) == found
