"""TCF strings: the printed vector, strings written bit by bit, and everything that is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tcf_strings import GOOGLE, string

from container.signals.tcf import additional, decode

VECTORS = Path(__file__).parents[1] / "data" / "clients" / "consent.json"
VECTOR: dict[str, Any] = json.loads(VECTORS.read_text())["tcf"]


def test_the_printed_vector() -> None:
    found = decode(VECTOR["string"])
    assert found
    assert {
        "version": found.version,
        "cmp_id": found.cmp_id,
        "cmp_version": found.cmp_version,
        "created": f"{found.created:%Y-%m-%d %H:%M:%S}",
        "consent_language": found.language,
        "vendor_list_version": found.vendor_list,
        "tcf_policy_version": found.policy,
        "is_service_specific": found.service_specific,
        "publisher_cc": found.publisher_country,
        "purposes_consent": sorted(found.purposes),
        "purposes_legitimate_interests": sorted(found.legitimate),
        "vendors_consent": [one for one in range(1, 100) if one in found.vendors],
        "vendors_legitimate_interests": [one for one in range(1, 100) if one in found.legitimate_vendors],
    } == {key: value for key, value in VECTOR.items() if key not in ("string", "decoded_with")}
    assert found.updated == found.created


@pytest.mark.parametrize(
    ("purposes", "granted"),
    [
        ({1}, {"ad_storage"}),
        ({1, 7}, {"ad_storage", "ad_user_data"}),
        ({7}, set()),
        ({3}, set()),
        ({3, 4}, {"ad_personalization"}),
        ({1, 8}, {"ad_storage", "analytics_storage"}),
        ({8}, set()),
        (set(range(1, 12)), {"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"}),
    ],
)
def test_what_purposes_grant(purposes: set[int], granted: set[str]) -> None:
    found = decode(string(purposes))
    assert found
    assert {type for type, grant in found.grants().items() if grant} == granted
    assert len(found.grants()) == 4


def test_measuring_content_may_rest_on_legitimate_interest_and_ads_may_not() -> None:
    found = decode(string({1}, {7, 8}))
    assert found
    assert found.grants()["analytics_storage"] is True
    assert found.grants()["ad_user_data"] is False
    assert found.created == datetime.fromtimestamp(1_795_000_000, UTC)


def test_vendors_as_ranges_and_as_bits() -> None:
    ranges = f"{800:016b}" + "1" + f"{2:012b}" + "0" + f"{5:016b}" + "1" + f"{700:016b}{760:016b}"
    found = decode(string({1, 7}, vendors=ranges))
    assert found
    assert [one for one in (5, 6, 699, 700, GOOGLE, 760, 761) if found.allows(one)] == [5, 700, GOOGLE, 760]
    bits = f"{10:016b}" + "0" + "0100000001"
    found = decode(string({1, 7}, vendors=bits))
    assert found
    assert [one for one in range(1, 20) if found.allows(one)] == [2, 10]


@pytest.mark.parametrize(("purpose", "kind", "allowed"), [(1, 0, False), (7, 0, False), (2, 0, True), (7, 1, True)])
def test_what_the_publisher_forbids_a_vendor(purpose: int, kind: int, allowed: bool) -> None:
    restriction = f"{1:012b}" + f"{purpose:06b}{kind:02b}" + f"{1:012b}" + "0" + f"{GOOGLE:016b}"
    found = decode(string({1, 7}, restrictions=restriction))
    assert found
    assert found.allows(GOOGLE) is allowed


OTHERS = [string({1}, version=1), string({1}, version=3)]


@pytest.mark.parametrize("text", ["", "C", "CO", "no string", "tcf", *OTHERS, "C" * 9000])
def test_what_is_no_string_says_nothing(text: str) -> None:
    assert decode(text) is None


@given(st.text(max_size=200) | st.text("ABCDEFGHabcdefgh0123456789-_.", max_size=400).map("C".__add__))
def test_no_text_breaks_it(text: str) -> None:
    decode(text)
    additional(text)


def test_google_s_additional_string() -> None:
    assert additional("1~1.35.89") == {"1", "35", "89"}
    assert additional("2~1.35~dv.89") == {"1", "35"}, "89 was shown and not consented to"
    assert additional("1~") == {""}
    assert additional("3~89") is additional("89") is additional("") is None
