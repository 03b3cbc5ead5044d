"""Triggers of a server container."""

from __future__ import annotations

from typing import Any

from container.migrate.conditions import Conditions
from container.migrate.export import FIRST_BUILT_IN, Object, upper_snake
from container.migrate.job import Job
from container.migrate.parameters import arguments, digits, listed
from container.migrate.references import References
from container.migrate.result import BROWSER, Entry
from container.triggers import ALL_EVENTS

ALL_EVENTS_ID = "2147479574"
_WEB_IDS = {"2147479553", "2147479572", "2147479573"}
_SERVER = {"ALWAYS", "CUSTOM_EVENT", "SERVER_PAGEVIEW"}
_BROWSER = {
    "INIT", "CONSENT_INIT", "PAGEVIEW", "DOM_READY", "WINDOW_LOADED", "CLICK", "LINK_CLICK", "FORM_SUBMISSION", "TIMER",
    "SCROLL_DEPTH", "YOU_TUBE_VIDEO", "ELEMENT_VISIBILITY", "HISTORY_CHANGE", "JS_ERROR",
}  # fmt: skip


class Triggers:
    """Every trigger in its file; what tags refer to."""

    def __init__(self, job: Job, references: References, conditions: Conditions) -> None:
        self._job = job
        self._references = references
        self._conditions = conditions
        self._by_id = {trigger.id: trigger for trigger in job.export.of("trigger")}
        self.events: dict[str, list[str] | None] = {ALL_EVENTS: None}  # id → event names; None: every event

    def convert(self) -> None:
        """All of them."""
        for trigger in self._job.export.of("trigger"):
            self._one(trigger)

    def _one(self, trigger: Object) -> None:
        entry = self._job.entry(trigger)
        kind = upper_snake(trigger.type)
        if kind in _BROWSER:
            trigger.item.book("triggers of the browser")
            entry.left(BROWSER, f"{kind} happens in the page; the server sees the event that the page sends")
            return
        said: dict[str, Any] = {"name": trigger.name}
        if kind == "SERVER_PAGEVIEW":
            said["event"] = "page_view"
        elif kind == "TRIGGER_GROUP":
            said |= self._group(trigger, entry)
        elif kind not in _SERVER:
            why = f"tagport does not know triggers of type `{trigger.type}`: write when it fires"
            said["when"] = [
                {"value": f"{{{{ {self._job.fill_in(entry, f'trigger {trigger.name}', why)} }}}}", "is": "present"}
            ]
            self._write(trigger, said)
            return
        when = self._named(trigger, said, entry) if kind == "CUSTOM_EVENT" else []
        for key in ("filter", "autoEventFilter"):
            for item in trigger.item.get(key).elements():
                client = self._client(item.value, entry)
                if client and "client" not in said:
                    item.use()
                    said["client"] = client if len(client) > 1 else client[0]
                else:
                    when += self._conditions.all([item], entry)
        if when:
            said["when"] = when
        trigger.item.book_all(
            "settings that only browsers read",
            "waitForTags",
            "checkValidation",
            "waitForTagsTimeout",
            "uniqueTriggerId",
        )
        self._write(trigger, said)

    def _write(self, trigger: Object, said: dict[str, Any]) -> None:
        event = said.get("event")
        self.events[self._job.id_of(trigger)] = [event] if isinstance(event, str) else event
        if set(said) == {"name"}:
            said["notes"] = "every event"
        self._job.write(trigger, said)

    def _group(self, trigger: Object, entry: Entry) -> dict[str, Any]:
        members = trigger.params.value("triggerIds")
        names = [self._by_id[id].name for id in listed(members) if isinstance(id, str) and id in self._by_id]
        why = "a trigger group waits until several triggers have fired; tagport decides each event by itself"
        why += f": choose the event that comes last, of {', '.join(names) or 'its members'}"
        return {
            "when": [
                {"value": f"{{{{ {self._job.fill_in(entry, f'trigger {trigger.name}', why)} }}}}", "is": "present"}
            ]
        }

    def _named(self, trigger: Object, said: dict[str, Any], entry: Entry) -> list[Any]:
        """`customEventFilter`: the event's name, or conditions on it."""
        when = []
        for condition in self._conditions.all(trigger.item.get("customEventFilter").elements(), entry):
            names = _names(condition)
            if names and "event" not in said:
                said["event"] = names if len(names) > 1 else names[0]
            else:
                when.append(condition)
        return when

    def _client(self, condition: Any, entry: Entry) -> list[str]:
        """The clients a condition on `{{Client Name}}` means; empty where it is no such condition or none fits."""
        known = arguments(condition)
        if known.get("arg0") != "{{Client Name}}" or known.get("negate") == "true":
            return []
        wanted, operator = known.get("arg1", ""), upper_snake(str(condition.get("type", "")))
        if operator not in ("EQUALS", "CONTAINS") or "{{" in wanted or not wanted:
            return []
        clients = self._job.export.of("client")
        found = [one for one in clients if (one.name == wanted if operator == "EQUALS" else wanted in one.name)]
        if not found and clients:
            entry.note(f"the export has no client called `{wanted}`: name yours so, or change the condition")
        return [self._job.id_of(one) for one in found if self._job.entry(one).grade not in ("unsupported",)]

    def of_tag(self, ids: list[str], entry: Entry) -> list[str]:
        """The ids of a tag's triggers here; those of GTM's own that stand in no export too."""
        found = []
        for id in ids:
            trigger = self._by_id.get(id)
            if trigger is not None:
                if self._job.entry(trigger).grade == BROWSER:
                    continue
                found.append(self._job.id_of(trigger))
            elif id == ALL_EVENTS_ID:
                found.append(ALL_EVENTS)
            else:
                found.append(self._missing(id, entry))
        return list(dict.fromkeys(found))

    def _missing(self, id: str, entry: Entry) -> str:
        if id in _WEB_IDS:
            entry.hand(f"trigger {id} is the web container's `All Pages`; a server container does not have it")
        elif (digits(id) or 0) >= FIRST_BUILT_IN:
            entry.hand(f"trigger {id} is one of GTM's own that is not known")
        else:
            entry.hand(f"trigger {id} is not in the export: write triggers/missing_trigger_{id}.yaml, or take it out")
        return f"missing_trigger_{id}"


def _names(condition: Any) -> list[str]:
    """The names, where the condition compares the event's name with a fixed text or with `^(a|b)$`."""
    if condition.get("value") != "{{ event.event_name }}":
        return []
    if set(condition) == {"value", "equals"}:
        name = condition["equals"]
        return [name] if "{{" not in name else []
    pattern = condition.get("matches_regex", "")
    if set(condition) != {"value", "matches_regex"} or not (pattern.startswith("^") and pattern.endswith("$")):
        return []
    inside = pattern[1:-1]
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1].removeprefix("?:")
    elif "|" in inside:
        return []  # `^a|b$` anchors each side once
    names = inside.split("|")
    return names if all(name.replace("_", "a").isalnum() for name in names) else []
