"""Normal forms of personal data, as the hash rules know them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from container.language.normalisers import HASH_RULES, hashed, people


@pytest.mark.parametrize(
    ("rule", "given", "normal"),
    [
        ("email", "MARY@EXAMPLE.COM", "mary@example.com"),
        ("email", "@example.com", None),
        ("email", "mary@example", None),
        ("email", "mary@.x", None),
        ("email_gmail", "m.a.r.y@example.com", "m.a.r.y@example.com"),
        ("email_gmail", "...@gmail.com", None),
        ("email_gmail", "+x@gmail.com", None),
        ("email_gmail", "a@b@c.de", None),
        ("email_gmail", "M.ary+1@GoogleMail.com", "mary@googlemail.com"),
        ("name", " Anne  Marie ", "anne  marie"),
        ("name_letters", "Jean-Luc  3rd", "jeanluc rd"),
        ("name_letters", "Étienne", "étienne"),
        ("name_letters", "123", None),
        ("street", "Karl-Marx-Str. 5a", "karlmarxstr 5a"),
        ("city_letters", "São Paulo (SP)", "sãopaulosp"),
        ("city_letters", "L'Aquila", "laquila"),
        ("state", "New York", "ny"),
        ("state", "US-CA", "ca"),
        ("state", "Bayern", "bayern"),
        ("state", "Washington D.C.", "dc"),
        ("zip", "SW1A 1AA", "sw1a1aa"),
        ("zip", 10115, "10115"),
        ("zip", "94025 1234", "94025"),
        ("zip", "01310-100", "01310"),
        ("zip_us", "940251234", "94025"),
        ("zip_us", "01310-100", "01310100"),
        ("zip_us", "M1 1AE", "m11ae"),
        ("birthday", "19970216", "19970216"),
        ("birthday", "1997/2/6", "19970206"),
        ("birthday", "1997-02-16T00:00:00Z", "19970216"),
        ("birthday", "16.02.1997", "19970216"),
        ("birthday", "16/02/1997", "19970216"),
        ("birthday", "02/16/1997", "19970216"),
        ("birthday", "02/03/1997", None),
        ("birthday", "03/03/1997", "19970303"),
        ("birthday", "19971350", None),
        ("birthday", "199721", None),
        ("birthday", "0097-02-16", None),
        ("birthday", 19970216, "19970216"),
        ("gender", "MALE", "m"),
        ("gender", "f", "f"),
        ("gender", "mujer", "f"),
        ("gender", "Mr.", "m"),
        ("gender", "weiblich", "f"),
        ("gender", "other", None),
        ("id", " 4711 ", "4711"),
        ("id", 10.0, "10"),
        ("id", "0", None),
        ("id", "Guest", None),
        ("id", "(not set)", None),
        ("id", "(none)", None),
        ("id", "true", None),
        ("name", "undefined", None),
        ("name", "None", "none"),
        ("city_letters", "null", None),
    ],
)
def test_normal_forms(rule: str, given: Any, normal: str | None) -> None:
    assert HASH_RULES[rule](given) == normal
    assert hashed(rule, given) == (hashlib.sha256(normal.encode()).hexdigest() if normal else None)



@pytest.mark.parametrize("word", sorted(people.PLACEHOLDERS | people.NOBODY))
def test_what_stands_for_nobody_is_no_id(word: str) -> None:
    assert people.named(f" {word.upper()} ") is None
    assert hashed("id", word) is None


def test_an_id_stays_as_it_is_written() -> None:
    assert people.named(" User-4711 ") == "User-4711"
    assert people.named("  ") is None
