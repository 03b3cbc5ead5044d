"""Requests of one's own: GTM's HTTP Request and Stape's JSON tag."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from container.migrate.export import Object
from container.migrate.references import REFERENCE
from container.migrate.result import Entry
from container.migrate.tags.made import ANSWERED, LOGGING, Made, Tools

HTTP = "http_request"
_MARK = "\ue000{}\ue000"  # stands for a reference while a body is read as JSON
_MARKS = re.compile("\ue000(\\d+)\ue000")


def http_request(tag: Object, entry: Entry, tools: Tools) -> Made:
    """GTM's own `http_request`."""
    params = tag.params
    made = http_request_of(params.text("url"), entry, tools)
    if headers := params.table("headers", "key") or params.table("headers"):
        made.params["headers"] = _headers(headers, entry, tools)
    body = params.text("requestBody")
    if body:
        _body(made, body, entry, tools)
    method = params.text("httpMethod").upper()
    if method and method != ("POST" if body else "GET"):
        made.params["method"] = method
    params.book(LOGGING, "logType")
    return made


def json_request(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`stape-io/json-http-request-tag`: the event, or chosen values, as JSON."""
    params = tag.params
    made = http_request_of(params.text("url") or params.text("destinationUrl"), entry, tools)
    rows = params.table("customDataList") or params.table("customData")
    body = {name: tools.value(text, entry) for name, text in rows if text}
    if params.flag("addEventData", default=not rows):
        entry.note(
            "the whole event is sent without `user_data`, address and browser; add what your own system may have"
        )
        body = {"$base": "{{ event | without(user_data, ip_override, user_agent) }}", **body}
    made.params["json"] = body
    headers = next(
        (rows for key in ("requestHeaders", "headers", "additionalHeaders") if (rows := params.table(key))), []
    )
    headers = headers or params.table("requestHeaders", "key")
    if headers:
        made.params["headers"] = _headers(headers, entry, tools)
    method = (params.text("requestMethod") or params.text("method")).upper()
    if method not in ("", "POST"):
        made.params["method"] = method
    params.book(LOGGING, "logType", "bigQuery*", "logBigQuery*")
    params.book(ANSWERED, "useOptimisticScenario", "requestTimeout")
    return made


def http_request_of(url: str, entry: Entry, tools: Tools) -> Made:
    """A request to this address, its query taken apart."""
    made = Made(HTTP, consent=[])
    known = tools.references.with_constants(url)
    query: dict[str, Any] = {}
    address, _, rest = known.partition("?")
    if rest:
        query = dict(_pair(part, entry, tools) for part in rest.split("&") if part)
    made.params["stream"] = urlsplit(address).hostname or entry.name
    made.params["url"] = tools.value(address, entry)
    if query:
        made.params["query"] = query
    return made


def _pair(part: str, entry: Entry, tools: Tools) -> tuple[str, Any]:
    name, _, value = part.partition("=")
    return name, tools.hidden(name, value, entry)


def _headers(rows: list[tuple[str, str]], entry: Entry, tools: Tools) -> dict[str, Any]:
    return {name: tools.hidden(name, text, entry) for name, text in rows if text}


def _body(made: Made, text: str, entry: Entry, tools: Tools) -> None:
    """JSON with references at its leaves where it is that, else text."""
    names: list[str] = []

    def mark(found: re.Match[str]) -> str:
        names.append(found[0])
        return _MARK.format(len(names) - 1)

    marked = REFERENCE.sub(mark, text)
    quoted = _outside_quotes(marked)
    try:
        tree = json.loads(quoted)
    except ValueError:
        made.params["text"] = tools.value(text, entry)
        return
    made.params["json"] = _tree(tree, names, "", entry, tools)


def _outside_quotes(text: str) -> str:
    """Marks that stand outside of quotes, in quotes: `{"value": ·0·}` is no JSON yet."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    return "".join(part if part.startswith('"') else _MARKS.sub(lambda found: f'"{found[0]}"', part) for part in parts)


def _tree(value: Any, names: list[str], key: str, entry: Entry, tools: Tools) -> Any:
    if isinstance(value, dict):
        return {
            _MARKS.sub(lambda found: names[int(found[1])], name): _tree(member, names, name, entry, tools)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_tree(member, names, key, entry, tools) for member in value]
    if isinstance(value, str):
        return tools.hidden(key, _MARKS.sub(lambda found: names[int(found[1])], value), entry)
    return value
