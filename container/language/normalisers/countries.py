"""Countries: a code of two or three letters, or a name, as the two letters of ISO 3166-1."""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from container.language.normalisers.base import Case, of_text, plain

_LONGEST = 60  # characters of a country's name
_REMEMBERED = 512
_NAMES = ("name", "common_name", "official_name")
_LANGUAGES = (
    *("de", "fr", "es", "it", "pt", "pt_BR", "nl", "pl", "cs", "sk", "hu", "ro", "bg", "hr", "sl", "sr", "da", "sv"),
    *("nb_NO", "fi", "is", "et", "lv", "lt", "el", "tr", "ga", "ru", "uk", "ar", "he", "ja", "ko", "zh_CN", "zh_TW"),
    *("th", "vi", "id", "ca"),
)
# What people write and no list has. Without blanks, signs and accents.
_ALSO = {
    "uae": "ae", "bonaire": "bq", "cocos": "cc", "drcongo": "cd", "democraticrepublicofthecongo": "cd",
    "ivorycoast": "ci", "capeverde": "cv", "falklandislands": "fk", "uk": "gb", "greatbritain": "gb", "britain": "gb",
    "england": "gb", "scotland": "gb", "wales": "gb", "northernireland": "gb", "el": "gr", "korea": "kr",
    "republicofkorea": "kr", "letzebuerg": "lu", "saintmartin": "mf", "macedonia": "mk", "palestine": "ps",
    "россия": "ru", "sainthelena": "sh", "slovenskarepublika": "sk", "sintmaarten": "sx", "easttimor": "tl",
    "turkey": "tr", "台灣": "tw", "america": "us", "holysee": "va", "vatican": "va", "vaticancity": "va",
    "usvirginislands": "vi",
}  # fmt: skip


def country_code(text: str) -> str | None:
    """`de` of `DE`, `DEU`, `Germany`, `Deutschland`; None for what is no country."""
    return _code_of(text) if len(text) <= _LONGEST else None


def prepare() -> None:
    """Read now what the first country would wait for: a fifth of a second."""
    _ = [_codes(), _english(), _translated()]


@lru_cache(_REMEMBERED)
def _code_of(text: str) -> str | None:
    code = _codes().get("".join(text.lower().replace(".", "").split()))  # U.S.A., but not n/a
    name = _letters(text)
    return code or _named(name) or _named(name.removeprefix("the")) or None


def _named(name: str) -> str | None:
    return _ALSO.get(name) or _english().get(name) or _translated().get(name)


def _letters(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if sign.isalpha())


@cache
def _codes() -> Mapping[str, str]:
    """ISO 3166-1: two and three letters."""
    found = {country["alpha_3"].lower(): country["alpha_2"].lower() for country in _countries()}
    return {**found, **{code: code for code in found.values()}}


@cache
def _english() -> Mapping[str, str]:
    return {_letters(name): code for code, name in _english_names()}


@cache
def _translated() -> Mapping[str, str]:
    """Names in other languages; one that means two countries in two of them means none."""
    from pycountry import LOCALES_DIR

    found: dict[str, str] = {}
    for language in _LANGUAGES:
        told = gettext.translation("iso3166-1", LOCALES_DIR, [language])
        for code, name in _english_names():
            translated = _letters(told.gettext(name))
            if found.setdefault(translated, code) != code:
                found[translated] = ""
    return found


def _english_names() -> Iterator[tuple[str, str]]:
    for country in _countries():
        for kind in _NAMES:
            if kind in country:
                yield country["alpha_2"].lower(), country[kind]


def _countries() -> list[dict[str, str]]:
    """ISO 3166-1 as pycountry has it."""
    import pycountry

    return [dict(country) for country in pycountry.countries]


def _code(text: str) -> str | None:
    found = country_code(text)
    return found and found.upper()


NORMALISERS = (
    plain(
        "country_code",
        "the two capitals of a country (ISO 3166-1), from these, its three letters or its name",
        of_text(_code),
        Case("", " de ", "DE"),
        Case("", "DEU", "DE"),
        Case("", "United States", "US"),
        Case("", "UK", "GB"),
        Case("", "Türkiye", "TR"),
        Case("", "The Netherlands", "NL"),
        Case("", "Deutschland", "DE"),
        Case("", "Atlantis", None),
    ),
)
