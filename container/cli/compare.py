"""`tagport compare`: whether two workspaces send the same."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from container.cli.common import FINDINGS, CannotRun, built, format_option, print_json, read_bytes

if TYPE_CHECKING:
    from container.decision import Decision
    from container.event import Request
    from container.pipeline import Container
    from container.replay.sameness import Accepted, Call, Comparison

LATER = 61.5  # seconds between two runs of one side: what differs then changes by itself


@click.command("compare")
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@click.option("--traffic", required=True, metavar="FILE", type=click.Path(path_type=Path),
              help="The requests: a HAR, JSON lines, or one request as text.")  # fmt: skip
@click.option("--accept", metavar="FILE", type=click.Path(path_type=Path),
              help="Differences that are accepted, with a reason: a YAML file.")  # fmt: skip
@format_option
def command(a: Path, b: Path, traffic: Path, accept: Path | None, form: str) -> None:
    """Put the same requests through the workspaces A and B and tell what they would send differently.

    B may also be a recording of what another container sent: a HAR, or the log of `tagport sink`. Nothing is sent or
    stored. Exit code 1 where a difference is not accepted.
    """
    from container.cli.traffic import recorded, requests
    from container.errors import Unreadable
    from container.replay.sameness import compare, in_order

    try:
        sent = requests(traffic, time.time())
        ours, again = _run(a, sent), _run(a, [replace(one, received=one.received + LATER) for one in sent])
        theirs = _run(b, sent) if b.is_dir() else Run(in_order(ours.calls, recorded(b)))
    except (Unreadable, OSError) as error:
        raise CannotRun(str(error)) from error
    found = compare(ours.calls, again.calls, theirs.calls)
    found.accept(_accepted(accept))
    refused = [*_refused("A", ours), *_refused("B", theirs)]
    if form == "json":
        rows = [one.as_json() for one in found.found.values()]
        print_json({"requests": len(sent), "calls": found.calls, "differences": rows, "refused": refused})
    else:
        _show(found, len(sent))
        for one in refused:
            click.echo(f"{one['side']} refuses {one['count']}, the first is request {one['first']}: {one['reason']}")
    sys.exit(FINDINGS if found.open else 0)


@dataclass
class Run:
    """What one side makes of the requests: the calls of each, and why some were refused, by the request's number."""

    calls: list[list[Call]]
    refused: dict[int, str] = field(default_factory=dict)


def _run(folder: Path, requests: Sequence[Request]) -> Run:
    """In a container that knows the requests before each."""
    from container.build import in_memory

    return asyncio.run(_all(built(folder, None, in_memory), requests))


async def _all(container: Container, requests: Sequence[Request]) -> Run:
    """A call for which a tag has waited is of the request with which the wait began: the other side may not wait."""
    from container.replay import WAITS_OVER, replay, shown, waited

    found = Run([[] for _ in requests])
    began: dict[tuple[str, str], int] = {}

    def note(number: int, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            id = decision.conversion.id
            for row in decision.tags:
                if row.decision == "waiting":
                    began.setdefault((id, row.tag), number)
            for call in decision.calls:
                found.calls[began.get((id, call.tag), number)].append(shown(call))

    for number, request in enumerate(requests):
        note(number, await waited(container, request.received))
        told = await replay(container, request)
        note(number, told.decisions)
        if told.status >= 400:
            reason = "no client claims the path" if told.status == 404 else told.reason
            found.refused[number + 1] = f"{told.status} {reason}"
    if requests:
        note(len(requests) - 1, await waited(container, requests[-1].received + WAITS_OVER))
    return found


def _refused(side: str, run: Run) -> list[dict[str, Any]]:
    """By reason: requests of which nothing could be compared."""
    by_reason: dict[str, list[int]] = {}
    for number, reason in run.refused.items():
        by_reason.setdefault(reason, []).append(number)
    return [
        {"side": side, "reason": reason, "count": len(numbers), "first": numbers[0]}
        for reason, numbers in by_reason.items()
    ]


def _accepted(path: Path | None) -> list[Accepted]:
    from container.cli.report import show
    from container.problems import Problems
    from container.replay.sameness import Accepted
    from container.workspace.conform import plain
    from container.workspace.reader import read_text

    if path is None:
        return []
    problems = Problems()
    node = read_text(read_bytes(path).decode("utf-8", "replace"), str(path), problems)
    rows = plain(node) if node is not None else None
    if problems.errors:
        show(problems, Path(), sys.stderr)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("reason") for row in rows):
        raise CannotRun(f"{path}: write a list of {{tag, field, reason}}; each needs a reason")
    return [Accepted(str(row.get("tag", "*")), str(row.get("field", "*")), str(row["reason"])) for row in rows]


def _show(found: Comparison, requests: int) -> None:
    last = ""
    for one in sorted(found.found.values(), key=lambda one: (one.tag, one.field)):
        if one.tag != last:
            click.echo(f"\n{one.tag}")
            last = one.tag
        said = f"({one.count}x, first in request {one.first})" + (f" accepted: {one.reason}" if one.reason else "")
        click.echo(f"  {one.field}: {one.a[:60]} | {one.b[:60]}   {said}")
    differ, accepted = len(found.open), len(found.found) - len(found.open)
    summary = f"{differ or 'no'} difference{'' if differ == 1 else 's'}" + (
        f", {accepted} accepted" if accepted else ""
    )
    click.echo(f"\n{requests} requests, {found.calls} calls compared: {summary}")
