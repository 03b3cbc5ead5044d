"""The many names a thing may have."""

from __future__ import annotations

from typing import Any

import pytest
from data_tag_hits import one

from container.clients.data_tag.names import add_names


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"eventName": "a", "event": "b"}, "a"),
        ({"event": "b", "e_n": "c"}, "b"),
        ({"e_n": "c"}, "c"),
        ({"event_name": "", "event": "b"}, "b"),
        ({"event_name": 5}, "5"),
        ({}, "Data"),
    ],
)
def test_event_names(told: dict[str, Any], name: str) -> None:
    assert one(told).name == name


def test_a_name_that_is_none() -> None:
    event = one({"event_name": ["a"]})
    assert (event.name, event.notes) == ("Data", ("`event_name` left out: not a text",))


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("pageLocation", "page_location"), ("url", "page_location"), ("href", "page_location"),
        ("pageReferrer", "page_referrer"), ("referrer", "page_referrer"), ("urlref", "page_referrer"),
        ("pageHostname", "page_hostname"), ("hostname", "page_hostname"), ("pagePath", "page_path"),
        ("pageTitle", "page_title"), ("pageEncoding", "page_encoding"), ("userId", "user_id"),
        ("userAgent", "user_agent"), ("screenResolution", "screen_resolution"), ("viewportSize", "viewport_size"),
        ("data_client_id", "client_id"), ("_dcid", "client_id"), ("e_v", "value"),
    ],
)  # fmt: skip
def test_aliases(alias: str, name: str) -> None:
    data = one({alias: "7"}).data
    assert (data[name], data[alias]) == ("7", "7")
    assert one({alias: "7", name: "8"}).data[name] == "8"


def test_user_data_from_every_alias() -> None:
    told = {"mail": "a@b.de", "phone": 4915112345678, "firstName": "Ada", "surname": "L", "zip": "1", "state": "BE"}
    assert one(told).data["user_data"] == {
        "email_address": "a@b.de",
        "phone_number": "4915112345678",
        "address": {"first_name": "Ada", "last_name": "L", "postal_code": "1", "region": "BE"},
    }
    assert one({**told, "user_data": {"email_address": "x@y.de"}}).data["user_data"] == {"email_address": "x@y.de"}
    assert "user_data" not in one({"name": {"first": "x"}}).data



def test_of_several_aliases_the_first_that_holds_something_counts() -> None:
    data = {"pageLocation": "", "url": "https://shop.de/", "href": "https://other.de/"}
    add_names(data)
    assert data["page_location"] == "https://shop.de/"


def test_what_is_no_text_is_nobodys_name_or_address() -> None:
    data = {"name": {"first": "x"}, "email": ["a@b.de"], "phone": True, "street": 5}
    add_names(data)
    assert data["user_data"] == {"address": {"street": "5"}}
