"""What a vendor's tag becomes, and what all of them need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from container.migrate.export import Object
from container.migrate.gallery import Gallery
from container.migrate.job import Job
from container.migrate.references import References
from container.migrate.result import Document, Entry
from container.migrate.secrets import HEADERS, is_placeholder, looks_secret

LOGGING = "logging, which is the container's own here"
ANSWERED = "calls are sent after the visitor was answered, always"
COOKIES = "how cookies are set: `cookies:` in container.yaml"
EDITOR = "what only GTM's editor reads"
_NUMBERS = frozenset(("value", "num_items", "predicted_ltv", "net_revenue", "price", "quantity", "tax", "shipping"))


@dataclass
class Made:
    """A tag's template and parameters. `event`: the vendor's event name where it is fixed."""

    template: str
    params: dict[str, Any] = field(default_factory=dict)
    consent: list[str] | None = None  # None: the template's own
    event: str = ""
    order_id: str = ""  # the expression it takes the order's name from
    sets: dict[str, Any] = field(default_factory=dict)  # what this tag sees in the event instead
    destinations: dict[str, Any] = field(default_factory=dict)


class Tools:
    """What the vendors' files work with."""

    def __init__(self, job: Job, references: References, gallery: Gallery) -> None:
        self.job = job
        self.references = references
        self.gallery = gallery
        self.cookies: dict[str, None] = {}

    def value(self, text: str, entry: Entry) -> str:
        """A text with expressions."""
        return self.references.value(text, entry)

    def inner(self, text: str, entry: Entry) -> str:
        """A text as one expression."""
        return self.references.inner(text, entry)

    def secret(self, text: str, name: str, entry: Entry) -> str:
        """What a secret parameter takes: a secret, or a variable whose every value is one."""
        where = f"{entry.kind} {entry.name}"
        if is_placeholder(text) or not text:
            return self._missing_secret(entry, name, "the value is a placeholder: fill it in")
        if "{{" not in text:
            return f"{{{{ {self.job.secrets.lift(text, f'{entry.name} {name}', where)} }}}}"
        single = self.references.single(text)
        variable = self.job.export.named("variable", single) if single else None
        if variable is not None and variable.name in self.job.secret_names and variable.type in ("c", "smm", "remm"):
            return f"{{{{ var.{self.job.id_of(variable)} }}}}"
        if variable is None and single:
            self.references.name(single, entry)
            return self._missing_secret(entry, name, f"the export does not contain the variable `{single}`")
        return self._missing_secret(entry, name, "this secret comes with the event, where everybody could read it")

    def _missing_secret(self, entry: Entry, name: str, why: str) -> str:
        found = self.job.fill_in(entry, f"{entry.name} {name}", f"`{name}`: {why}")
        return f"{{{{ secret.{found.partition('.')[2]} }}}}"

    def hidden(self, name: str, text: str, entry: Entry) -> Any:
        """A header, query or body value: what its name or look tells to be a secret is one."""
        where = f"{entry.kind} {entry.name}"
        named = name.lower() in HEADERS or looks_secret(name, text)
        if "{{" in text or not text or is_placeholder(text):
            return self.value(text, entry)
        if named and " " not in text:
            return f"{{{{ {self.job.secrets.lift(text, f'{entry.name} {name}', where)} }}}}"
        parts = self.job.secrets.split(text, f"{entry.name} {name}", where)
        return "".join(
            f"{{{{ {part} }}}}" if secret else self.value(part, entry) if part else "" for secret, part in parts
        )

    def ask_secret(self, entry: Entry, name: str, why: str) -> str:
        """A secret the export does not hold; one for all tags that ask for it."""
        found = self.job.fill_in(entry, name, why)
        return f"{{{{ secret.{found.partition('.')[2]} }}}}"

    def means(self, text: str) -> str:
        """The event's key (`event.x`) a text reads through a plain Event Data variable; else empty."""
        single = self.references.single(text)
        variable = self.job.export.named("variable", single) if single else None
        if variable is None:
            return ""
        known = dict(variable.params.all())
        if variable.type in ("ed", "v") and not (
            "true" in str(known.get("setDefaultValue")) and known.get("defaultValue")
        ):
            return f"event.{str(known.get('keyPath') or known.get('name')).removeprefix('ecommerce.')}"
        if variable.type == "rh":
            return f"header.{str(known.get('headerName')).lower()}"
        return ""

    def table(self, rows: Iterable[tuple[str, str]], entry: Entry) -> dict[str, Any]:
        """Rows of names and values; what vendors take as a number is read as one."""
        return {name: self.typed(name, text, entry) for name, text in rows if text}

    def typed(self, name: str, text: str, entry: Entry) -> Any:
        """A value as the vendor takes it: `value` is a number, an order's name a text."""
        if "{{" not in text:
            return number(text) if name in _NUMBERS else text
        if name in _NUMBERS:
            return f"{{{{ {self.inner(text, entry)} | number }}}}"
        if name in ("order_id", "transaction_id"):
            return f"{{{{ {self.inner(text, entry)} | text }}}}"
        return self.value(text, entry)

    def instead(self, made: Made, key: str, text: str, entry: Entry) -> None:
        """This tag reads `text` where others read `event.<key>`."""
        known = {"ip_override": ("header.x-real-ip", "header.x-forwarded-for"), "user_agent": ("header.user-agent",)}
        meant = self.means(text)
        if meant == f"event.{key}" or meant in known.get(key, ()):
            return
        fixed = "{{" not in text
        made.sets[key] = self.value(text, entry) if fixed else f"{{{{ {self.inner(text, entry)} ?? event.{key} }}}}"

    def event_table(self, name: str, table: dict[str, str]) -> str:
        """The variable that names a vendor's events after GTM's own table; made once."""
        path = f"variables/{name}.yaml"
        if path not in self.job.result.files:
            said = {"lookup": "{{ event.event_name }}", "table": table, "default": "{{ event.event_name }}"}
            self.job.put(path, Document(said, "Names of events as the vendor's template in GTM has them."))
        return f"{{{{ var.{name} }}}}"


def number(text: str) -> Any:
    """A number as it is written; the text where it is none."""
    if not re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", text):
        return text
    return float(text) if "." in text else int(text)


def address(user: dict[str, Any], parts: dict[str, Any], base: str) -> None:
    """The parts of an address laid over the event's own."""
    if parts:
        user["address"] = {"$base": base, **parts}


def consent_of(tag: Object, entry: Entry, own: list[str] | None) -> list[str] | None:
    """The consent a tag needs: GTM's own settings, then the template's (`own`; None: the template here decides)."""
    settings = tag.item.get("consentSettings")
    status = settings.text("consentStatus").upper() or "NOT_SET"
    listed = settings.get("consentType").use().value
    settings.book("consent settings that say nothing")
    if status in ("NEEDED", "CONSENT_NEEDED"):
        members = listed.get("list") or [] if isinstance(listed, dict) else []
        types = [str(one.get("value", "")) for one in members if isinstance(one, dict)]
        return list(dict.fromkeys([*(own or []), *(one for one in types if one)]))
    if status == "NOT_NEEDED" and own is None:
        return []
    return own
