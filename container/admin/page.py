"""The status page: numbers only, nothing of any visitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from container.admin.metrics import Metrics, Situation

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2rem }
table { border-collapse: collapse } th, td { text-align: left; padding: .15rem 1.5rem .15rem 0 }
td + td { font-variant-numeric: tabular-nums } .bad { color: #b00020 } .dim { color: #777 }
"""


def page(info: Mapping[str, str], metrics: Metrics, situation: Situation) -> str:
    """The whole page as HTML."""
    title = f"tagport · {escape(info.get('container', ''))}"
    parts = [
        f"<h1>{title}</h1>",
        _state(info, situation),
        _stale(metrics),
        _consent(metrics),
        *map(_unmet, metrics.unmet),
        _table("Conversions", ("conversion", "copy", "events"), _copies(metrics)),
        _table("Doubts", ("conversion", "doubt", "copies"), _rows(metrics.doubts)),
        _table("Decisions", ("tag", "decision", "events"), _rows(metrics.decisions)),
        _table("Deliveries", ("tag", "outcome", "status", "attempts"), _rows(metrics.deliveries)),
        _table("Failures", ("tag", "outcome", "calls"), _rows(situation.failures)),
        _table("Requests", ("client", "status", "requests"), _rows(metrics.requests)),
        '<p class="dim">Counts since this process started · <a href="/metrics">metrics</a> · '
        '<a href="/api/records">records</a> · <a href="/api/failures">failures</a></p>',
    ]
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>' + (
        "".join(parts) + "</html>"
    )


def _state(info: Mapping[str, str], situation: Situation) -> str:
    ready = "ready" if situation.ready else '<b class="bad">the store takes no writes</b>'
    waiting = f"{situation.waiting} calls wait in the outbox"
    if situation.waiting:
        waiting += f", the oldest for {situation.oldest:.0f} s"
    stopped = "".join(
        f'<p class="bad">{escape(account)}: the vendor refused the credentials; its calls wait. Put the right ones in '
        "place: in a file they count at once, in the process's environment after a restart.</p>"
        for account in situation.stopped
    )
    return f"<p>{ready} · {waiting} · configuration {escape(info.get('config', ''))}</p>{stopped}"


def _stale(metrics: Metrics) -> str:
    """Said aloud: who has edited a file believes that it counts."""
    if not metrics.stale:
        return ""
    return (
        '<p class="bad">The workspace has changed and has errors: the configuration of before goes on. '
        "`tagport check` tells what is wrong.</p>"
    )


def _consent(metrics: Metrics) -> str:
    """Said aloud: a shop whose pages never pass consent on has every tag withheld, or none."""
    if not metrics.silent:
        return ""
    return (
        f'<p class="bad">None of {metrics.events["none"]} events carried a consent signal: `consent: unknown` in '
        "container.yaml decides for all of them.</p>"
    )


def _unmet(kind: str) -> str:
    """Said aloud: pages and shop name their orders differently, so that each is told twice."""
    return (
        f'<p class="bad">No server copy was recognised as one `{escape(kind)}` with any that a page has named: '
        "the page names orders in a way that no webhook knows.</p>"
    )


def _copies(metrics: Metrics) -> list[tuple[Any, ...]]:
    return [(kind, "first" if first else "further", count) for (kind, first), count in sorted(metrics.copies.items())]


def _rows(counts: Mapping[tuple[Any, ...], int] | Counter[Any]) -> list[tuple[Any, ...]]:
    return [(*names, count) for names, count in sorted(counts.items())]


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return f'<h2>{title}</h2><p class="dim">none yet</p>'
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<h2>{title}</h2><table><tr>{head}</tr>{body}</table>"
