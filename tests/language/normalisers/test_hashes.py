"""`hashed(rule)` against the vendors' own code, and its own promises."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from speaking import value

from container.language.normalisers import HASH_RULES, hashed, hashes

VECTORS = Path(__file__).parents[2] / "data" / "vectors_normalisation.json"
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


def test_every_row_is_looked_at() -> None:
    untouched = {row["field"] for row in ROWS} - set(META) - {"currency"}
    assert not untouched


def test_currencies_are_not_hashed() -> None:
    for row in (row for row in ROWS if row["field"] == "currency"):
        found = value("event.c | lower", {"c": row["input"]})
        wanted = row["meta_python_sdk"]
        assert found == wanted or isinstance(wanted, dict)


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


def test_the_caches_stay_small() -> None:
    for number in range(3000):
        hashed("id", f"{number:099d}")
        hashed("id", f"{number:0500d}")
    info = hashes._REMEMBERING["id"].cache_info()
    assert info.currsize == info.maxsize == 2048
