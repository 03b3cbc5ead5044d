"""A captured HTTP request in a file, as `preview` reads it.

    POST /webhooks/shopify HTTP/1.1
    Content-Type: application/json
    X-Shopify-Topic: orders/paid

    {"id": 1042}

Lines end in LF or CRLF. Lines before the request line that are empty or begin with `#` are comments. The path may be a
whole URL. Without `Content-Length` the body is what follows the empty line, less the line break an editor adds at the
end of a file; with it the body is exactly that long.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from container.errors import Unreadable
from container.event import Request

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/[0-9.]+)?\s*")
_HEADER_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_LENGTH_DIGITS = 15  # no file is that long


def read_request(data: bytes, *, received: float) -> Request:
    """The request in `data`. Raises `Unreadable` naming the line that is wrong."""
    head, body = _split(data)
    lines = head.decode("utf-8", "replace").splitlines()
    at = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if at is None:
        raise Unreadable("the file holds no request; write `GET /path` in its first line")
    method, target = _request_line(lines[at], at + 1)
    url = urlsplit(target)
    headers = _headers(lines[at + 1 :], at + 2)
    if url.netloc:
        headers.setdefault("host", url.netloc)
    return Request(
        method=method,
        path=unquote(url.path) or "/",
        query_string=url.query,
        headers=headers,
        received=received,
        body=_body(body, headers.get("content-length")),
    )


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Head and body, at the first empty line after the request line."""
    start = re.match(rb"(?:[ \t]*\r?\n|#[^\n]*\n)*", data)
    offset = start.end() if start else 0
    end = re.compile(rb"\r?\n\r?\n").search(data, offset)
    return (data, b"") if end is None else (data[: end.start()], data[end.end() :])


def _request_line(line: str, number: int) -> tuple[str, str]:
    found = _REQUEST_LINE.fullmatch(line)
    if not found:
        raise Unreadable(f"line {number} is no request line: write a method and a path, as in `GET /g/collect?v=2`")
    return found[1], found[2]


def _headers(lines: list[str], first: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    for number, line in enumerate(lines, first):
        found = _HEADER_LINE.fullmatch(line)
        if not found:
            raise Unreadable(f"line {number} is no header: write `Name: value`, and an empty line before the body")
        headers.setdefault(found[1].lower(), found[2])
    return headers


def _body(data: bytes, stated: str | None) -> bytes:
    if stated is None:
        return data.removesuffix(b"\n").removesuffix(b"\r")
    if not stated.isdecimal() or len(stated) > _LENGTH_DIGITS or int(stated) > len(data):
        raise Unreadable(f"Content-Length says {stated}, but {len(data)} bytes follow the empty line")
    return data[: int(stated)]
