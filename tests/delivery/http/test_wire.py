"""What leaves, byte for byte, and what cannot."""

from __future__ import annotations

import pytest
from delivering import answering, socket_server

from container.delivery.http import Http, Unsendable, Wire
from container.delivery.http.wire import address, written


async def test_what_leaves_is_what_was_written(http: Http) -> None:
    seen: list[bytes] = []
    async with socket_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as url:
        target = "/a%2Fb/c?app=1:2:ios&q=a%20b%2B1%26"
        await http.send(Wire("POST", url + target, [("X-Own", "ü"), ("User-Agent", "own")], b'{"a":1.50}'))
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == f"POST {target} HTTP/1.1".encode()
    assert "x-own: ü".encode() in head.lower().split(b"\r\n")
    assert head.lower().count(b"user-agent:") == 1
    assert b"cookie" not in head.lower()
    assert body == b'{"a":1.50}'


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("ftp://vendor.example/", "x"),
        ("https://", "x"),
        ("https://vendor.example:99999/", "x"),
        ("https://vendor.example/", "one\r\nx-two: 2"),
    ],
)
async def test_what_cannot_be_put_on_the_wire_is_unsendable(http: Http, url: str, header: str) -> None:
    with pytest.raises(Unsendable):
        await http.send(Wire("POST", url, [("x-one", header)], b"{}"))


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("https://Graph.Facebook.com/v26.0/1/events?a=b", "/v26.0/1/events?a=b", "graph.facebook.com"),
        ("https://vendor.example", "/", "vendor.example"),
        ("https://vendor.example:443/a b?q=ü#part", "/a%20b?q=%C3%BC", "vendor.example"),
        ("http://vendor.example:8080/%2F?x=%41+1", "/%2F?x=%41+1", "vendor.example:8080"),
        ("http://[::1]:9000/", "/", "[::1]:9000"),
        ("https://user:secret@bücher.example/x", "/x", "xn--bcher-kva.example"),
    ],
)
def test_where_a_url_leads(url: str, target: str, host: str) -> None:
    head = written(Wire("GET", url), address(url)).decode().split("\r\n")
    assert head[0] == f"GET {target} HTTP/1.1"
    assert f"host: {host}" in head
    assert "secret" not in "".join(head)


def test_a_body_has_its_length_and_a_get_without_one_has_none() -> None:
    def lengths(method: str, body: bytes) -> list[str]:
        url = "https://vendor.example/"
        sent = Wire(method, url, [("Content-Length", "99"), ("Host", "evil.example")], body)
        lines = written(sent, address(url)).decode().split("\r\n")
        assert [line for line in lines if line.startswith("host")] == ["host: vendor.example"]
        return [line for line in lines if line.startswith("content-length")]

    assert lengths("POST", b"{}") == ["content-length: 2"]
    assert lengths("POST", b"") == ["content-length: 0"]
    assert lengths("GET", b"") == []

