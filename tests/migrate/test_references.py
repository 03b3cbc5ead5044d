"""GTM's texts as texts with expressions; each kind of reference has a case under `migrations/`."""

from __future__ import annotations

import pytest
from speaking import value

from container.migrate.references import NAMES, SERVER_BUILT_IN, path, quoted


@pytest.mark.parametrize(
    ("keys", "written"),
    [(["value"], "event.value"), (["a", "e mail"], "event.a['e mail']"), (["x-ga-gcs"], "event.x-ga-gcs")],
)
def test_a_path_can_be_read_again(keys: list[str], written: str) -> None:
    assert path("event", keys) == written
    data: object = 7
    for key in reversed(keys):
        data = {key: data}
    assert value(path("event", keys), data) == 7  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["plain", 'a "b"', "it's", ""])
def test_a_text_in_quotes_can_be_read_again(text: str) -> None:
    assert value(quoted(text)) == text


def test_of_both_kinds_of_quotes_one_is_left() -> None:
    assert value(quoted("it's \"b\"")) == "it's 'b'"


@pytest.mark.parametrize("kind", SERVER_BUILT_IN)
def test_every_built_in_variable_is_an_expression_of_the_language(kind: str) -> None:
    value(SERVER_BUILT_IN[kind])


def test_every_name_of_gtm_is_a_kind_that_is_known() -> None:
    assert set(NAMES.values()) <= set(SERVER_BUILT_IN)
