"""What any hit may state beside its client's own signals, and how the two are joined."""

from __future__ import annotations

from typing import Any

import pytest
from tcf_strings import string

from container.event import Event, Request, new_id
from container.signals import Signals

ALL = set(range(1, 12))
FULL = string(ALL)
NO_ADS = string({1, 8})
GRANTED = {"ad_storage": True, "analytics_storage": True, "ad_user_data": True, "ad_personalization": True}


def stated(
    query: str = "",
    headers: dict[str, str] | None = None,
    own: dict[str, bool] | None = None,
    source: str = "browser",
    vendors: dict[str, str] | None = None,
    **data: Any,
) -> tuple[dict[str, bool], tuple[str, ...]]:
    request = Request(query_string=query, headers=headers or {}, source=source)
    event = Event(new_id(), {"event_name": "page_view", **data}, request, consent=own or {})
    (found,) = Signals(vendors).joined([event])
    return dict(found.consent), found.notes


def says(*args: Any, **more: Any) -> dict[str, bool]:
    return stated(*args, **more)[0]


def test_nothing_said_is_nothing_stated() -> None:
    assert says() == {}
    assert says("v=2&npa=0&gdpr=1", own=GRANTED) == GRANTED


def test_a_tcf_string_in_the_hit_in_the_event_or_in_the_cmp_s_cookie() -> None:
    expected = {**GRANTED, "vendor_google": True}
    assert says(f"gdpr=1&gdpr_consent={FULL}") == expected
    assert says(gdpr_consent=FULL, source="server") == expected
    assert says(headers={"cookie": f"euconsent-v2={FULL}"}) == expected
    assert says(headers={"cookie": f"euconsent-v2={FULL}"}, source="server") == {}
    assert says(f"gdpr=0&gdpr_consent={FULL}") == {}, "where the GDPR does not apply, nor does the string"


def test_what_one_signal_refuses_is_refused() -> None:
    found = says(f"gdpr_consent={NO_ADS}", own=GRANTED)
    assert found == {**GRANTED, "ad_user_data": False, "ad_personalization": False, "vendor_google": True}
    found = says(f"gdpr_consent={FULL}", own={"ad_storage": False})
    assert (found["ad_storage"], found["ad_user_data"]) == (False, True)


def test_tcf_speaks_for_analytics_only_where_nothing_else_does() -> None:
    without = string({1, 3, 4, 7})
    assert says(f"gdpr_consent={without}")["analytics_storage"] is False
    assert says(f"gdpr_consent={without}", own={"analytics_storage": True})["analytics_storage"] is True


def test_vendors() -> None:
    others = {"google": "755", "meta": "ac.89", "tiktok": "1000"}
    found = says(f"gdpr_consent={FULL}&addtl_consent=2~1.89~dv.7", vendors=others)
    assert [found[f"vendor_{name}"] for name in others] == [True, True, False]
    assert says(f"gdpr_consent={FULL}&addtl_consent=2~1~dv.89", vendors=others)["vendor_meta"] is False
    assert "vendor_meta" not in says(f"gdpr_consent={FULL}", vendors=others), "no additional string: nothing said"
    assert "vendor_google" not in says(f"gdpr_consent={FULL}", vendors={})


def test_non_personalised_ads() -> None:
    assert says("npa=1", own=GRANTED) == {**GRANTED, "ad_personalization": False}


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ({"headers": {"sec-gpc": "1"}}, False),
        ({"headers": {"sec-gpc": "0"}}, None),
        ({"headers": {"sec-gpc": "1"}, "source": "server"}, None),
        ({"query": "us_privacy=1YYN"}, False),
        ({"query": "us_privacy=1YNN"}, True),
        ({"query": "us_privacy=1---"}, None),
        ({"headers": {"cookie": "usprivacy=1YYN"}}, False),
        ({"us_privacy": "1YYN", "source": "server"}, False),
        ({"query": "gpp=DBABLA~BVVVkkkkkpFY.Y"}, False),
        ({"query": "gpp=DBABLA~BVVVkkkkkpFY.Y&gpp_sid=7"}, False),
        ({"query": "gpp=DBABLA~BVVVkkkkkpFY.Y&gpp_sid=6"}, None),
        ({"query": "us_privacy=1YNN", "headers": {"sec-gpc": "1"}}, False),
    ],
)
def test_sale_and_sharing(said: dict[str, Any], allowed: bool | None) -> None:
    expected = {} if allowed is None else {"sale_or_sharing": allowed}
    assert says(**said) == expected
    assert says(**said, own=GRANTED) == {**GRANTED, **expected}


def test_a_tcf_string_within_a_gpp_string() -> None:
    assert says(f"gpp=DBABMA~{FULL}") == {**GRANTED, "vendor_google": True}
    assert says(f"gpp=DBABMA~{FULL}&gpp_sid=7") == {}
    assert says(f"gpp=DBABMA~{FULL}&gdpr_consent={NO_ADS}")["ad_user_data"] is False, "the string itself comes first"


def test_what_cannot_be_read_says_nothing_and_is_noted() -> None:
    consent, notes = stated("gdpr_consent=xyz&gpp=xyz", own=GRANTED)
    assert consent == GRANTED
    assert notes == (
        "`gpp` is no GPP string: it says nothing",
        "`gdpr_consent` is no TCF string of version 2: it says nothing",
    )
