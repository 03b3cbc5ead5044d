"""Headers that tell the visitor's whole address."""

from __future__ import annotations

from container.visitors.addresses import TELLING, without_addresses


def test_every_header_that_tells_an_address_goes_and_no_other() -> None:
    others = {"user-agent": "Mozilla/5.0", "cf-ipcountry": "DE", "x-forwarded-proto": "https"}
    assert without_addresses({**dict.fromkeys(TELLING, "203.0.113.7"), **others}) == others


def test_headers_that_tell_none_are_handed_on_as_they_are() -> None:
    headers = {"user-agent": "Mozilla/5.0"}
    assert without_addresses(headers) is headers
