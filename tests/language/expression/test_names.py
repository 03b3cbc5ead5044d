"""The names of the language, and what GTM calls them."""

from __future__ import annotations

import pytest
from speaking import problem

from container.language.expression.names import is_reserved


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Event Name", "event.event_name"),
        ("Client Name", "request.client_name"),
        ("Page URL", "event.page_location"),
        ("Page Hostname", "event.page_hostname"),
        ("Visitor Region", "request.geo.region"),
        ("Random Number", "random"),
        ("Container ID", "container.id"),
        ("market", "var.market"),
        ("Market", "var.market"),
        ("LT - My Market", "var.my-market"),
        ("page_location", "event.page_location"),
        ("gclid", "event.gclid"),
        ("ed - event_id", "event.event_id"),
        ("Event Data - Brand Name", "event.brand_name"),
    ],
)
def test_names_as_in_gtm(text: str, hint: str) -> None:
    found = problem(text, variables={"market", "my-market"})
    assert found.hint == f"write `{hint}`"


@pytest.mark.parametrize("text", ["Pixel ID", "Meta - Pixel ID", " Pixel  ID "])
def test_a_variable_of_gtm_that_is_not_defined_here(text: str) -> None:
    found = problem(text, variables={"market"})
    name = "meta_pixel_id" if "Meta" in text else "pixel_id"
    assert (found.code, f"is written `var.{name}` here" in found.hint) == ("bad-expression", True)
    assert f"`{name}: …` under `variables:` in container.yaml" in found.hint


@pytest.mark.parametrize("text", ["now plus", "event value", "not value x", "item size"])
def test_what_begins_as_an_expression_is_no_name_of_gtm(text: str) -> None:
    assert "GTM" not in problem(text, variables=set(), locals=frozenset({"item"})).hint


def test_a_variable_that_is_not_defined_says_where_to_write_it() -> None:
    assert "`pixel: …` under `variables:` in container.yaml" in problem("var.pixel", variables={"market"}).hint


def test_gtm_names_only_where_they_may_stand() -> None:
    assert "event." not in problem("Event Name", roots=frozenset(), locals=frozenset({"status"})).hint



def test_a_name_without_its_end_in_gtm_is_not_searched_for_long() -> None:
    assert problem("Pixel " * 5000).hint == ""


@pytest.mark.parametrize(
    ("name", "reserved"), [("event", True), ("item", True), ("match", True), ("not", True), ("line", False)]
)
def test_names_that_ones_own_would_hide(name: str, reserved: bool) -> None:
    assert is_reserved(name) is reserved
