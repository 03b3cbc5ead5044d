"""A conversion's history in words: what the terminal and the pages tell of it, each in its own dress."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from container.encoding import encode

Entry = Mapping[str, Any]
Piece = tuple[str, str]  # a text, and how it is meant: "", "strong", "quiet" or a tone
Line = tuple[Piece, ...]

LONGEST = 100  # characters of a field's value
TONES = {
    "fired": "good", "delivered": "good", "accepted": "good",
    "waiting": "wait", "suppressed": "wait", "late": "wait", "retry": "wait", "later": "wait",
    "consent": "consent", "shadow": "shadow",
    "invalid": "bad", "blocked": "bad", "stopped": "bad", "refused": "bad", "unknown": "bad", "expired": "bad",
}  # fmt: skip
"""Of decisions and of outcomes; what is not among them is quiet."""

_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, at an RFC 3339 time: a line of its own, and lines that belong to it."""

    at: str
    tone: str
    line: Line
    more: tuple[Line, ...] = ()


def headline(history: Entry) -> tuple[str, str, str]:
    """The conversion's kind, its order name and what it is worth."""
    worth = {field["name"]: field["value"] for field in history["fields"]}
    money = " ".join(value(worth[name]) for name in ("value", "currency") if name in worth)
    return history["kind"], history["transaction_id"], money


def facts(history: Entry) -> str:
    """Its id, how many copies of it came from where, and what vendors know it by."""
    copies = f"{history['copies']} cop{'y' if history['copies'] == 1 else 'ies'}"
    sources = f" ({', '.join(history['sources'])})" if history["sources"] else ""
    told = [f"conversion {history['id']}", copies + sources]
    told += [f"event_id {history['event_id']}"] if history["event_id"] else []
    told += [f"of {history['of']}"] if history["of"] else []
    return " · ".join(told)


def consent(history: Entry) -> str:
    """What the copies said of consent."""
    said = [f"{name} {'granted' if granted else 'denied'}" for name, granted in sorted(history["consent"].items())]
    decides = "no copy has said anything: the client's `consent:` decides, else container.yaml's `unknown`"
    return "consent: " + (", ".join(said) if said else decides)


def moments(timeline: Sequence[Entry]) -> Iterator[Moment]:
    """What happened, in order; what is the same for several tags is said once."""
    for entries in _together(_with_times(timeline)):
        yield _TELL[entries[0]["what"]](entries)


def still(history: Entry) -> Iterator[tuple[str, Line]]:
    """What is still to come: waits, and calls in the outbox."""
    for held in history["waiting"]:
        until = f"for another copy, until {held['until']}"
        what = "for a copy that brings consent" if held["why"] == "consent" else until
        yield "wait", ((held["tag"], "strong"), (f" waits {what}", ""))
    for row in history["queued"]:
        failed = row["state"] not in ("queued", "sending")
        look = "see `tagport failures`"
        then = f"its account is stopped: {look}" if row["account_stopped"] else f"next try {row['due']}"
        what = f"{row['state']}; {look}" if failed else f"{row['state']}, {then}"
        reason = f": {row['reason']}" if row["reason"] else ""
        attempts = f"{row['attempts']} attempt{'s' if row['attempts'] != 1 else ''}"
        yield "bad" if failed else "wait", ((name(row), "strong"), (f" {what}, {attempts} so far{reason}", ""))


def not_triggered(reasons: Mapping[str, str]) -> Iterator[Line]:
    """Tags of other events together, the others each with what failed."""
    others = [tag for tag, reason in reasons.items() if reason.startswith("the event is ")]
    for tag, reason in reasons.items():
        if tag not in others:
            yield (tag, "strong"), (f"  {reason}", "")
    if others:
        yield ("they fire for other events: ", ""), (", ".join(others), "strong")


def fields(history: Entry) -> Iterator[tuple[str, str, str]]:
    """What tags saw: a field's name, its value as text, and the source it came from."""
    for name, found, source in _flat(history["fields"]):
        yield name, value(found), source


def flat(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An event's data likewise, without sources."""
    for name, found, _ in _flat([{"name": name, "value": found, "from": ""} for name, found in data.items()]):
        yield name, value(found)


def value(found: Any) -> str:
    """A value as it is shown."""
    text = found if isinstance(found, str) else encode(found).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def name(entry: Entry) -> str:
    """A tag, and which of its destinations is meant."""
    return f"{entry['tag']} → {entry['destination']}" if entry.get("destination") else str(entry["tag"])


def saw(check: Entry) -> str:
    """The values that a check saw."""
    return ", ".join(f"{name} = {encode(found).decode()}" for name, found in (check.get("saw") or {}).items())


def _flat(fields: Iterable[Entry]) -> Iterator[tuple[str, Any, str]]:
    """Members of objects as rows of their own: `user_data.email_address`."""
    for field in fields:
        found = field["value"]
        if isinstance(found, dict) and found:
            yield from _flat({**field, "name": f"{field['name']}.{key}", "value": one} for key, one in found.items())
        else:
            yield field["name"], found, field["from"]


def with_times(timeline: Sequence[Entry]) -> Callable[[str], str]:
    """What makes a reason that names a record name the time of that copy instead."""
    at = {entry["record"]: f"the copy of {entry['at'][11:19]}" for entry in timeline if entry["what"] == "copy"}
    return lambda reason: _ID.sub(lambda id: at.get(id[0], id[0]), reason)


def _with_times(timeline: Sequence[Entry]) -> list[Entry]:
    named = with_times(timeline)
    return [{**entry, **{key: named(entry[key]) for key in ("reason", "repeat") if key in entry}} for entry in timeline]


def _together(timeline: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Decisions of one record that are the same for several tags are one line."""
    for what, entries in groupby(timeline, key=lambda entry: (entry["what"], entry.get("record"))):
        if what[0] == "decision":
            same: dict[tuple[Any, ...], list[Entry]] = {}
            for entry in entries:
                same.setdefault((entry["decision"], entry["reason"], entry["until"]), []).append(entry)
            yield from same.values()
        else:
            yield from ([entry] for entry in entries)


def _mark(entries: list[Entry]) -> Moment:
    meant = entries[0]["for"]
    line = (("marked as sent by another system", "strong"), (f"  {f'only {meant}' if meant else 'every tag'}", ""))
    return Moment(entries[0]["at"], "new", line)


def _copy(entries: list[Entry]) -> Moment:
    (entry,) = entries
    through = f"{entry['client']} ({entry['source']})" if entry["client"] else entry["source"]
    more: list[Line] = [(("shows that it is one with ", "wait"), (other, "")) for other in entry["united"]]
    more += [(("✗ ", "bad"), (_vetoed(veto), "")) for veto in entry["vetoed"]]
    more += [((note, "wait"),) for note in entry["notes"]]
    line = ((f"{entry['event']} arrived", "strong"), (f"  {through} · {entry['request']} · {_how(entry)}", ""))
    return Moment(entry["at"], "quiet" if entry["repeat"] else "new", line, tuple(more))


def _vetoed(veto: Entry) -> str:
    return f"not {veto.get('conversion') or veto['id']}, though {_by(veto['by'])} is equal: {veto['reason']}"


def _by(what: str) -> str:
    return "its order name" if what in ("transaction_id", "refund_id") else what.replace("+", " and ")


def _how(entry: Entry) -> str:
    """What the copy was recognised as."""
    if entry["repeat"]:
        return f"no copy: {entry['repeat']}"
    if entry["matched_by"]:
        return f"copy {entry['copy']}, recognised by {entry['matched_by']}"
    return "the first copy" if not entry["ambiguous"] else "a conversion of its own: its hints fit several"


def _wait_over(entries: list[Entry]) -> Moment:
    notes: tuple[Line, ...] = tuple(((note, "wait"),) for note in entries[0]["notes"])
    line = (("the wait is over", "strong"), ("  decided on what there is", ""))
    return Moment(entries[0]["at"], "new", line, notes)


def _decision(entries: list[Entry]) -> Moment:
    first = entries[0]
    tags = ", ".join(dict.fromkeys(name(entry) for entry in entries))
    targets = [entry["target"].partition(" ")[0] if len(entries) > 1 else entry["target"] for entry in entries]
    reason = first["reason"].removeprefix("waits ") or ", ".join(dict.fromkeys(filter(None, targets)))
    until = f", until {first['until'][11:19]} at most" if first["until"] else ""
    tone = TONES.get(first["decision"], "quiet")
    line = ((tags, "strong"), (" ", ""), (first["decision"], tone), (f"  {reason}{until}", ""))
    return Moment(first["at"], tone, line)


def _delivery(entries: list[Entry]) -> Moment:
    (entry,) = entries
    tone = TONES.get(entry["outcome"], "wait")
    line = ((name(entry), "strong"), (" ", ""), (entry["outcome"], tone), (f"  {answer(entry)}", ""))
    return Moment(entry["at"], tone, line)


def answer(entry: Entry) -> str:
    """What the vendor said, how fast and in its words."""
    status = f"{entry['status']} " if entry["status"] else ""
    attempt = f" · attempt {entry['attempt']}" if entry["attempt"] > 1 else ""
    host = entry["target"].partition(" ")[0]
    said = entry["reason"].removeprefix(str(entry["status"])).strip()
    return f"{status}in {entry['took'] * 1000:.0f} ms from {host}{attempt}{f': {said}' if said else ''}"


_TELL: Mapping[str, Callable[[list[Entry]], Moment]] = {
    "mark": _mark,
    "copy": _copy,
    "wait_over": _wait_over,
    "decision": _decision,
    "delivery": _delivery,
}
