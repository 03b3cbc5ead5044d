"""report.md: what an agency hands to its client."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from container.migrate.result import BROWSER, CONVERTED, GRADES, HAND, NOTE, UNSUPPORTED, Entry, Result

MINUTES = {NOTE: 5, HAND: 30, UNSUPPORTED: 60, BROWSER: 2}
_PLURAL = {"client": "Clients", "tag": "Tags", "trigger": "Triggers", "variable": "Variables",
           "transformation": "Transformations", "template": "Custom templates"}  # fmt: skip


def report(result: Result) -> str:
    """The whole page."""
    return "\n".join(_lines(result)).rstrip() + "\n"


def summary(result: Result) -> list[str]:
    """What is printed when the work is done."""
    leaves = result.leaves
    return [
        *(f"{result.count(grade):5}  {grade}" for grade in GRADES if result.count(grade)),
        f"{leaves['total']:5}  values in the export: {leaves['used']} used, {leaves['bookkeeping']} bookkeeping, "
        f"{leaves['not_understood']} not understood",
    ]


def _lines(result: Result) -> Iterator[str]:
    what = "web" if result.web else "server"
    yield f"# {_md(result.name)}: from Google Tag Manager to tagport"
    yield ""
    yield (
        f"What became of this {what} container. Files are in this folder; `tagport "
        "check` finds what is still to be done."
    )
    yield ""
    yield from _summary(result)
    yield from _by_hand(result)
    yield from _secrets(result)
    yield from _plan(result)
    yield from _objects(result)
    yield from _leaves(result)


def _summary(result: Result) -> Iterator[str]:
    yield "## Summary"
    yield ""
    yield "| | objects |"
    yield "|---|--:|"
    for grade in GRADES:
        yield f"| {grade} | {result.count(grade)} |"
    yield ""
    for kind, shown in _PLURAL.items():
        entries = [entry for entry in result.entries if entry.kind == kind]
        if entries:
            here = sum(1 for entry in entries if entry.grade in (CONVERTED, NOTE))
            todo = sum(1 for entry in entries if entry.grade == HAND)
            rest = f", {todo} more when they have been seen to" if todo else ""
            yield f"- {shown}: {here} of {len(entries)} work here as they are{rest}."
    for remark in result.remarks:
        yield f"- {_md(remark)}"
    yield ""


def _by_hand(result: Result) -> Iterator[str]:
    hands = [entry for entry in result.entries if entry.grade == HAND]
    yield "## What to do by hand, in this order"
    yield ""
    if not hands:
        yield "Nothing: everything that runs on a server has been taken over."
        yield ""
        return
    number = 0
    for entry in sorted(
        hands,
        key=lambda one: (
            ("variable", "trigger", "client", "transformation", "tag").index(one.kind)
            if one.kind in _PLURAL and one.kind != "template"
            else 9
        ),
    ):
        for todo in entry.todo:
            number += 1
            where = f" ({entry.file}:{entry.line})" if entry.file else ""
            yield f"{number}. **{_md(entry.kind)} {_md(entry.name)}**{where}: {_md(todo)}"
    yield ""


def _secrets(result: Result) -> Iterator[str]:
    if not result.secrets:
        return
    yield "## Secrets"
    yield ""
    yield (
        "These stood in the export in the clear. They are in `.env` now, which is "
        "never committed. Whoever had the export"
    )
    yield "had them too: make new ones when you switch over."
    yield ""
    for name, where in sorted(result.secrets.items()):
        yield f"- `{name}`: {_md(where)}"
    yield ""


def _plan(result: Result) -> Iterator[str]:
    minutes = sum(MINUTES.get(entry.grade, 0) for entry in result.entries if entry.kind != "template")
    tags = [entry for entry in result.entries if entry.kind == "tag" and entry.file.startswith("tags/")]
    yield "## Switching over"
    yield ""
    yield (
        f"Estimated work: {_hours(minutes)} (from the grades: {MINUTES[NOTE]} "
        f"minutes to read a note, {MINUTES[HAND]} for what needs a hand,"
    )
    yield f"{MINUTES[UNSUPPORTED]} to decide about what is not supported)."
    yield ""
    yield (
        "1. **Pass-through.** `tagport check` is clean. The pages send to tagport, "
        "and `upstream:` on its clients passes every"
    )
    yield "   request on to the old container, which goes on sending."
    yield (
        "2. **Shadow.** `tagport serve --env shadow` with "
        f"`environments/shadow.yaml` (`tags: {{all: {{mode: shadow}}}}`): the tags ({len(tags)}) decide"
    )
    yield "   and render, none sends. `tagport compare` shows what differs from the old container."
    yield (
        "3. **Live, tag by tag.** Take one tag out of shadow and pause it in GTM in "
        "the same minute, the least important first."
    )
    yield "   `tagport mark FILE` tells of orders the old container has already sent."
    yield "4. **Off in GTM.** When a week's numbers agree, pause the old container; keep it for a month."
    yield ""


def _hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 60 else f"{math.ceil(minutes / 60)} hours"


def _objects(result: Result) -> Iterator[str]:
    for kind, shown in (*_PLURAL.items(), ("zone", "Zones"), ("gtagConfig", "Google tag settings")):
        entries = [entry for entry in result.entries if entry.kind == kind]
        if not entries:
            continue
        yield f"## {shown}"
        yield ""
        yield "| in GTM | id | grade | now | notes |"
        yield "|---|--:|---|---|---|"
        for entry in entries:
            yield (
                f"| {_md(entry.name)} | {_md(entry.id)} | {entry.grade} | {_where(entry)} | "
                f"{_md(' · '.join(entry.notes))} |"
            )
        yield ""


def _where(entry: Entry) -> str:
    return f"[{entry.file}:{entry.line}]({entry.file})" if entry.file else "–"


def _leaves(result: Result) -> Iterator[str]:
    leaves = result.leaves
    yield "## Every value of the export"
    yield ""
    yield (
        f"{leaves['total']} values: {leaves['used']} used, {leaves['bookkeeping']} "
        f"bookkeeping, {leaves['not_understood']} not understood."
    )
    yield ""
    for rule, count in sorted(result.rules.items(), key=lambda row: (-row[1], row[0])):
        yield f"- {count}: {_md(rule)}"
    if result.not_understood:
        yield ""
        yield "Not understood:"
        yield ""
        for path in result.not_understood[:MOST_PATHS]:
            yield f"- `{path.replace('`', '')}`"
        if len(result.not_understood) > MOST_PATHS:
            yield f"- … and {len(result.not_understood) - MOST_PATHS} more (`--format json` has the totals)"
    yield ""


MOST_PATHS = 500


def _md(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;").strip()
