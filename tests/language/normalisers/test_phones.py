"""Telephone numbers as E.164, beside what the vendors' own helpers make of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from speaking import problem, value

from container.language.normalisers import HASH_RULES, phones
from container.language.normalisers.phones import e164

VECTORS = Path(__file__).parents[2] / "data" / "vectors_normalisation.json"
ROWS: list[dict[str, Any]] = [row for row in json.loads(VECTORS.read_text("utf-8"))["rows"] if row["field"] == "ph"]

# Where the helpers give something else than a real parser, and why ours is right.
PHONES = {
    "(650)555-1212": "no country in the number: the helpers hash a national number, the parser adds +1",
    "0049 30 123456": "Google's helper keeps the international prefix 00 as digits",
    "+44 (0)20 7946 0018": "both helpers keep the trunk zero, which is not dialled from abroad",
    "030 123456": "no country in the number: the helpers hash a national number, the parser adds +49",
}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def phone_rows() -> list[tuple[str, dict[str, Any]]]:
    return [("US" if number == 0 else "DE", row) for number, row in enumerate(ROWS)]


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
    assert with_plus == sha256(right) == row["tiktok_sha256"]
    assert digits == sha256(right.removeprefix("+"))


@pytest.mark.parametrize(("region", "row"), phone_rows())
def test_phones_differ_from_the_helpers_only_where_said(region: str, row: dict[str, Any]) -> None:
    right = row["e164_phonenumbers"]
    if isinstance(right, dict):
        assert isinstance(row["meta_python_sdk_plain"], dict)
        return
    same = row["meta_python_sdk_plain"] == right.removeprefix("+") and row["google_dm_util_plain"] == right
    assert same is (row["input"] not in PHONES), PHONES.get(row["input"], "")


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



def test_every_difference_is_among_the_rows() -> None:
    assert {row["input"] for row in ROWS} >= set(PHONES)


@pytest.mark.parametrize(
    ("rule", "given", "normal"),
    [
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
    ],
)
def test_without_a_region_a_number_has_to_be_international(rule: str, given: Any, normal: str | None) -> None:
    assert HASH_RULES[rule](given) == normal


def test_a_hash_passes_where_a_region_is_given() -> None:
    digest = sha256("+4930123456")
    assert value("event.p | default_region('DE')", {"p": f" {digest} "}) == digest


def test_a_region_that_is_none_is_told_at_load() -> None:
    assert "ATLANTIS" in problem("event.p | default_region('Atlantis')").message


def test_nothing_longer_than_a_number_is_looked_at_or_remembered() -> None:
    before = phones._e164.cache_info().currsize
    assert e164("+4930" + " " * 60) is None
    assert phones._e164.cache_info().currsize == before
