"""Every template of the gallery: it loads, its own tests pass, and its page is written from it."""

from __future__ import annotations

import pytest
import vendor_page
from gallery import GALLERY, template

from container.clients.common import add_page
from container.problems import Problems
from container.templates import run_tests

TEMPLATES = sorted(path.stem for path in GALLERY.glob("*.yaml"))


@pytest.mark.parametrize("id", TEMPLATES)
def test_nothing_raw_can_land_anywhere(id: str) -> None:
    problems = Problems()
    template(id).prove_alone(problems)
    assert [problem.message for problem in problems] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_its_own_tests_pass(id: str) -> None:
    results = run_tests(template(id), add_page)
    assert len(results) > 3
    assert [f"{result.name}: {result.message}" for result in results if not result.passed] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_every_parameter_is_described(id: str) -> None:
    assert [name for name, parameter in template(id).params.items() if not parameter.description] == []


@pytest.mark.parametrize("id", TEMPLATES)
def test_its_page_is_written_from_it(id: str) -> None:
    assert vendor_page.page(id) == vendor_page.path(id).read_text(), "run: python tests/support/vendor_page.py"


def test_there_are_no_pages_of_other_templates() -> None:
    assert sorted(path.stem for path in vendor_page.PAGES.glob("*.md")) == TEMPLATES


@pytest.mark.parametrize("id", TEMPLATES)
def test_it_says_what_its_vendors_codes_mean(id: str) -> None:
    assert template(id).advice.of("503 anything")


@pytest.mark.parametrize("id", sorted(set(TEMPLATES) - {"http_request", "ga4_collect"}))
def test_it_has_a_contract_with_its_hashed_places(id: str) -> None:
    found = template(id)
    assert found.contract is not None
    assert found.contract.marks_below(())


@pytest.mark.parametrize("id", TEMPLATES)
def test_what_a_firing_is_unique_by_begins_with_the_account(id: str) -> None:
    found = template(id)
    account = next(iter(found.params))
    assert found.target.tree.parts[0].text == f"params.{account}"  # type: ignore[union-attr]
    assert found.params[account].required and found.params[account].type == "string"
