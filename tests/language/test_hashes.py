"""`hashed(rule)` against the vendors' own code, and its own promises."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from speaking import value

from container.language.normalisers import HASH_RULES, hashed, hashes, phones
from container.language.normalisers.phones import e164

VECTORS = Path(__file__).parents[1] / "data" / "vectors_normalisation.json"
ROWS: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))["rows"]

META = {
    "em": "email",
    "ph": "phone_digits",
    "fn": "name",
    "ln": "name",
    "ct": "city_letters",
    "st": "state",
    "zp": "zip",
    "country": "country",
    "db": "birthday",
}
GOOGLE = {"em": "email_gmail", "ph": "phone_e164", "fn": "name", "ln": "name"}
TIKTOK = {"em": "email", "ph": "phone_e164"}

# What the vendors' helpers give for telephone numbers where a real parser gives something else, and why ours is right.
PHONES = {
    "(650)555-1212": "no country in the number: the helpers hash a national number, the parser adds +1",
    "0049 30 123456": "Google's helper keeps the international prefix 00 as digits",
    "+44 (0)20 7946 0018": "both helpers keep the trunk zero, which is not dialled from abroad",
    "030 123456": "no country in the number: the helpers hash a national number, the parser adds +49",
}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_hash(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64


def expected(plain: Any) -> str | None:
    """The hash of a vendor's plain form; an error there is an absent value here; a hash passes."""
    if isinstance(plain, dict):
        return None
    return plain if is_hash(plain) else sha(plain)


def compared(column: str, rules: dict[str, str]) -> list[Any]:
    return [
        pytest.param(rules[row["field"]], row, id=f"{row['field']}-{row['input']}")
        for row in ROWS
        if row["field"] in rules and column in row and row["field"] != "ph"
    ]


@pytest.mark.parametrize(("rule", "row"), compared("meta_python_sdk_plain", META))
def test_meta(rule: str, row: dict[str, Any]) -> None:
    plain = row["meta_python_sdk_plain"]
    if row["input"] == "Germany":  # the SDK refuses names; Meta's page wants the two letters
        assert hashed(rule, row["input"]) == sha("de")
        return
    assert hashed(rule, row["input"]) == expected(plain)
    assert hashed(rule, row["input"]) == (None if isinstance(plain, dict) else row["meta_python_sdk_sha256"])


@pytest.mark.parametrize(("rule", "row"), compared("google_dm_util_plain", GOOGLE))
def test_google(rule: str, row: dict[str, Any]) -> None:
    if is_hash(row["input"]):  # the helper refuses hashes, the API takes them
        assert hashed(rule, row["input"]) == row["input"]
        return
    assert hashed(rule, row["input"]) == expected(row["google_dm_util_plain"])
    assert hashed(rule, row["input"]) == row.get("google_dm_util_sha256_hex")


@pytest.mark.parametrize(("rule", "row"), compared("tiktok_plain", TIKTOK))
def test_tiktok(rule: str, row: dict[str, Any]) -> None:
    assert hashed(rule, row["input"]) == row["tiktok_sha256"]


def phone_rows() -> list[tuple[str, dict[str, Any]]]:
    rows = [row for row in ROWS if row["field"] == "ph"]
    return [("US" if number == 0 else "DE", row) for number, row in enumerate(rows)]


@pytest.mark.parametrize(("region", "row"), phone_rows())
def test_phones(region: str, row: dict[str, Any]) -> None:
    event = {"phone": row["input"]}
    right = row["e164_phonenumbers"]
    with_plus = value(f"event.phone | default_region('{region}') | hashed(phone_e164)", event)
    digits = value(f"event.phone | default_region('{region}') | hashed(phone_digits)", event)
    if isinstance(right, dict):
        assert with_plus is None
        assert digits is None
        return
    assert with_plus == sha(right) == row["tiktok_sha256"]
    assert digits == sha(right.removeprefix("+"))


@pytest.mark.parametrize(("region", "row"), phone_rows())
def test_phones_differ_from_the_helpers_only_where_said(region: str, row: dict[str, Any]) -> None:
    right = row["e164_phonenumbers"]
    if isinstance(right, dict):
        assert isinstance(row["meta_python_sdk_plain"], dict)
        return
    same = row["meta_python_sdk_plain"] == right.removeprefix("+") and row["google_dm_util_plain"] == right
    assert same is (row["input"] not in PHONES), PHONES.get(row["input"], "")


def test_every_row_is_looked_at() -> None:
    untouched = {row["field"] for row in ROWS} - set(META) - {"currency"}
    assert not untouched
    assert {row["input"] for row in ROWS if row["field"] == "ph"} >= set(PHONES)


def test_currencies_are_not_hashed() -> None:
    for row in (row for row in ROWS if row["field"] == "currency"):
        found = value("event.c | lower", {"c": row["input"]})
        wanted = row["meta_python_sdk"]
        assert found == wanted or isinstance(wanted, dict)


# our own promises


@pytest.mark.parametrize("rule", HASH_RULES)
def test_a_hash_is_not_hashed(rule: str) -> None:
    digest = sha("anything")
    assert hashed(rule, digest) == digest
    assert hashed(rule, f" {digest.upper()} ") == digest
    assert HASH_RULES[rule](digest) is None


@pytest.mark.parametrize("rule", HASH_RULES)
def test_an_md5_is_no_value(rule: str) -> None:
    md5 = "5d41402abc4b2a76b9719d911017c592"
    assert hashed(rule, md5) == (sha(md5) if rule == "id" else None)


@pytest.mark.parametrize("rule", HASH_RULES)
@pytest.mark.parametrize(
    "given", [None, "", "  ", [], {}, ["a"], {"a": 1}, True, "x" * 2000, float("nan")]
)
def test_what_has_no_hash(rule: str, given: Any) -> None:
    assert hashed(rule, given) is None


@pytest.mark.parametrize("rule", ["email", "email_gmail", "name", "id"])
def test_half_a_character_has_no_hash(rule: str) -> None:
    assert hashed(rule, "\ud800@x.de") is None


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
        ("phone_e164", "+49 30 123456", "+4930123456"),
        ("phone_e164", "tel:+49-30-123456", "+4930123456"),
        ("phone_e164", "0049 30 123456", "+4930123456"),
        ("phone_e164", "16505551212", "+16505551212"),
        ("phone_e164", 16505551212, "+16505551212"),
        ("phone_e164", "6505551212", None),
        ("phone_e164", "030 123456", None),
        ("phone_e164", "+1-212-555-0100x12", "+12125550100"),
        ("phone_e164", "+1 650 555 1212 #5", "+16505551212"),
        ("phone_e164", "٠٠٤٩٣٠١٢٣٤٥٦", "+4930123456"),
        ("phone_e164", "+52 1 55 1234 5678", "+525512345678"),
        ("phone_e164", "+49", None),
        ("phone_e164", "call me", None),
        ("phone_digits", "+1 (650) 555-1212", "16505551212"),
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
        ("country", " de ", "de"),
        ("country", "D.E.", "de"),
        ("country", "xx", None),
        ("country", "DEU", "de"),
        ("country", "The Netherlands", "nl"),
        ("country", "Österreich", "at"),
        ("country", "UK", "gb"),
        ("country", "undefined", None),
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
    assert hashed(rule, given) == (sha(normal) if normal else None)


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("030 123456", "DE", "+4930123456"),
        ("4915112345678", "DE", "+4915112345678"),
        ("47123456", "NO", "+4747123456"),
        ("16505551212", "US", "+16505551212"),
        ("6505551212", "US", "+16505551212"),
        ("+49 30 123456 ext. 7", "", "+4930123456"),
        ("1-800-FLOWERS", "US", None),
        ("0" * 61, "DE", None),
        ("", "DE", None),
    ],
)
def test_e164(text: str, region: str, found: str | None) -> None:
    assert e164(text, region) == found


def test_the_caches_stay_small() -> None:
    for number in range(3000):
        hashed("id", f"{number:099d}")
        hashed("id", f"{number:0500d}")
    info = hashes._REMEMBERING["id"].cache_info()
    assert info.currsize == info.maxsize == 2048
    assert e164("0" * 1000) is None
    assert phones._e164.cache_info().maxsize == 4096
