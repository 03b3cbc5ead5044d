"""Warnings about conversions: each with its place, and none over the starter."""

from __future__ import annotations

import pytest
from copies import CONVERSIONS, documents

from container.dedup import compile_kinds
from container.language.expression import Context
from container.problems import Problems
from container.variables import BUILT_IN


def told(conversions: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each problem."""
    problems = Problems()
    context = Context(problems=problems, variables=frozenset(BUILT_IN))
    compile_kinds(documents("conversions", conversions), context)
    assert not problems.errors, list(problems)
    return [(found.code, found.line, found.column) for found in problems]


def test_nothing_is_said_of_the_starters() -> None:
    assert told(CONVERSIONS) == []


@pytest.mark.parametrize(
    ("conversions", "code"),
    [
        ("purchase: {events: [purchase], key: client_id}", ("customer-as-name", 1, 37)),
        ("lead: {events: [lead], links: [event_id, email]}", ("customer-as-name", 1, 42)),
        ("lead: {events: [lead], links: [{all: [click_id]}]}", ("customer-as-name", 1, 39)),
        ("lead: {events: [l], links: [event_id], hints: {any: [session_id], within: 1h}}", ("shared-session", 1, 54)),
        ("lead: {events: [lead]}", ("nothing-connects", 1, 7)),
        ("purchase: {events: [purchase], links: [event_id]}", ("no-key", 1, 11)),
        ("p: {events: [p], key: transaction_id, hints: {any: [email], within: 1h}}", ("nothing-agrees", 1, 23)),
    ],
)
def test_what_is_probably_not_meant(conversions: str, code: tuple[str, int, int]) -> None:
    assert told(conversions) == [code]


@pytest.mark.parametrize(
    "conversions",
    [
        "add: {events: [add], links: [event_id, {all: [client_id, item_id]}]}",
        "lead: {events: [lead], links: [event_id], hints: {any: [email, {all: [client_id, session_id]}], within: 1h}}",
        "refund: {events: [refund], key: refund_id}",
    ],
)
def test_what_is_well_meant(conversions: str) -> None:
    assert told(conversions) == []
