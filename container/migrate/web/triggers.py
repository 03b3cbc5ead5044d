"""Triggers of a web container: by the events that the page sends."""

from __future__ import annotations

from typing import Any

from container.migrate.conditions import Conditions
from container.migrate.export import Object, upper_snake
from container.migrate.job import Job
from container.migrate.names import slug
from container.migrate.parameters import arguments, listed
from container.migrate.result import BROWSER, Document, Entry
from container.triggers import ALL_EVENTS

PAGE_VIEW = "page_view"
_PAGES = {"PAGEVIEW", "DOM_READY", "WINDOW_LOADED", "INIT", "CONSENT_INIT"}
_ALL_PAGES = {"2147479553", "2147479572", "2147479573"}
_PAGE_LEFT = "settings that only browsers read"


class WebTriggers:
    """What fires the tags that move. A trigger becomes the event that its GA4 tags send, else one named as it is."""

    def __init__(self, job: Job, conditions: Conditions) -> None:
        self._job = job
        self._conditions = conditions
        self._by_id = {trigger.id: trigger for trigger in job.export.of("trigger")}
        self._sent = _sent(job)
        self.events: dict[str, list[str] | None] = {ALL_EVENTS: None}
        self.wanted: dict[str, str] = {}  # trigger's name → the event that the page has to send for it

    def convert(self) -> None:
        """Those that a GA4 tag fires with; the others only where a tag that moves asks for them."""
        for trigger in self._job.export.of("trigger"):
            kind = upper_snake(trigger.type)
            if kind == "CUSTOM_EVENT" or kind in _PAGES or self._sent.get(trigger.id):
                self._write(trigger, kind)
            else:
                reason = f"{kind} happens in the page"
                self._job.entry(trigger).left(BROWSER, reason)
            trigger.item.book(_PAGE_LEFT)

    def _write(self, trigger: Object, kind: str) -> None:
        entry = self._job.entry(trigger)
        said: dict[str, Any] = {"name": trigger.name, **self._event(trigger, kind, entry)}
        if kind in _PAGES or kind == "CUSTOM_EVENT":
            when = self._conditions.all(trigger.item.get("filter").elements(), entry)
            if when:
                said["when"] = when
        event = said.get("event")
        self.events[self._job.id_of(trigger)] = [event] if isinstance(event, str) else event
        self._job.write(trigger, said)

    def _event(self, trigger: Object, kind: str, entry: Entry) -> dict[str, Any]:
        sent = self._sent.get(trigger.id, [])
        if kind in _PAGES:
            if kind != "PAGEVIEW":
                entry.note(f"{kind} is one moment of a page view; the server sees one event for it")
            return {"event": PAGE_VIEW}
        if sent:
            names = ", ".join(f"`{name}`" for name in sent)
            entry.note(f"fires on what the page's GA4 tags send for it: {names}")
            return {"event": sent if len(sent) > 1 else sent[0]}
        own = _own_name(trigger) if kind == "CUSTOM_EVENT" else ""
        event = own or slug(trigger.name) or f"trigger_{trigger.id}"
        if own:
            trigger.item.get("customEventFilter").use()
        entry.note(f"no GA4 tag sends an event for it: the page has to send `{event}` (browser/snippets.md)")
        self.wanted[trigger.name] = event
        return {"event": event}

    def of_tag(self, ids: list[str], entry: Entry) -> list[str]:
        """The ids of a tag's triggers here."""
        found = []
        for id in ids:
            trigger = self._by_id.get(id)
            if trigger is not None:
                if self._job.id_of(trigger) not in self.events:
                    self._write(trigger, upper_snake(trigger.type))
                    self._job.entry(trigger).grade = "converted, with a note"
                found.append(self._job.id_of(trigger))
            elif id in _ALL_PAGES:
                found.append(self._all_pages())
            else:
                entry.hand(
                    f"trigger {id} is not in the export: write triggers/missing_trigger_{id}.yaml, or take it out"
                )
                found.append(f"missing_trigger_{id}")
        return list(dict.fromkeys(found))

    def _all_pages(self) -> str:
        path = "triggers/all_pages.yaml"
        if path not in self._job.result.files:
            self._job.put(path, Document({"name": "All Pages", "event": PAGE_VIEW}))
            self.events["all_pages"] = [PAGE_VIEW]
        return "all_pages"


def _sent(job: Job) -> dict[str, list[str]]:
    """Trigger id → the events that GA4 event tags send when it fires."""
    found: dict[str, dict[str, None]] = {}
    for tag in job.export.of("tag"):
        name = dict(tag.params.all()).get("eventName") if tag.type == "gaawe" else None
        if isinstance(name, str) and name and "{{" not in name:
            for id in listed(tag.item.get("firingTriggerId").value):
                found.setdefault(str(id), {})[name] = None
    return {id: list(names) for id, names in found.items()}


def _own_name(trigger: Object) -> str:
    for condition in listed(trigger.item.get("customEventFilter").value):
        if isinstance(condition, dict) and upper_snake(str(condition.get("type"))) == "EQUALS":
            return arguments(condition).get("arg1", "")
    return ""
