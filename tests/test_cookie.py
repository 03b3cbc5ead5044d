"""What cookies look like on the wire, and the domain they are set for."""

from __future__ import annotations

import pytest

from container.cookie import Cookie, depth, host_name, site_of


def test_a_cookie_s_header() -> None:
    cookie = Cookie("_fbp", "fb.1.1.2", 7_776_000)
    assert cookie.header("shop.example") == (
        "_fbp=fb.1.1.2; Max-Age=7776000; Path=/; Domain=shop.example; Secure; SameSite=Lax"
    )
    hidden = Cookie("FPID", "FPID2.1.x", 63_072_000, http_only=True)  # no browser keeps it longer than 400 days
    assert hidden.header("", "None") == "FPID=FPID2.1.x; Max-Age=34560000; Path=/; Secure; SameSite=None; HttpOnly"


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.example.com", "example.com"),
        ("SST.Shop.Example.co.uk:8443", "example.co.uk"),
        ("example.com.", "example.com"),
        ("shop.myshopify.com", "shop.myshopify.com"),  # every shop is a site of its own
        ("a.b.pages.dev", "b.pages.dev"),
        ("co.uk", ""),
        ("localhost:8080", ""),
        ("127.0.0.1:8080", ""),
        ("[::1]:8080", ""),
        ("", ""),
        ("x" * 300 + ".com", ""),
    ],
)
def test_the_domain_is_the_site_s(host: str, site: str) -> None:
    assert site_of(host) == site


def test_the_name_in_a_host_header() -> None:
    assert host_name("Shop.Example:8443") == "shop.example"
    assert host_name("[::1]:8080") == "[::1]:8080"


@pytest.mark.parametrize(("domain", "index"), [("example.com", 1), ("example.co.uk", 2), ("", 1)])
def test_meta_s_subdomain_index(domain: str, index: int) -> None:
    assert depth(domain) == index


@pytest.mark.parametrize(
    ("name", "value"),
    [("_fbp", "a; Domain=evil.de"), ("_fbp", "a b"), ("_fbp", 'a"'), ("a b", "1"), ("", "1"), ("_fbp", "x" * 4000)],
)
def test_a_value_that_would_break_out_is_not_sound(name: str, value: str) -> None:
    assert not Cookie(name, value, 1).is_sound
    assert Cookie("_fbp", "fb.1.1596403881668.1098115397", 1).is_sound
