from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from copies import Shop

from container.consent import Consent, client_default
from container.conversion import Conversion
from container.decision import Decision
from container.event import CONSENT_TYPES


@dataclass(frozen=True)
class Tag:
    id: str = "meta"
    consent: tuple[str, ...] = ("ad_storage", "ad_user_data")
    vendors: tuple[str, ...] = ()


def allowed(stated: dict[str, bool], default: Any = None, unknown: bool = False, tag: Tag = Tag()) -> tuple[bool, str]:
    event = Shop().browser()
    conversion = Conversion("C", "purchase", event.data, consent=stated)
    decision = Decision(event, conversion)
    passed = Consent(unknown, {"ga4": client_default(default)}).allows(tag, event, conversion, decision)
    assert passed != bool(decision.tags)
    return passed, decision.tags[0].reason if decision.tags else ""


def test_all_that_the_tag_needs_must_be_granted() -> None:
    assert allowed({"ad_storage": True, "ad_user_data": True}) == (True, "")
    assert allowed({"ad_storage": True, "ad_user_data": False}) == (False, "ad_user_data is denied")


def test_what_nobody_states_is_unknown_and_counts_as_chosen() -> None:
    assert allowed({"ad_storage": True}) == (False, "ad_user_data is unknown: no copy states it")
    assert allowed({"ad_storage": True}, unknown=True)[0]
    assert not allowed({"ad_storage": False}, unknown=True)[0]


def test_nothing_said_at_all_is_told_in_the_reason() -> None:
    assert "no copy has said anything about consent" in allowed({})[1]


def test_a_tag_that_needs_nothing_always_may() -> None:
    assert allowed({"ad_storage": False}, tag=Tag(consent=()))[0]


@pytest.mark.parametrize(
    ("default", "passes"),
    [
        ("granted", True),
        ("denied", False),
        ("from_browser", False),
        (None, False),
        ({"ad_storage": "granted", "ad_user_data": "granted"}, True),
        ({"ad_storage": "granted", "ad_user_data": "denied"}, False),
        ({"ad_storage": "granted"}, False),
    ],
)
def test_a_clients_default_counts_while_no_copy_said_anything(default: Any, passes: bool) -> None:
    assert allowed({}, default)[0] is passes


def test_a_clients_default_is_no_answer_once_a_copy_has_spoken() -> None:
    assert not allowed({"ad_storage": True}, "granted")[0]


def test_granted_means_every_type() -> None:
    assert client_default("granted") == dict.fromkeys(CONSENT_TYPES, True)


def test_an_opt_out_of_sale_alone_does_not_answer_the_banner() -> None:
    assert allowed({"sale_or_sharing": False}, default="granted")[0]
    reason = allowed({"sale_or_sharing": False})[1]
    assert "no copy has said anything about consent" in reason


def test_a_tag_may_ask_that_nobody_has_opted_out_of_sale() -> None:
    tag = Tag(consent=("ad_storage", "sale_or_sharing"))
    assert allowed({"ad_storage": True}, tag=tag)[0], "who has not opted out has not opted out"
    assert allowed({"ad_storage": True, "sale_or_sharing": True}, tag=tag)[0]
    refused = (False, "the visitor has opted out of sale and sharing")
    assert allowed({"ad_storage": True, "sale_or_sharing": False}, unknown=True, tag=tag) == refused


def test_a_vendor_without_consent_gets_nothing_whatever_the_types_say() -> None:
    tag = Tag(vendors=("vendor_meta",))
    types = {"ad_storage": True, "ad_user_data": True}
    assert allowed(types, tag=tag)[0]
    assert allowed({**types, "vendor_google": False}, tag=tag)[0]
    refused = (False, "the TCF string withholds consent from Meta")
    assert allowed({**types, "vendor_meta": False}, tag=tag) == refused
    assert allowed({**types, "vendor_meta": False}, tag=Tag(consent=(), vendors=("vendor_meta",)))[0]
