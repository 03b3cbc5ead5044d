"""gcs and gcd: every printed vector, and what happens where they say nothing or disagree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from container.clients.google_consent import LETTERS, read_gcd, read_gcs, stated

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "clients" / "consent.json").read_text())


def as_stated(vector: dict[str, str | None]) -> dict[str, bool]:
    return {name: value == "granted" for name, value in vector.items() if value is not None}


@pytest.mark.parametrize("gcs", VECTORS["gcs"])
def test_gcs(gcs: str) -> None:
    assert read_gcs(gcs) == as_stated(VECTORS["gcs"][gcs])


@pytest.mark.parametrize("gcd", VECTORS["gcd"])
def test_gcd(gcd: str) -> None:
    assert read_gcd(gcd) == as_stated(VECTORS["gcd"][gcd])


@pytest.mark.parametrize("letter", VECTORS["gcd_letters"])
def test_letters_are_what_their_meaning_says(letter: str) -> None:
    default, update = VECTORS["gcd_letters"][letter].split(", ")
    word = update if update != "no update" else default
    expected = {"granted": True, "denied": False}.get(word.split()[-1])
    assert LETTERS[letter] is expected


def test_all_letters_have_a_vector() -> None:
    assert set(LETTERS) == set(VECTORS["gcd_letters"])


@pytest.mark.parametrize(
    ("gcs", "gcd", "expected"),
    [
        ("", "", {}),
        ("", "13l3l3l3l1l1", {}),
        ("G1--", "13l3l3R3l5l1", {}),
        ("G111", "13l3l3l3l1l1", {"ad_storage": True, "analytics_storage": True}),
        ("G101", "13R3Z3r3r5", {"ad_storage": False, "analytics_storage": True, "ad_user_data": True,
                                "ad_personalization": True}),
        ("G110", "", {"ad_storage": True, "analytics_storage": False, "ad_user_data": True,
                      "ad_personalization": True}),
        ("G1-1", "", {"analytics_storage": True}),
        ("G100", "13r3r3r3r5", {"ad_storage": False, "analytics_storage": False, "ad_user_data": True,
                                "ad_personalization": True}),
        ("G111", "13p3p3p3p5", {"ad_storage": False, "analytics_storage": False, "ad_user_data": False,
                                "ad_personalization": False}),
        ("G1", "13", {}),
        ("G1111", "x3r3r3r3r", {}),
        ("G1xx", "13r", {"ad_storage": True}),
    ],
)  # fmt: skip
def test_both_together(gcs: str, gcd: str, expected: dict[str, bool]) -> None:
    assert stated(gcs, gcd) == expected
