"""`tagport test --online`: each live tag's test event, sent to the vendor's test mode, and its answer explained."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from container.cli.routes import Result
from container.clients.common import add_page
from container.conversion import Conversion
from container.delivery.http import Http
from container.delivery.outcomes import AMBIGUOUS, Verdict
from container.delivery.vendor import Vendor
from container.errors import Invalid, MissingSecret
from container.event import CONSENT_TYPES, Event, Request
from container.language.expression import Scope, present
from container.ledger.interface import Row
from container.pipeline import Container
from container.tags import Tag
from container.tags.tag import Destination, PreparedCall
from container.templates import Template
from container.workspace.conform import plain

TAKEN = {
    "delivered": "the vendor takes it",
    "accepted": "the vendor's test mode finds nothing wrong with it",
}
NOT_TAKEN = {
    "refused": "the vendor refuses it",
    "stopped": "the credentials do not serve",
    "retry": "the vendor could not answer now; try again",
    "later": "the vendor wants it later; try again in some hours",
    AMBIGUOUS: "no answer came; try again",
}


async def ask(container: Container, vendors: str | None = None) -> AsyncIterator[Result]:
    """A result for every live tag and destination. `vendors`: a URL to send to instead of the vendors' own hosts."""

    def reveal(name: str) -> str:
        try:
            return container.environment[name]
        except KeyError:
            raise MissingSecret(name) from None

    http = Http(vendors)
    vendor = Vendor(http, reveal, time.time)
    try:
        for tag in container.tags:
            for destination in tag.destinations if tag.mode == "live" else ():
                yield await _ask(container, vendor, tag, destination)
    finally:
        await http.close()


async def _ask(container: Container, vendor: Vendor, tag: Tag, destination: Destination) -> Result:
    template = container.templates[tag.template_id]
    name = f"{tag.id} online" + (f", {destination.id}" if destination.id else "")
    if template.online is None:
        return Result(tag.place.file, name, answer=f"not asked: `{template.id}` knows no test mode of its vendor")
    binding = destination.binding.with_params(_params(template))
    scope = _scope(container, tag, template)
    try:
        aimed = binding.aim(scope)
        rendered = PreparedCall(tag, destination.id, aimed).render()
        missing = [key for key in template.online["needs"] if not present(aimed.local["params"].get(key))]
    except Invalid as error:
        return Result(tag.place.file, name, [f"nothing was sent: {error}"])
    if missing:
        told = ", ".join(f"`{key}`" for key in missing)
        hint = "set it in environments/NAME.yaml under `tags: {all: {params: …}}` and test with --env NAME"
        return Result(tag.place.file, name, [f"nothing was sent: without {told} the event would be counted; {hint}"])
    row = Row(0, None, "online", rendered, time.time())
    verdict = await vendor.ask([row], template.rules)
    return _explained(tag, name, template, verdict)


def _explained(tag: Tag, name: str, template: Template, verdict: Verdict) -> Result:
    words = f": {verdict.reason}" if verdict.reason else ""
    if verdict.outcome in TAKEN:
        return Result(tag.place.file, name, answer=TAKEN[verdict.outcome] + words)
    advice = template.advice.of(verdict.reason)
    told = [NOT_TAKEN.get(verdict.outcome, verdict.outcome) + words]
    return Result(tag.place.file, name, [*told, *([f"what to do: {advice}"] if advice else [])])


def _params(template: Template) -> dict[str, Any]:
    """The parameters that ask for the vendor's test mode."""
    said: Mapping[str, Any] = template.online["params"] if template.online is not None else {}
    return {name: template.params[name].read(plain(node)) for name, node in said.items() if name in template.params}


def _scope(container: Container, tag: Tag, template: Template) -> Scope:
    """The template's test event as one that this tag fires for, with every consent given."""
    now = time.time()
    data: dict[str, Any] = {**(template.online or {})["event"], "timestamp": now}
    names = [event for id in tag.triggers for event in sorted(container.triggers.compiled[id].events or ())]
    if names and data.get("event_name") not in names:
        data["event_name"] = names[0]
    add_page(data, {})
    event = Event("online", data, Request(received=now))
    conversion = Conversion("online", "event", data, now=now, timestamp=now)
    return container.variables.over(event, conversion, dict.fromkeys(CONSENT_TYPES, True))
