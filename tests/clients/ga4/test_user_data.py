"""`em`: customer data that was hashed in the page."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.common import Notes
from container.clients.ga4 import GA4Client
from container.clients.ga4.user_data import user_data
from container.event import Event, Request


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def short(text: str) -> str:
    """As gtag writes it: base64url without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


MAIL, PHONE = "john.smith@example.com", "+16505551212"
WHOLE = "~".join(
    (
        *("tv.1", f"em.{short(MAIL)}", f"pn.{short(PHONE)}", f"fn0.{short('john')}", f"ln0.{short('smith')}"),
        *(f"sa0.{short('1 main st')}", "ct0.menlo park", "rg0.ca", "pc0.94025", "co0.US"),
    )
)
EXPECTED = {
    "sha256_email_address": digest(MAIL),
    "sha256_phone_number": digest(PHONE),
    "address": {
        "sha256_first_name": digest("john"),
        "sha256_last_name": digest("smith"),
        "sha256_street": digest("1 main st"),
        "city": "menlo park",
        "region": "ca",
        "postal_code": "94025",
        "country": "US",
    },
}


def read(em: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    notes = Notes()
    return user_data(em, notes), notes()


def event(**parameters: str) -> Event:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    client = GA4Client(id="ga4", name="GA4", source="browser")
    (found,) = client.events(Request("GET", "/g/collect", f"v=2&tid=G-1&en=a&{query}", received=1795428000.0))
    return found


def test_everything_it_can_say() -> None:
    assert read(WHOLE) == (EXPECTED, ())


def test_hashes_as_hex() -> None:
    assert read(f"tv.1~em.{digest(MAIL).upper()}") == ({"sha256_email_address": digest(MAIL)}, ())


def test_several_are_a_list() -> None:
    found, _ = read(f"em.{short('a')}~em1.{short('b')}~ct0.x~ct1.y")
    assert found == {"sha256_email_address": [digest("a"), digest("b")], "address": [{"city": "x"}, {"city": "y"}]}


@pytest.mark.parametrize("em", ["", "tv.1", "tv.1~e0.5", "em", "em.", "~~~", "zz.x", "tv.1~em5"])
def test_nothing_is_nothing(em: str) -> None:
    assert read(em) == ({}, ())


@pytest.mark.parametrize("value", ["john@example.com", "x", "_" * 44, digest(MAIL)[:-1]])
def test_what_is_no_hash_is_left_out_and_its_value_not_told(value: str) -> None:
    assert read(f"tv.1~em.{value}") == ({}, ("`em.em` left out: not a SHA-256 hash",))


def test_in_a_hit() -> None:
    data = event(em=WHOLE).data
    assert data["user_data"] == EXPECTED
    assert data["x-ga-em"] == WHOLE
    assert "user_data" not in event(em="tv.1").data


def test_what_the_page_states_wins() -> None:
    stated = {"ep.user_data.email_address": "x@y.de", "ep.user_data.address.city": "Köln"}
    data = event(em=WHOLE, **stated).data["user_data"]
    assert (data["email_address"], data["sha256_email_address"]) == ("x@y.de", digest(MAIL))
    assert (data["address"]["city"], data["address"]["postal_code"]) == ("Köln", "94025")
    assert event(em=WHOLE, **{"ep.user_data": "text"}).data["user_data"] == EXPECTED


@given(st.text() | st.lists(st.sampled_from(WHOLE.split("~")) | st.text(max_size=9)).map("~".join))
def test_anything(em: str) -> None:
    found, notes = read(em)
    assert isinstance(found, dict) and all("left out" in note for note in notes)
