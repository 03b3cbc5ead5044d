"""Whether two containers send the same: calls paired, compared field by field, what changes by itself left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from container.encoding import encode
from container.replay.expecting import sendable

Call = Mapping[str, Any]
MISSING = "nothing"
NOT_COMPARED = (
    "headers.content-length",
    "headers.host",
    "headers.connection",
    "headers.accept",
    "headers.accept-encoding",
)


@dataclass
class Difference:
    """One field of one tag's calls that is not the same. `first`: of the first request where it differs."""

    tag: str
    field: str
    a: str
    b: str
    first: int
    count: int = 1
    reason: str = ""  # why it is accepted; empty: it is not

    def as_json(self) -> dict[str, Any]:
        """The row of `--format json`."""
        return {key: getattr(self, key) for key in ("tag", "field", "a", "b", "first", "count", "reason")}


@dataclass(frozen=True)
class Accepted:
    """A difference somebody has looked at; `*` in tag and field stands for anything."""

    tag: str
    field: str
    reason: str

    def fits(self, difference: Difference) -> bool:
        """Whether it is this one."""
        return _fits(self.tag, difference.tag) and _fits(self.field, difference.field)


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


@dataclass
class Comparison:
    """All of them, by tag and field."""

    calls: int = 0
    found: dict[tuple[str, str], Difference] = field(default_factory=dict)

    def add(self, tag: str, name: str, a: str, b: str, request: int) -> None:
        """Another one; equal tag and field are counted together."""
        known = self.found.get((tag, name))
        if known is None:
            self.found[tag, name] = Difference(tag, name, a, b, request)
        else:
            known.count += 1

    def accept(self, accepted: Sequence[Accepted]) -> None:
        """Give each its reason."""
        for difference in self.found.values():
            difference.reason = next((one.reason for one in accepted if one.fits(difference)), "")

    @property
    def open(self) -> list[Difference]:
        """Those nobody has accepted."""
        return [one for one in self.found.values() if not one.reason]


def fields(call: Call) -> dict[str, str]:
    """A call as its fields: `body.data[0].event_name` → JSON of the value."""
    found = sendable(call)
    kind = next((kind for kind in ("json", "form", "text") if kind in found), "")
    url = urlsplit(found["url"])
    flat: dict[str, str] = {"method": found["method"], "host": url.netloc, "path": url.path}
    for name, value in (("query", found["query"]), ("headers", found["headers"]), ("body", found.get(kind, {}))):
        flat.update(_leaves(value, name))
    return {name: value for name, value in flat.items() if name not in NOT_COMPARED}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(member, f"{path}.{key}")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _leaves(element, f"{path}[{index}]")
    else:
        yield path, encode(value).decode()


def compare(a: Sequence[Sequence[Call]], again: Sequence[Sequence[Call]], b: Sequence[Sequence[Call]]) -> Comparison:
    """The calls of each request of both sides. `again`: those of A once more, to know what changes by itself."""
    result = Comparison()
    for number, (ours, repeated, theirs) in enumerate(zip(a, again, b, strict=True), 1):
        changing = _changing(ours, repeated)
        for one, other in pairs(ours, theirs):
            result.calls += 1
            tag = (one or other or {}).get("tag") or _host(one or other or {})
            if one is None or other is None:
                missing = ("call", MISSING, "sent") if one is None else ("call", "sent", MISSING)
                result.add(tag, *missing, number)
            else:
                _compare(result, tag, fields(one), fields(other), changing, number)
    return result


def _compare(
    result: Comparison, tag: str, a: Mapping[str, str], b: Mapping[str, str], changing: set[str], number: int
) -> None:
    for name in dict.fromkeys((*a, *b)):
        left, right = a.get(name, MISSING), b.get(name, MISSING)
        if left != right and name not in changing:
            result.add(tag, name, left, right, number)


def _changing(calls: Sequence[Call], again: Sequence[Call]) -> set[str]:
    """The fields that differ between two runs of the same container: times, random ids."""
    found: set[str] = set()
    for one, other in pairs(calls, again):
        if one is not None and other is not None:
            a, b = fields(one), fields(other)
            found |= {name for name in (*a, *b) if a.get(name) != b.get(name)}
    return found


def pairs(a: Sequence[Call], b: Sequence[Call]) -> Iterator[tuple[Call | None, Call | None]]:
    """Calls that belong together: of one tag, else to one host and of one event; in the order in which they are."""
    rest = [*b]
    for one in a:
        fitting = [other for other in rest if _alike(one, other)]
        if fitting:
            rest.remove(fitting[0])
        yield one, fitting[0] if fitting else None
    for other in rest:
        yield None, other


def _alike(one: Call, other: Call) -> bool:
    if one.get("tag") and other.get("tag"):
        return (one["tag"], one.get("destination")) == (other["tag"], other.get("destination"))
    return (_host(one), _event(one)) == (_host(other), _event(other))


def _host(call: Call) -> str:
    return urlsplit(str(call.get("url", ""))).netloc


def _event(call: Call) -> str:
    """What the vendors' own formats call the event."""
    query = dict(parse_qsl(urlsplit(str(call.get("url", ""))).query))
    body = call.get("body")
    if isinstance(body, Mapping):
        data = body.get("data") or body.get("events") or [{}]
        first = data[0] if isinstance(data, list) and data and isinstance(data[0], Mapping) else {}
        return str(first.get("event_name") or first.get("event") or first.get("name") or "")
    form = dict(parse_qsl(body)) if isinstance(body, str) else {}
    return str(query.get("en") or form.get("en") or "")


def in_order(calls: Sequence[Sequence[Call]], recording: Sequence[Call]) -> list[list[Call]]:
    """A recording cut at the requests: each call goes where the other side's first unmatched one of its kind is.

    What matches nothing stands behind the last request.
    """
    found: list[list[Call]] = [[] for _ in calls]
    open_calls = [(number, call) for number, sent in enumerate(calls) for call in sent]
    for other in recording:
        place = next((row for row in open_calls if _alike(row[1], other)), None)
        if place is not None:
            open_calls.remove(place)
        if found:
            found[place[0] if place is not None else -1].append(other)
    return found
