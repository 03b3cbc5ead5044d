"""Pages, times and notes of every client's events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.common import MOST_NOTES, Notes, add_address, add_page, add_time, host_and_path, shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.de/a/b?c=/d#e", ("shop.de", "/a/b")),
        ("https://Shop.DE:8443", ("shop.de", "/")),
        ("http://user:pass@shop.de/x", ("shop.de", "/x")),
        ("https://shop.de?x=1", ("shop.de", "/")),
        ("https://[2001:db8::1]:80/x", ("[2001:db8::1]", "/x")),
        ("https://käse.de/ä", ("käse.de", "/ä")),
        ("android-app://com.app/x", ("com.app", "/x")),
        ("/relative?x", ("", "")),
        ("https://", ("", "")),
        ("https://[broken/x", ("", "")),
        ("https://shop.de:port/x", ("", "")),
        ("", ("", "")),
    ],
)
def test_host_and_path(url: str, expected: tuple[str, str]) -> None:
    assert host_and_path(url) == expected


def test_add_page_keeps_what_is_stated() -> None:
    data: dict[str, Any] = {"page_location": "https://shop.de/a", "page_path": "/stated"}
    add_page(data, {})
    assert data == {"page_location": "https://shop.de/a", "page_path": "/stated", "page_hostname": "shop.de"}


def test_add_page_without_a_page() -> None:
    data: dict[str, Any] = {"page_location": 5}
    add_page(data, {"_fbp": "fb.1.1.2"})
    assert data == {"page_location": 5, "fbp": "fb.1.1.2"}


@pytest.mark.parametrize(
    ("stated", "expected", "noted"),
    [
        (1795428000, 1795428000, 0),
        (None, 1700000000, 0),
        ("", 1700000000, 0),
        ("soon", 1700000000, 1),
        ([], 1700000000, 1),
    ],
)
def test_add_time(stated: Any, expected: int, noted: int) -> None:
    notes, data = Notes(), dict[str, Any]()
    add_time(data, stated, 1700000000.0, notes)
    assert data == {"timestamp": expected}
    assert len(notes()) == noted


def test_notes_are_bounded_and_say_everything_once() -> None:
    notes = Notes(["first"])
    for at in range(100):
        notes.add("first")
        notes.left_out(f"x{at}", "why")
    assert len(notes()) == MOST_NOTES
    assert notes()[:2] == ("first", "`x0` left out: why")


def test_names_that_may_be_shown() -> None:
    assert shown("ep.value") == "`ep.value`"
    assert shown("a@b.de") == "a parameter"
    assert shown("x" * 61) == "a parameter"


@given(st.text() | st.text().map(lambda text: f"https://{text}"))
def test_no_url_raises(url: str) -> None:
    host, path = host_and_path(url)
    assert (host == "") == (path == "")


@pytest.mark.parametrize(
    ("stated", "address", "noted"),
    [
        ("198.51.100.1", "198.51.100.1", False),
        ("2001:db8::1", "2001:db8::1", False),
        (None, None, False),
        ("", "", False),
        ("192.0.2.1", "192.0.2.1", False),
        ("shop", "192.0.2.1", True),
        ("198.51.100.1\r\n", "192.0.2.1", True),
        ("fe80::1%eth0", "192.0.2.1", True),
        ("9" * 10_000, "192.0.2.1", True),
        (5, "192.0.2.1", True),
        (["198.51.100.1"], "192.0.2.1", True),
    ],
)
def test_addresses(stated: Any, address: str | None, noted: bool) -> None:
    data, notes = {"ip_override": stated}, Notes()
    add_address(data, "192.0.2.1", notes)
    assert data == {"ip_override": address}
    assert bool(notes()) is noted


def test_an_address_that_is_none_is_left_out_where_no_peer_is_known() -> None:
    data: dict[str, Any] = {"ip_override": "shop"}
    add_address(data, "", Notes())
    assert data == {}
