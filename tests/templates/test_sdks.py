"""The vendors' own Python libraries on the same data: equal hashes and fields, or a reason why not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from gallery import sent

NOW = 1795428000.0
FILE = json.loads((Path(__file__).parents[1] / "data" / "vectors_sdks.json").read_text("utf-8"))
META: dict[str, Any] = {"pixel_id": "1", "access_token": "t"}
GOOGLE: dict[str, Any] = {"account_id": "1234567890", "conversion_action": "1", "credentials": "c"}

OF_A_PERSON = {
    "em": "email_address", "ph": "phone_number", "db": "birthday", "ge": "gender", "external_id": "external_id",
}  # fmt: skip
OF_AN_ADDRESS = {"fn": "first_name", "ct": "city", "st": "region", "zp": "postal_code", "country": "country"}
VALUES = [pytest.param(row, id=f"{row['field']}-{row['input']}"[:40]) for row in FILE["values"]]


def lead(user_data: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_name": "generate_lead",
        "event_id": "lead-1",
        "timestamp": NOW,
        "page_location": "https://shop.example.com/",
        "ip_override": "203.0.113.7",
        "gclid": "EAIaIQ",
        "user_data": user_data,
    }


def person(field: str, value: Any) -> dict[str, Any]:
    """Customer data with this one value; beside a name the rest of the address, which Google takes whole only."""
    if field in OF_A_PERSON:
        return {OF_A_PERSON[field]: value}
    rest = {"last_name": "Smith", "postal_code": "10115", "country": "DE"} if field == "fn" else {}
    return {"address": {**rest, OF_AN_ADDRESS[field]: value}}


def wanted(row: dict[str, Any], vendor: str) -> str | None:
    """The library's hash; where the file says why not, that of the plain form it names."""
    if f"normal_{vendor}" not in row:
        return row[vendor]  # type: ignore[no-any-return]
    plain = row[f"normal_{vendor}"]
    if plain == "passes":
        return str(row["input"]).lower()
    return plain and hashlib.sha256(plain.encode()).hexdigest()


def identifiers(event: dict[str, Any]) -> list[dict[str, Any]]:
    (found,) = sent("google_ads_conversions", GOOGLE, event, NOW)["body"]["events"]
    return found.get("userData", {}).get("userIdentifiers", [])  # type: ignore[no-any-return]


@pytest.mark.parametrize("row", VALUES)
def test_meta(row: dict[str, Any]) -> None:
    (found,) = sent("meta_conversions_api", META, lead(person(row["field"], row["input"])), NOW)["body"]["data"]
    hashes = found["user_data"].get(row["field"], [])
    assert hashes == [hash for hash in [wanted(row, "meta")] if hash]


@pytest.mark.parametrize("row", [row for row in VALUES if "google" in row.values[0]])  # type: ignore[operator]
def test_google(row: dict[str, Any]) -> None:
    found = identifiers(lead(person(row["field"], row["input"])))
    known = {"em": "emailAddress", "ph": "phoneNumber"}
    if row["field"] == "fn":
        hashes = [part["address"]["givenName"] for part in found if "address" in part]
    else:
        hashes = [part[known[row["field"]]] for part in found]
    assert hashes == [hash for hash in [wanted(row, "google")] if hash]


def as_the_sdk(event: dict[str, Any]) -> dict[str, Any]:
    """The SDK sends user ids unhashed and currencies small; Meta recommends the hash, ISO 4217 writes capitals."""
    user, custom = dict(event["user_data"]), dict(event["custom_data"])
    if "external_id" in user:
        user["external_id"] = [hashlib.sha256(id.encode()).hexdigest() for id in user["external_id"]]
    if "currency" in custom:
        custom["currency"] = custom["currency"].upper()
    whole = {**event, "user_data": user, "custom_data": custom}
    return {key: value for key, value in whole.items() if value != {}}


@pytest.mark.parametrize("case", FILE["events"], ids=lambda case: case["event"]["event_id"])
def test_whole_events(case: dict[str, Any]) -> None:
    (found,) = sent("meta_conversions_api", META, case["event"], NOW)["body"]["data"]
    assert found == as_the_sdk(case["meta"])
    assert identifiers(case["event"]) == case["google"]


def test_what_differs_has_a_reason() -> None:
    differing = [row for row in FILE["values"] if "normal_meta" in row or "normal_google" in row]
    assert all(len(row["why"]) > 20 for row in differing)
    assert len(differing) < len(FILE["values"]) / 3
