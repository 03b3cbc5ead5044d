"""Tokens and their comparison; schemes of signing are in `webhook/test_schemes.py`."""

from __future__ import annotations

import pytest

from container.clients.signatures import bearer, same


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("abc", ""), ("", ""), ("Bearer", "")],
)
def test_bearer(header: str, token: str) -> None:
    assert bearer(header) == token


def test_same() -> None:
    assert same("ä", "ä")
    assert same("\ud800", "\ud800")
    assert not same("a", "b")
