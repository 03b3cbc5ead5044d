"""Every template of the gallery: it loads, its own tests pass, and its page says what it takes."""

from __future__ import annotations

import pytest
from gallery import GALLERY, ROOT, template

from container.clients.common import add_page
from container.templates import run_tests

TEMPLATES = sorted(path.stem for path in GALLERY.glob("*.yaml"))


@pytest.mark.parametrize("id", TEMPLATES)
def test_its_own_tests_pass(id: str) -> None:
    results = run_tests(template(id), add_page)
    assert len(results) > 3
    assert [f"{result.name}: {result.message}" for result in results if not result.passed] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_every_parameter_is_described(id: str) -> None:
    assert [name for name, parameter in template(id).params.items() if not parameter.description] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_it_has_a_page_that_names_its_events_and_fields(id: str) -> None:
    page = (ROOT / "docs" / "vendors" / f"{id}.md").read_text()
    assert [name for name in template(id).params if f"`{name}`" not in page] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_what_a_firing_is_unique_by_begins_with_the_account(id: str) -> None:
    found = template(id)
    account = next(iter(found.params))
    assert found.target.tree.parts[0].text == f"params.{account}"  # type: ignore[union-attr]
    assert found.params[account].required and found.params[account].type == "string"
