"""Countries are known by their codes and by the names that people write in a form."""

from __future__ import annotations

import phonenumbers
import pytest

from container.language.normalisers import NORMALISERS
from container.language.normalisers.countries import country_code


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("DE", "de"), ("deu", "de"), (" us ", "us"), ("GBR", "gb"), ("U.S.A.", "us"), ("U S ", "us"), ("el", "gr"),
        ("Germany", "de"), ("Deutschland", "de"), ("Allemagne", "de"), ("Niemcy", "de"), ("Германия", "de"),
        ("United States", "us"), ("United States of America", "us"), ("America", "us"), ("Estados Unidos", "us"),
        ("UK", "gb"), ("Great Britain", "gb"), ("England", "gb"), ("Vereinigtes Königreich", "gb"),
        ("The Netherlands", "nl"), ("Holland", "nl"), ("Nederland", "nl"), ("Pays-Bas", "nl"),
        ("Türkiye", "tr"), ("Turkey", "tr"), ("Россия", "ru"), ("Russian Federation", "ru"), ("South Korea", "kr"),
        ("日本", "jp"), ("台灣", "tw"), ("مصر", "eg"), ("ישראל", "il"), ("Ελλάδα", "gr"), ("Österreich", "at"),
        ("Côte d'Ivoire", "ci"), ("Ivory Coast", "ci"), ("Czech Republic", "cz"), ("Česko", "cz"), ("Slovensko", "sk"),
        ("Slovenská republika", "sk"), ("Éire", "ie"), ("ÉIRE", "ie"), ("Niger", "ne"), ("Nigeria", "ng"),
    ],
)  # fmt: skip
def test_a_country_by_its_code_or_a_name_people_write(told: str, code: str) -> None:
    assert country_code(told) == code


NOWHERE = ("", "   ", "Atlantis", "XX", "ZZZ", "the", "DEUTSCH", "D" * 61, "12", "n/a", "Slovakiaa")


@pytest.mark.parametrize("told", NOWHERE)
def test_what_is_no_country_is_none(told: str) -> None:
    assert country_code(told) is None


def test_every_code_is_itself_and_every_country_that_has_telephones_is_known() -> None:
    without_iso = {"AC", "TA", "XK"}  # telephone regions of their own
    regions = phonenumbers.SUPPORTED_REGIONS - without_iso
    assert {region: country_code(region) for region in regions} == {region: region.lower() for region in regions}


def test_the_region_of_telephone_numbers_may_be_a_name() -> None:
    of = NORMALISERS["default_region"].function
    assert of(["Germany"])("030 901820") == of(["de"])("030 901820") == "+4930901820"
