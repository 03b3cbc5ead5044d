"""URLs without what may not leave, and their parts."""

from __future__ import annotations

import pytest
from speaking import problem, value

from container.language.normalisers.urls import is_named_secret, looks_secret


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://shop.example/a?utm_content=mary@example.com&gclid=a@b.c", "https://shop.example/a?gclid=a@b.c"),
        ("https://shop.example/a?x=mary%2540example.com", "https://shop.example/a"),
        ("https://shop.example/a?mary@example.com", "https://shop.example/a"),
        ("https://shop.example/a?access_token=1&orderToken=2&page=3", "https://shop.example/a?page=3"),
        ("https://shop.example/a?user[email]=1&firstName=x&author=me", "https://shop.example/a?author=me"),
        ("https://shop.example/a?s=eyJhbGciOi.eyJzdWIi.c2ln", "https://shop.example/a"),
        ("https://shop.example/a%40b.de/x", "https://shop.example/(redacted)/x"),
        ("//mary@shop.example/a", "//shop.example/a"),
        ("/a?x=1#b", "/a?x=1"),
        ("https://shop.example", "https://shop.example"),
        ("https://[::1]:8080/a?b", "https://[::1]:8080/a?b"),
        ("https://shop.example/?utm_email=1", "https://shop.example/?utm_email=1"),
        ("mailto:mary@example.com", None),
        ("data:text/html,x", None),
    ],
)
def test_url(given: str, found: str | None) -> None:
    assert value("event.url | url", {"url": given}) == found


def test_a_long_url_is_cleaned_but_not_remembered() -> None:
    for length in (10, 1_900, 5_000):
        kept = f"https://shop.example/{'a' * length}"
        assert value("event.url | url", {"url": f"{kept}?token=1"}) == kept
        assert value("event.url | url", {"url": f"{kept}?token=2"}) == kept


def test_url_keep_is_a_list_of_names() -> None:
    event = {"url": "https://shop.example/?a=1&token=2&b=mary@example.com"}
    assert value("event.url | url(keep: [a, token, b])", event) == "https://shop.example/?a=1&token=2"
    assert value("event.url | url(keep: [])", event) == "https://shop.example/"



@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("mary@example.com", True),
        ("to%20mary%40example.com", True),
        ("mary%2540example.com", True),
        ("eyJhbGciOi.eyJzdWIi.c2ln", True),
        ("xeyJhbGciOi.eyJzdWIi.c2ln", False),
        ("@2x.png", False),
        ("a@b", False),
        ("plain", False),
    ],
)
def test_what_looks_like_a_secret(text: str, looks: bool) -> None:
    assert looks_secret(text) is looks


@pytest.mark.parametrize(
    ("name", "secret"),
    [("accessToken", True), ("user[email]", True), ("sid", True), ("side", False), ("author", False)],
)
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_named_secret(name) is secret


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Ü.de./x", "ü.de"),
        ("//shop.no/x", "shop.no"),
        ("https://mary:pw@shop.no:80", "shop.no"),
        ("https://[::1]:80/", "[::1]"),
        ("https://%73hop.no/", "shop.no"),
        ("shop.no/x", None),
        ("https://", None),
        ("mailto:mary@shop.no", None),
    ],
)
def test_host(text: str, host: str | None) -> None:
    assert value("event.a | host", {"a": text}) == host


@pytest.mark.parametrize(
    ("part", "text", "found"),
    [
        ("path", "https://shop.no?x=1", "/"),
        ("query", "https://shop.no#f?x=1", None),
        ("fragment", "https://shop.no#f?x=1", "f?x=1"),
        ("port", "https://u:1@[::1]:80", "80"),
        ("extension", "https://shop.no/a.", None),
        ("extension", "https://shop.no", None),
        ("protocol", "//shop.no/a", None),
        ("protocol", "HTTPS://shop.no", "https"),
    ],
)
def test_parts(part: str, text: str, found: str | None) -> None:
    assert value(f"event.a | url_part({part})", {"a": text}) == found


def test_a_part_that_is_none_is_told_at_load() -> None:
    assert "`host`" in problem("event.a | url_part(host)").message


@pytest.mark.parametrize(
    ("text", "found"),
    [("/x?%61=x+y%20z", "x y z"), ("?a=1&a=2", "1"), ("https://a.b/?a=", None), ("a=1", None), ("/?A=1", None)],
)
def test_query_param(text: str, found: str | None) -> None:
    assert value("event.u | query_param(a)", {"u": text}) == found
