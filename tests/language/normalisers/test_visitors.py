"""What a request tells of its visitor."""

from __future__ import annotations

import pytest
from speaking import value

from container.language.normalisers.visitors import truncated, visitors


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.255", "203.0.113.0"),
        ("::ffff:203.0.113.255", "203.0.113.0"),
        ("2001:DB8:1:ffff::5", "2001:db8:1::"),
        ("203.0.113.77:80", ""),
        ("1.2.3", ""),
    ],
)
def test_an_address_without_the_visitors_part(address: str, cut: str) -> None:
    assert truncated(address) == cut


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("10.0.0.1, 203.0.113.7", ""),
        ("100.64.0.1", ""),
        ("169.254.1.1", ""),
        ("224.0.0.1", ""),
        ("::", ""),
        ("fe80::1", ""),
        ("fd00::1", ""),
        ("::ffff:192.168.0.1", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_an_address_that_a_visitor_may_have(told: str, address: str) -> None:
    assert visitors(told) == address


@pytest.mark.parametrize(
    ("user_agent", "category"),
    [
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1", "tablet"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 Chrome/94.0 TV Safari/537.36", "smart tv"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "desktop"),
    ],
)
def test_the_category_of_a_device(user_agent: str, category: str) -> None:
    assert value("event.ua | device", {"ua": user_agent})["category"] == category
