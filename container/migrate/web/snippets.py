"""browser/snippets.md: what the page has to do from now on, ready to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from container.migrate.job import Job
from container.migrate.result import BROWSER

PATH = "browser/snippets.md"


def snippets(job: Job, wanted: Mapping[str, str]) -> str:
    """`wanted`: the events that a trigger of the page has to send, by the trigger's name."""
    return job.secrets.clean("\n".join(_lines(job, wanted))).rstrip() + "\n"


def _lines(job: Job, wanted: Mapping[str, str]) -> Iterator[str]:
    yield "# What stays in the page"
    yield ""
    yield "All hits come by one stream: the Google tag sends them to tagport instead of Google."
    yield ""
    yield "```html"
    yield "<script>gtag('config', 'G-XXXXXXXXXX', {server_container_url: 'https://sst.example.com'});</script>"
    yield "```"
    yield ""
    catalogue = _catalogue(job)
    if catalogue:
        yield "## Events the page sends already"
        yield ""
        for name, parameters in catalogue.items():
            yield f"- `{name}`" + (f": {', '.join(f'`{one}`' for one in parameters)}" if parameters else "")
        yield ""
    if wanted:
        yield "## Events the page has to send now"
        yield ""
        yield "Nobody sends these yet: in GTM a GA4 event tag on the trigger, or this line in the page."
        yield ""
        for trigger, event in sorted(wanted.items()):
            yield f"- trigger {trigger}: `gtag('event', {json.dumps(event)})`"
        yield ""
    stay = [entry for entry in job.result.entries if entry.grade == BROWSER and entry.kind in ("tag", "trigger")]
    if stay:
        yield "## What goes on as it is"
        yield ""
        for entry in stay:
            yield f"- {entry.kind} {entry.name}: {'; '.join(entry.notes)}"


def _catalogue(job: Job) -> dict[str, list[str]]:
    """Event name → its parameters, of all GA4 event tags."""
    found: dict[str, list[str]] = {}
    for tag in job.export.of("tag"):
        if tag.type == "gaawe":
            known = dict(tag.params.all())
            names = found.setdefault(str(known.get("eventName") or "?"), [])
            names += [name for name in parameters(job, known) if name not in names]
    return dict(sorted(found.items()))


def parameters(job: Job, known: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a GA4 event tag, its settings variable's included: name → text."""
    found: dict[str, str] = {}
    settings = str(known.get("eventSettingsVariable") or "").strip("{} ")
    variable = job.export.named("variable", settings) if settings else None
    tables = [dict(variable.params.all()).get("eventSettingsTable")] if variable is not None else []
    for table in (*tables, known.get("eventSettingsTable"), known.get("eventParameters"), known.get("userProperties")):
        for row in table if isinstance(table, list) else ():
            if isinstance(row, dict):
                name = row.get("parameter") or row.get("name")
                found[str(name)] = str(row.get("parameterValue") or row.get("value") or "")
    return found


def sent_as(job: Job) -> dict[str, str]:
    """Variable name → the event parameter by which some GA4 tag sends it."""
    found: dict[str, str] = {}
    for tag in job.export.of("tag"):
        if tag.type == "gaawe":
            for name, text in parameters(job, dict(tag.params.all())).items():
                if text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1:
                    found.setdefault(text[2:-2], name)
    return found
