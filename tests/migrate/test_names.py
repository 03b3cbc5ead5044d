"""File names and ids that people recognise from GTM."""

from __future__ import annotations

import pytest

from container.migrate.names import LONGEST, Names, slug


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("ed - Event Name (GA4)", "ed_event_name_ga4"),
        ("pageHostname", "page_hostname"),
        ("GA4ClientID", "ga4_clientid"),
        ("Größe – Ø æ", "grosse_o_ae"),
        ("São Paulo", "sao_paulo"),
        ("../../etc/passwd", "etc_passwd"),
        ("x" * 59 + " yz", "x" * 59),
        ("🎉 Привет", ""),
    ],
)
def test_what_is_left_of_a_name(name: str, id: str) -> None:
    assert slug(name) == id
    assert len(slug(name)) <= LONGEST


def test_each_id_is_given_once() -> None:
    names = Names("tag", reserved=("purchase",))
    given = [names.give("Lead"), names.give("lead!"), names.give("LEAD"), names.give("purchase"), names.give("lead 2")]
    assert given == ["lead", "lead_2", "lead_3", "purchase_2", "lead_2_2"]


def test_a_name_without_letters_is_called_by_its_number_and_one_that_begins_with_a_digit_by_its_kind() -> None:
    names = Names("tag")
    assert [names.give("🎉", "17"), names.give("🎉", "17"), names.give("🎉"), names.give("3d lead")] == [
        "tag_17", "tag_17_2", "tag_1", "tag_3d_lead",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["null", "not", "CON", "lpt1"])
def test_words_of_the_language_and_devices_of_windows_are_no_ids(name: str) -> None:
    assert Names("variable").give(name) == f"{name.lower()}_2"
