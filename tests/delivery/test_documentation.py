"""docs/delivery.md names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from container.ledger.rows import ENDED
from container.schemes import SCHEMES

PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text()


@pytest.mark.parametrize("outcome", ["delivered", "accepted", "retry", "later", *ENDED])
def test_every_outcome_has_a_row(outcome: str) -> None:
    assert re.search(rf"^\| `{outcome}` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_auth_scheme_has_a_row_with_all_its_values(scheme: str) -> None:
    row = re.search(rf"^\| `{scheme}` \|.*$", PAGE, re.MULTILINE)
    assert row
    for name in (*SCHEMES[scheme].required, *SCHEMES[scheme].optional):
        assert f"`{name}`" in row[0]


@pytest.mark.parametrize("word", [word for words in SCHEMES["hmac"].choices.values() for word in words])
def test_every_algorithm_and_encoding_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE
