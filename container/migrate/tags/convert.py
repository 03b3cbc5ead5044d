"""All tags: what fires them, what keeps them from firing, and the vendor's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from container.migrate.export import Object
from container.migrate.parameters import digits, listed
from container.migrate.result import UNSUPPORTED, Document, Entry
from container.migrate.tags import generic, google, meta, tiktok
from container.migrate.tags.made import Made, Tools, consent_of
from container.migrate.variable_templates import CHECKERS

Convert = Callable[[Object, Entry, Tools], Made | None]
BY_TYPE: dict[str, Convert] = {
    "sgtmgaaw": google.ga4,
    "sgtmadsct": google.ads_conversion,
    "sgtmadscl": google.conversion_linker,
    "sgtmadsremarket": google.REMARKETING,
    "sgtmfls": google.floodlight,
    "sgtmflc": google.floodlight,
    "http_request": generic.http_request,
}
BY_TEMPLATE: dict[str, Convert] = {
    "stape-io/facebook-tag": meta.stape,
    "facebookincubator/conversionsapi-tag-for-googletagmanager": meta.official,
    "stape-io/tiktok-tag": tiktok.stape,
    "tiktok/gtm-template-eapi": tiktok.official,
    "stape-io/ga4-advanced-tag": google.ga4_advanced,
    "stape-io/json-http-request-tag": generic.json_request,
    "stape-io/gads-offline-conversion-tag": google.ads_conversion,
}
FORKS = {  # copies of a template under another owner, with its parameters
    "facebook-tag": meta.stape,
    "sgtm-facebook-tag": meta.stape,
    "tiktok-tag": tiktok.stape,
    "gtm-server-tag-meta-capi": meta.official,
}
WRITERS = ("store-writer", "firestore-writer", "redis-writer")


class Firing(Protocol):
    """What tags need to know of triggers."""

    @property
    def events(self) -> Mapping[str, list[str] | None]:
        """Trigger id → the names of its events; None: every event."""

    def of_tag(self, ids: list[str], entry: Entry) -> list[str]:
        """The ids here of a tag's triggers."""


@dataclass(frozen=True)
class Known:
    """How tags are converted, by their type and by their template. `otherwise`: all others, None: told as unknown."""

    by_type: Mapping[str, Convert]
    by_template: Mapping[str, Convert]
    otherwise: Convert | None = None


SERVER = Known(BY_TYPE, BY_TEMPLATE)


class Tags:
    """Every tag in its file."""

    def __init__(self, tools: Tools, triggers: Firing, known: Known = SERVER) -> None:
        self._known = known
        self._tools = tools
        self._job = tools.job
        self._triggers = triggers
        self.made: dict[str, tuple[Made, list[str]]] = {}  # tag id → what it is, and its triggers
        self._setup_of = self._setups()
        self.files: dict[str, tuple[Object, dict[str, Any]]] = {}

    def _setups(self) -> dict[str, Object]:
        """Tag name → the tag before or behind which it runs."""
        found: dict[str, Object] = {}
        for tag in self._job.export.of("tag"):
            for key in ("setupTag", "teardownTag"):
                for item in tag.item.get(key).elements():
                    found.setdefault(item.text("tagName"), tag)
                    item.book(
                        "what happens where a setup tag fails",
                    )
        return found

    def convert(self) -> None:
        """All of them."""
        for tag in self._job.export.of("tag"):
            entry = self._job.entry(tag)
            convert = self._how(tag, entry)
            made = convert(tag, entry, self._tools) if convert else None
            if made is not None:
                self._one(tag, entry, made)
            self._frame(tag)

    def _frame(self, tag: Object) -> None:
        """What every tag has and nothing here depends on."""
        tag.item.book_all("firing options: here a tag fires once for each conversion", "tagFiringOption", "liveOnly")
        tag.item.book_all(
            "when it fires, of a tag that is not here",
            "firingTriggerId",
            "blockingTriggerId",
            "setupTag",
            "teardownTag",
        )
        tag.item.book_all("consent settings of a tag that is not here", "consentSettings")
        tag.item.book_all(
            "order among tags that are not here", "priority", "paused", "scheduleStartMs", "scheduleEndMs"
        )
        tag.item.book_all("folders that hold nothing here", "parentFolderId")

    def _how(self, tag: Object, entry: Entry) -> Convert | None:
        if tag.type in self._known.by_type:
            return self._known.by_type[tag.type]
        if not tag.type.startswith("cvt_"):
            if self._known.otherwise is not None:
                return self._known.otherwise
            entry.left(UNSUPPORTED, f"tags of type `{tag.type}` are not known: nothing of it was taken over")
            return None
        source = self._tools.gallery.source(tag.type, entry)
        by_template = self._known.by_template
        known = by_template.get(source) or self._known.otherwise or FORKS.get(source.rpartition("/")[2])
        if known:
            if source not in by_template and self._known.otherwise is None:
                entry.note(f"read as its original is: `{source}` is a copy with the same parameters")
            return known
        self._left(tag, entry, source)
        return None

    def _left(self, tag: Object, entry: Entry, source: str) -> None:
        if any(part in source for part in WRITERS):
            tag.item.book("tags that are named in the report with the reason why they are not here")
            entry.left(
                UNSUPPORTED,
                (
                    f"`{source}` writes to a store; here the store is the container's own and "
                    "what the copies of a conversion know is kept in it"
                ),
            )
        elif any(part in source for part in CHECKERS):
            tag.item.book("tags that are named in the report with the reason why they are not here")
            entry.left(
                UNSUPPORTED, "not needed: tagport recognises copies of one conversion by itself and sends each once"
            )
        elif source:
            entry.left(
                UNSUPPORTED,
                (
                    f"the tag's template `{source}` is JavaScript, kept in templates/gtm/: there "
                    "is no template of its own for it in tagport yet"
                ),
            )
        else:
            entry.left(UNSUPPORTED, f"the export has no template `{tag.type}`")

    def _one(self, tag: Object, entry: Entry, made: Made) -> None:
        triggers = self._fired_by(tag, entry)
        said: dict[str, Any] = {"name": tag.name, "template": made.template, "triggers": triggers}
        exceptions = self._triggers.of_tag(tag.item.texts("blockingTriggerId"), entry)
        if exceptions:
            said["exceptions"] = exceptions
        consent = consent_of(tag, entry, made.consent)
        if consent is not None:
            said["consent"] = consent
        self._order(tag, entry)
        if tag.item.text("paused") == "true":
            said["mode"] = "paused"
        active = {
            here: when
            for here, key in (("from", "scheduleStartMs"), ("until", "scheduleEndMs"))
            if (when := _moment(tag.item.text(key)))
        }
        if active:
            said["active"] = active
        said["params"] = made.params
        if made.destinations:
            said["destinations"] = made.destinations
        self.made[self._job.id_of(tag)] = (made, triggers)
        self._event_id(tag, made, entry)
        self._sets(tag, made, entry)
        self._job.write(tag, said)
        self.files[self._job.id_of(tag)] = (tag, said)

    def _fired_by(self, tag: Object, entry: Entry) -> list[str]:
        ids = tag.item.texts("firingTriggerId")
        main = self._setup_of.get(tag.name)
        if not ids and main is not None:
            entry.note(
                f"it ran before or behind `{main.name}`; here it fires with that tag's "
                "triggers, and neither waits for the other"
            )
            ids = [str(id) for id in listed(main.item.get("firingTriggerId").value)]
        elif main is not None or tag.item.has("setupTag") or tag.item.has("teardownTag"):
            entry.note("tags do not wait for each other here: setup and cleanup tags fire by their own triggers")
        found = self._triggers.of_tag(ids, entry)
        if not found:
            entry.note("no trigger fires it, in GTM neither: give it one, or delete it")
        return found

    def _order(self, tag: Object, entry: Entry) -> None:
        priority = tag.item.get("priority")
        if priority.value is not None:
            entry.note("the tag's priority means nothing here: tags do not depend on each other")
            priority.use()
        option = tag.item.text("tagFiringOption").upper().replace("ONCEPER", "ONCE_PER_")
        if option in ("UNLIMITED", "ONCE_PER_LOAD"):
            entry.note(f"fires once for each conversion, as every tag here; in GTM it is `{option}`")

    def _event_id(self, tag: Object, made: Made, entry: Entry) -> None:
        """An event id of its own: read by everybody, so that each vendor is told the same."""
        text = made.sets.pop("event_id", "")
        if not isinstance(text, str) or not text or self._tools.means(text) == "event.event_id":
            return
        if self._tools.means(text) == "event.transaction_id":
            made.sets["event_id"] = "{{ event.event_id ?? event.transaction_id }}"
            return
        inner = self._tools.inner(text, entry)
        if inner == "random":
            entry.note(
                "a random number is the event id: the browser's pixel cannot send the same; use an id that both know"
            )
        path = "transformations/event_id.yaml"
        wanted = Document(
            {"at": "arrival", "set": {"event_id": f"{{{{ {inner} ?? event.event_id }}}}"}},
            "What the tags of GTM take as event id.",
        )
        if path not in self._job.result.files:
            self._job.put(path, wanted)
        elif self._job.result.files[path] != wanted.text():
            entry.note(f"another tag takes another event id ({path}): here all tags tell the same one")

    def _sets(self, tag: Object, made: Made, entry: Entry) -> None:
        """What only this tag sees in the event: a transformation of its own."""
        id = self._job.id_of(tag)
        dropped = [key for key, value in made.sets.items() if value is None]
        changed = {key: value for key, value in made.sets.items() if value is not None}
        if not made.sets:
            return
        said: dict[str, Any] = {"tags": [id]}
        if changed:
            said["set"] = changed
        if dropped:
            said["drop"] = dropped
        name = self._job.new_id("transformation", id)
        self._job.put(
            f"transformations/{name}.yaml", Document(said, f"What {tag.name} sends in place of the event's own.")
        )


def _moment(milliseconds: str) -> str:
    found = digits(milliseconds)
    if found is None or found > 253_402_300_799_000:
        return ""
    return datetime.fromtimestamp(found // 1000, UTC).isoformat()
