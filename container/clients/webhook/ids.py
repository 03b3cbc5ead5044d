"""`ids_from:`: click ids and browser ids that a shop's pages left in what the webhook carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from container.clients.clicks import from_cookies, from_url, ga_client_id, ga_session
from container.clients.numbers import number
from container.event import CLICK_IDS

# Fields that go under their own name, with or without the underscore that hides them in a shop's pages.
FIELDS = frozenset((*CLICK_IDS, "fbc", "fbp", "ttp", "event_id", "client_id", "ga_session_id"))
LONGEST = 2000  # characters of a value
MOST = 500  # fields of one source


def ids(sources: Iterable[Any]) -> dict[str, Any]:
    """What the sources know: mappings, lists of `{name, value}` or `{key, value}`, and URLs.

    A field that is named like the id wins over Google's cookies, these over a URL's query, that over the cookies of
    clicks; of two sources the first.
    """
    fields: dict[str, str] = {}
    urls: list[str] = []
    for source in sources:
        if isinstance(source, str):
            urls.append(source)
        else:
            for name, value in _pairs(source):
                fields.setdefault(name, value)
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if (plain := name.removeprefix("_")) in FIELDS:
            found.setdefault(plain, value)
    _add_analytics(found, fields)
    for url in urls:
        found = {**from_url(url), **found}
    return {**from_cookies(fields), **found}


def _pairs(source: Any) -> list[tuple[str, str]]:
    if isinstance(source, Mapping):
        pairs = list(source.items())
    elif isinstance(source, list):
        rows = [one for one in source if isinstance(one, Mapping)]
        pairs = [(row.get("name") or row.get("key"), row.get("value")) for row in rows]
    else:
        pairs = []
    read = [(name, _text(value)) for name, value in pairs[:MOST] if isinstance(name, str)]
    return [(name, value) for name, value in read if value]


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 256:
        return str(value)
    return value if isinstance(value, str) and len(value) <= LONGEST else ""


def _add_analytics(found: dict[str, Any], fields: Mapping[str, str]) -> None:
    """Client id and session from the values of Google's cookies."""
    if client_id := ga_client_id(fields.get("_ga", "")):
        found.setdefault("client_id", client_id)
    for name, value in fields.items():
        session, count = ga_session(value) if name.startswith("_ga_") else ("", "")
        if session:
            found.setdefault("ga_session_id", session)
            if (counted := number(count)) is not None:
                found.setdefault("ga_session_number", counted)
