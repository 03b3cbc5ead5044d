"""Every normaliser: its own cases, lists, and inputs made to be slow."""

from __future__ import annotations

import time
from typing import Any

import pytest
from speaking import value

from container.language.expression import Scope
from container.language.normalisers import NORMALISERS
from container.language.normalisers.base import Case, Normaliser

TABLES = {"event_names": {"purchase": "Purchase"}}


def call(normaliser: Normaliser, args: str) -> str:
    return f"{normaliser.name}({args})" if args else normaliser.name


def apply(normaliser: Normaliser, args: str, given: Any) -> Any:
    over = Scope(event={"given": given})
    return value(f"event.given | {call(normaliser, args)}", over=over, tables=TABLES)


def every_case() -> list[Any]:
    return [
        pytest.param(normaliser, case, id=f"{call(normaliser, case.args)}-{number}")
        for normaliser in NORMALISERS.values()
        for number, case in enumerate(normaliser.cases)
    ]


@pytest.mark.parametrize(("normaliser", "case"), every_case())
def test_case(normaliser: Normaliser, case: Case) -> None:
    found = apply(normaliser, case.args, case.input)
    assert found == case.output
    assert found.__class__ is case.output.__class__


def test_the_names_of_the_language_are_all_there() -> None:
    wanted = (
        "hashed text number integer boolean lower upper trim money minor from_minor seconds milliseconds rfc3339 "
        "lookup url query_param host without only first last slice split join replace find count sum sha256 base64 "
        "json strip_prefix ga4_hit default_region"
    )
    assert set(wanted.split()) <= set(NORMALISERS)


@pytest.mark.parametrize("name", NORMALISERS)
def test_what_a_normaliser_says_of_itself(name: str) -> None:
    normaliser = NORMALISERS[name]
    assert normaliser.name == name
    assert normaliser.help
    assert not normaliser.help.endswith(".")
    assert any(case.output is not None for case in normaliser.cases)


@pytest.mark.parametrize("name", NORMALISERS)
def test_absent_stays_absent(name: str) -> None:
    normaliser = NORMALISERS[name]
    args = normaliser.cases[0].args
    nothings: tuple[Any, ...] = (None, "", [], {})
    for absent in nothings:
        found = apply(normaliser, args, absent)
        assert not found or name == "ga4_hit", (absent, found)


SLOW = [
    "a" * 200_000,
    "a" * 100_000 + "@",
    "@" * 100_000,
    "a@" * 50_000,
    "a." * 50_000 + "@",
    "eyJ" * 60_000,
    "%25" * 60_000,
    "?" + "a=b&" * 40_000,
    "/" * 100_000,
    "1" * 200_000,
    "1," * 50_000,
    "+" * 100_000,
    " " * 100_000 + "x",
    "\ud800" * 1000,
    "https://" + "[" * 50_000,
]


@pytest.mark.parametrize("name", NORMALISERS)
def test_no_input_is_slow(name: str) -> None:
    normaliser = NORMALISERS[name]
    for case in {case.args: case for case in normaliser.cases}.values():
        for text in SLOW:
            started = time.thread_time()  # of this thread alone: a busy machine is no slow normaliser
            apply(normaliser, case.args, text)
            apply(normaliser, case.args, {"page_location": text, "items": [{"price": text}]})
            assert time.thread_time() - started < 1, text[:10]
