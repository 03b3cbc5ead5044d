from __future__ import annotations

import pytest

from container.cli.raw import read_request
from container.errors import Unreadable
from container.event import Request


def read(text: str) -> Request:
    return read_request(text.encode(), received=1.0)


def test_a_get_is_read() -> None:
    request = read("GET /metrics/g/collect?v=2&dl=https%3A%2F%2Fshop.de HTTP/1.1\nHost: shop.de\nX-A:  b \n")
    assert (request.method, request.path) == ("GET", "/metrics/g/collect")
    assert request.query == {"v": "2", "dl": "https://shop.de"}
    assert request.headers == {"host": "shop.de", "x-a": "b"}
    assert request.body == b""
    assert request.received == 1.0


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_body_follows_the_first_empty_line(newline: str) -> None:
    request = read(newline.join(["POST /e HTTP/1.1", "Content-Type: application/json", "", '{"a":1}', "", "x", ""]))
    assert request.body == newline.join(['{"a":1}', "", "x"]).encode()


def test_a_content_length_keeps_the_last_line_break_a_signature_covers() -> None:
    assert read("POST /e\nContent-Length: 3\n\nab\n").body == b"ab\n"


def test_bytes_beyond_the_content_length_are_left_out() -> None:
    assert read("POST /e\nContent-Length: 2\n\nab\n").body == b"ab"


def test_comments_and_empty_lines_may_come_first() -> None:
    assert read("# a captured hit\n\n### more\nGET /x\nA: b\n").path == "/x"


def test_comments_first_leave_the_body_where_it_is() -> None:
    assert read("# a webhook\n\nPOST /x\nA: b\n\nbody\n").body == b"body"


def test_a_whole_url_gives_the_host() -> None:
    request = read("GET https://tags.shop.de/g/collect?v=2")
    assert (request.path, request.query_string, request.headers["host"]) == ("/g/collect", "v=2", "tags.shop.de")


def test_header_names_are_read_in_any_case_and_the_first_value_counts() -> None:
    assert read("GET /\nX-Shopify-Topic: a\nx-shopify-topic: b\n").headers == {"x-shopify-topic": "a"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no request"),
        ("# only a comment\n", "no request"),
        ("hello", "line 1 is no request line"),
        ("# c\nGET\n", "line 2 is no request line"),
        ("GET /\nA: b\nbroken header\n", "line 3 is no header"),
        ("POST /\nContent-Length: 9\n\nab", "Content-Length says 9, but 2 bytes"),
        ("POST /\nContent-Length: many\n\nab", "Content-Length says many"),
        (f"POST /\nContent-Length: {'9' * 5000}\n\nab", "Content-Length says 9999"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(text)
