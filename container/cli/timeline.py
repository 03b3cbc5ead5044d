"""A conversion's history for the terminal: what happened, in order, as one reads it."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from container.cli.show import COLOURS
from container.encoding import encode

Entry = Mapping[str, Any]

_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
WIDE = 140  # columns where no terminal says how many it has
LONGEST = 100  # characters of a field's value
_OUTCOMES = {
    "delivered": "green",
    "accepted": "green",
    "retry": "yellow",
    "later": "yellow",
    "stopped": "red",
    "refused": "red",
    "unknown": "red",
    "expired": "red",
}


def show(history: Mapping[str, Any]) -> None:
    """Print a history (`admin.history`) on standard output."""
    parts = Group(*_parts(history))
    if sys.stdout.isatty():
        Console(highlight=False).print(parts)
        return
    out = io.StringIO()
    Console(file=out, highlight=False, width=WIDE).print(parts)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _parts(history: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _title(history)
    yield _heading("ONE CONVERSION, EVERY COPY")
    yield _timeline(history)
    still = list(_still(history))
    if still:
        yield _heading("STILL TO COME")
        yield from still
    if history["fields"]:
        yield _heading("WHAT TAGS SAW, AND WHERE IT CAME FROM")
        yield _fields(history)
    if history["not_triggered"]:
        yield _heading("NOT TRIGGERED")
        yield from _not_triggered(history["not_triggered"])


def _heading(said: str) -> RenderableType:
    return Text(f"\n{said}", style="bright_black")


def _attempts(count: int) -> str:
    return f"{count} attempt{'s' if count != 1 else ''}"


def _line(*pieces: str | tuple[str, str]) -> Text:
    """One line; nothing in it is taken for markup or a command to the terminal."""
    styled = ((one, "") if isinstance(one, str) else one for one in pieces)
    return Text.assemble(*((_printable(said), style) for said, style in styled))


def _title(history: Mapping[str, Any]) -> RenderableType:
    worth = {field["name"]: field["value"] for field in history["fields"]}
    money = " ".join(_value(worth[name]) for name in ("value", "currency") if name in worth)
    head = _line((history["kind"], "bold"), f" {history['transaction_id']}  ", (money, "bold"))
    copies = f"{history['copies']} cop{'y' if history['copies'] == 1 else 'ies'}"
    sources = f" ({', '.join(history['sources'])})" if history["sources"] else ""
    facts = [f"conversion {history['id']}", copies + sources]
    facts += [f"event_id {history['event_id']}"] if history["event_id"] else []
    facts += [f"of {history['of']}"] if history["of"] else []
    consent = [f"{name} {'granted' if granted else 'denied'}" for name, granted in sorted(history["consent"].items())]
    return Group(head, _line((" · ".join(facts), "bright_black")), _line((_consent(consent), "bright_black")))


def _consent(said: Sequence[str]) -> str:
    return "consent: " + (", ".join(said) if said else "no copy has said anything")


def _timeline(history: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="bright_black")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    day = ""
    for entries in _together(_with_times(history["timeline"])):
        at = entries[0]["at"]
        if at[:10] != day:
            day = at[:10]
            table.add_row(_date(day), "", "")
        colour, said = _TELL[entries[0]["what"]](entries)
        table.add_row(at[11:23], Text("●", style=colour), said)
    return table


def _with_times(timeline: Sequence[Entry]) -> list[Entry]:
    """A reason that names a record names its time instead."""
    at = {entry["record"]: f"the copy of {entry['at'][11:19]}" for entry in timeline if entry["what"] == "copy"}

    def named(reason: str) -> str:
        return _ID.sub(lambda id: at.get(id[0], id[0]), reason)

    return [{**entry, "reason": named(entry.get("reason", ""))} for entry in timeline]


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


def _told_mark(entries: list[Entry]) -> tuple[str, RenderableType]:
    meant = entries[0]["for"]
    return "blue", _line(("marked as sent by another system", "bold"), f"  {f'only {meant}' if meant else 'every tag'}")


def _told_copy(entries: list[Entry]) -> tuple[str, RenderableType]:
    (entry,) = entries
    through = f"{entry['client']} ({entry['source']})" if entry["client"] else entry["source"]
    lines = [_line((f"{entry['event']} arrived", "bold"), f"  {through} · {entry['request']} · {_how(entry)}")]
    lines += [_line(("shows that it is one with ", "yellow"), other) for other in entry["united"]]
    lines += [_line(("✗ ", "red"), _vetoed(veto)) for veto in entry["vetoed"]]
    lines += [_line((note, "yellow")) for note in entry["notes"]]
    return ("bright_black" if entry["repeat"] else "blue"), Group(*lines)


def _vetoed(veto: Mapping[str, Any]) -> str:
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


def _told_wait_over(entries: list[Entry]) -> tuple[str, RenderableType]:
    notes = [_line((note, "yellow")) for note in entries[0]["notes"]]
    return "blue", Group(_line(("the wait is over", "bold"), "  decided on what there is"), *notes)


def _told_decision(entries: list[Entry]) -> tuple[str, RenderableType]:
    first = entries[0]
    tags = ", ".join(dict.fromkeys(_name(entry) for entry in entries))
    targets = [entry["target"].partition(" ")[0] if len(entries) > 1 else entry["target"] for entry in entries]
    reason = first["reason"].removeprefix("waits ") or ", ".join(dict.fromkeys(filter(None, targets)))
    until = f", until {first['until'][11:19]} at most" if first["until"] else ""
    colour = COLOURS.get(first["decision"], "bright_black")
    return colour, _line((tags, "bold"), " ", (first["decision"], colour), f"  {reason}{until}")


def _told_delivery(entries: list[Entry]) -> tuple[str, RenderableType]:
    (entry,) = entries
    colour = _OUTCOMES.get(entry["outcome"], "yellow")
    status = f"{entry['status']} " if entry["status"] else ""
    attempt = f" · attempt {entry['attempt']}" if entry["attempt"] > 1 else ""
    host = entry["target"].partition(" ")[0]
    took = f"{status}in {entry['took'] * 1000:.0f} ms from {host}{attempt}"
    said = entry["reason"].removeprefix(str(entry["status"])).strip()
    reason = f": {said}" if said else ""
    return colour, _line((_name(entry), "bold"), " ", (entry["outcome"], colour), f"  {took}{reason}")


_TELL: dict[str, Callable[[list[Entry]], tuple[str, RenderableType]]] = {
    "mark": _told_mark,
    "copy": _told_copy,
    "wait_over": _told_wait_over,
    "decision": _told_decision,
    "delivery": _told_delivery,
}


def _still(history: Mapping[str, Any]) -> Iterator[RenderableType]:
    for held in history["waiting"]:
        until = f"for another copy, until {held['until']}"
        what = "for a copy that brings consent" if held["why"] == "consent" else until
        yield _line(("● ", "yellow"), (held["tag"], "bold"), f" waits {what}")
    for row in history["queued"]:
        failed = row["state"] not in ("queued", "sending")
        look = "see `tagport failures`"
        then = f"its account is stopped: {look}" if row["account_stopped"] else f"next try {row['due']}"
        what = f"{row['state']}; {look}" if failed else f"{row['state']}, {then}"
        reason = f": {row['reason']}" if row["reason"] else ""
        colour = "red" if failed else "yellow"
        yield _line(("● ", colour), (_name(row), "bold"), f" {what}, {_attempts(row['attempts'])} so far{reason}")


def _not_triggered(reasons: Mapping[str, str]) -> Iterator[RenderableType]:
    """Tags of other events together, the others each with what failed."""
    others = [tag for tag, reason in reasons.items() if reason.startswith("the event is ")]
    for tag, reason in reasons.items():
        if tag not in others:
            yield _line(("● ", "bright_black"), (tag, "bold"), f"  {reason}")
    if others:
        yield _line(("● ", "bright_black"), "they fire for other events: ", (", ".join(others), "bold"))


def _fields(history: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=LONGEST)
    table.add_column(no_wrap=True, style="bright_black")
    for name, value, source in _flat(history["fields"]):
        table.add_row(_line(name), _line(_value(value)), _line(source))
    return Padding(table, (0, 0, 0, 0))


def _flat(fields: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any, str]]:
    """Members of objects as rows of their own: `user_data.email_address`."""
    for field in fields:
        value = field["value"]
        if isinstance(value, dict) and value:
            yield from _flat({**field, "name": f"{field['name']}.{key}", "value": one} for key, one in value.items())
        else:
            yield field["name"], value, field["from"]


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else encode(value).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _name(entry: Entry) -> str:
    return f"{entry['tag']} → {entry['destination']}" if entry.get("destination") else str(entry["tag"])


def _date(day: str) -> str:
    return datetime.fromisoformat(day).strftime("%a %d %b %Y")


def _printable(said: str) -> str:
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in said)
