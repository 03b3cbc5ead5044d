"""Requests and calls in files: a HAR, JSON lines (as `tagport sink --log` writes them), or one request as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from container.cli.raw import read_request
from container.encoding import decode, encode
from container.errors import Unreadable
from container.event import Request

Row = dict[str, Any]  # {method, url, headers, body: bytes}


def requests(path: Path, received: float) -> list[Request]:
    """The requests in a file, one second apart from `received` on. Raises `Unreadable`, `OSError`."""
    data = path.read_bytes()
    if not data.lstrip().startswith((b"{", b"[")):
        return [read_request(data, received=received)]
    return [_request(row, received + number) for number, row in enumerate(_rows(data, path.name))]


def recorded(path: Path) -> list[dict[str, Any]]:
    """The calls that another container sent, as `tagport preview` shows them, without a tag."""
    rows = _rows(path.read_bytes(), path.name)
    return [{"tag": "", **row, "body": _body(row["body"])} for row in rows]


def _body(data: bytes) -> Any:
    try:
        return decode(data) if data else None
    except Unreadable:
        return data.decode("utf-8", "replace")


def _request(row: Row, received: float) -> Request:
    url = urlsplit(row["url"])
    headers = {name.lower(): value for name, value in row["headers"].items()}
    if url.netloc:
        headers.setdefault("host", url.netloc)
    ip = headers.get("x-forwarded-for", "127.0.0.1").partition(",")[0].strip()
    return Request(
        method=row["method"],
        path=unquote(url.path) or "/",
        query_string=url.query,
        headers=headers,
        received=received,
        body=row["body"],
        ip=ip,
    )


def _rows(data: bytes, name: str) -> Iterator[Row]:
    har = _har(data)
    if har is not None:
        yield from har
        return
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                row = decode(line)
            except Unreadable as error:
                raise Unreadable(f"{name}, line {number}: {error}") from error
            if not isinstance(row, dict):
                raise Unreadable(f"{name}, line {number}: this is no request; write an object with `method` and `path`")
            yield _line(row)


def _har(data: bytes) -> list[Row] | None:
    try:
        found = decode(data)
    except Unreadable:
        return None
    entries = found.get("log", {}).get("entries") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        return None
    sent = [entry.get("request", {}) for entry in entries if isinstance(entry, dict)]
    return [
        {
            "method": str(one.get("method", "GET")).upper(),
            "url": str(one.get("url", "")),
            "headers": {str(header["name"]): str(header["value"]) for header in one.get("headers", ())},
            "body": str((one.get("postData") or {}).get("text") or "").encode(),
        }
        for one in sent
    ]


def _line(row: Mapping[str, Any]) -> Row:
    """A line of `tagport sink --log`, or one written by hand: method, url or path, query, headers, body."""
    url = str(row.get("url") or row.get("path") or "/")
    query = row.get("query")
    if query and "?" not in url:
        pairs = query.items() if isinstance(query, Mapping) else parse_qsl(str(query), keep_blank_values=True)
        url += "?" + urlencode([(name, value) for name, value in pairs])
    if row.get("host") and not urlsplit(url).netloc:
        url = f"https://{row['host']}{url}"
    body = row.get("body")
    return {
        "method": str(row.get("method") or ("POST" if body else "GET")).upper(),
        "url": url,
        "headers": {str(name): str(value) for name, value in (row.get("headers") or {}).items()},
        "body": body.encode() if isinstance(body, str) else encode(body) if body is not None else b"",
    }
