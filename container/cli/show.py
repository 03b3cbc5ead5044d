"""Decision records as text: what `preview` and `explain` print where no machine reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from container.admin.story import TONES, name, saw
from container.encoding import encode

COLOURS = {"good": "green", "wait": "yellow", "bad": "red", "consent": "magenta", "shadow": "cyan"}  # of tones
_WIDTH = 15  # of the longest decision, and a space


def lines(record: Mapping[str, Any], *, checks: bool = True) -> Iterator[str]:
    """One record: the event, its conversion, and every tag's decision with its reason and checks."""
    yield from _head(record)
    tags = record.get("tags", [])
    wide = max((len(name(row)) for row in tags), default=0) + 2
    for row in tags:
        if checks and row["decision"] == "not_triggered" and len(_failed(row)) == 1:
            yield _tag({**row, "reason": _check(_failed(row)[0])}, wide)
            continue
        yield _tag(row, wide)
        if checks and row["decision"] != "fired":
            yield from (f"    {' ' * wide}{_check(check)}" for check in row.get("checks", ()))
        yield from (f"    {' ' * wide}→ {_delivery(found)}" for found in row.get("deliveries", ()))


def _head(record: Mapping[str, Any]) -> Iterator[str]:
    event, request = record.get("event", {}), record.get("request", {})
    yield click.style(f"{record['id']}  {record.get('received', '')}  {event.get('name', '')}", bold=True)
    client = request.get("client")
    through = f"client {client} ({request.get('source')})" if client else "no client"
    yield f"  {request.get('method', '')} {request.get('path', '')} · {through}"
    conversion = record.get("conversion")
    if conversion:
        yield f"  {_conversion(conversion)}"
    for note in record.get("notes", ()):
        yield f"  note: {note}"


def _conversion(conversion: Mapping[str, Any]) -> str:
    parts = [f"{conversion.get('kind')} {conversion.get('id')}", f"copy {conversion.get('copy')}"]
    if conversion.get("matched_by"):
        parts.append(f"recognised by {conversion['matched_by']}")
    if conversion.get("first"):
        parts.append(f"first told by {conversion['first']}")
    return " · ".join(parts)


def _tag(row: Mapping[str, Any], wide: int) -> str:
    decision, reason = row["decision"], row.get("reason") or ""
    reason += f", until {row['until'][11:19]} at most" if row.get("until") else ""
    gap = " " * (_WIDTH - len(decision)) if reason else ""
    return f"  {name(row):<{wide}}{click.style(decision, fg=COLOURS.get(TONES.get(decision, '')))}{gap}{reason}"


def _failed(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [check for check in row.get("checks", ()) if not check.get("passed")]


def _check(check: Mapping[str, Any]) -> str:
    mark = "✓" if check.get("passed") else "✗"
    parts = [f"{mark} {check.get('check')}", saw(check), check.get("at") or ""]
    return "   ".join(part for part in parts if part)


def _delivery(found: Mapping[str, Any]) -> str:
    status = f" {found['status']}" if found.get("status") else ""
    reason = f": {found['reason']}" if found.get("reason") else ""
    return f"{found.get('outcome')}{status} {found.get('at', '')} {found.get('target', '')}{reason}"


def call_lines(call: Mapping[str, Any]) -> Iterator[str]:
    """One rendered call."""
    yield click.style(f"{name(call)}: {call['method']} {call['url']}", bold=True)
    yield from (f"  {header}: {value}" for header, value in call["headers"].items())
    if call["body"] is not None:
        body = call["body"] if isinstance(call["body"], str) else json.dumps(json.loads(encode(call["body"])), indent=2)
        yield from (f"  {line}" for line in body.splitlines())
