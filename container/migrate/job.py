"""One migration on its way: the export, the ids of everything, and what is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from container.migrate.export import IDS, Export, Object
from container.migrate.names import Names, slug
from container.migrate.result import Document, Entry, Result
from container.migrate.secrets import Secrets, references, secret_variables
from container.triggers import ALL_EVENTS
from container.variables import BUILT_IN

FOLDER = {"tag": "tags", "trigger": "triggers", "variable": "variables", "transformation": "transformations"}
STORE = "GTM asks a store for this while it works out the event"


class Job:
    """What every part of a migration works with."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.result = Result(export.name, export.web)
        self.secrets = Secrets(self.result)
        self.secret_names = secret_variables(export)
        reserved = {"variable": BUILT_IN, "trigger": (ALL_EVENTS,), "tag": ("all",)}
        kinds_here = ("client", "tag", "trigger", "variable", "transformation")
        self._names = {kind: Names(kind, reserved.get(kind, ())) for kind in kinds_here}
        self.sent_as: dict[str, str] = {}  # of a web container: variable → the event parameter that carries it
        self.page_only: frozenset[str] = frozenset()  # and those nobody but the page knows
        self.ids: dict[tuple[str, str], str] = {}
        for kind in kinds_here:
            for one in export.of(kind):
                self.ids[kind, one.id] = self._names[kind].give(one.name, one.id)
        self._entries: dict[tuple[str, str, str], Entry] = {}

    def circular(self) -> dict[str, list[str]]:
        """Variables that read each other, which GTM allows to be written: the first of each circle, and the circle."""
        reads = {one.name: list(references([*dict(one.params.all()).values()])) for one in self.export.of("variable")}
        return _circles(reads)

    def id_of(self, one: Object) -> str:
        """Its id in the workspace."""
        return self.ids[one.kind, one.id]

    def new_id(self, kind: str, name: str) -> str:
        """An id for something GTM has no object for."""
        return self._names[kind].give(name)

    def entry(self, one: Object) -> Entry:
        """The object's line in the report."""
        kind = "template" if one.kind == "customTemplate" else one.kind
        key = (kind, one.id, one.name)
        if key not in self._entries:
            self._entries[key] = Entry(kind, one.id, self.secrets.clean(one.name), one.type)
            self.result.entries.append(self._entries[key])
        return self._entries[key]

    def extra(self, kind: str, name: str) -> Entry:
        """The line of something the export speaks of and does not have."""
        key = (kind, "", name)
        if key not in self._entries:
            self._entries[key] = Entry(kind, "", self.secrets.clean(name))
            self.result.entries.append(self._entries[key])
        return self._entries[key]

    def fill_in(self, entry: Entry, wanted: str, why: str) -> str:
        """`env.TODO_…`: keeps `check` red until the name has a value in `.env`, or the expression is replaced."""
        name = f"TODO_{slug(wanted).upper() or 'VALUE'}"
        self.result.env.setdefault(name, "")
        self.result.env_why.setdefault(name, self.secrets.clean(f"{entry.kind} {entry.name}: {why.partition('. ')[0]}"))
        entry.hand(f"{why} (until then `{name}` keeps `check` red)")
        return f"env.{name}"

    def write(self, one: Object, value: Any, comment: str = "") -> None:
        """The object's own file, its author's notes above it."""
        entry = self.entry(one)
        notes = [part for part in (comment, self.comment(one)) if part]
        folder = slug(self.export.folders.get(one.item.text("parentFolderId"), ""))
        path = "/".join(part for part in (FOLDER[one.kind], folder, f"{self.id_of(one)}.yaml") if part)
        entry.file = path
        self.put(path, Document(value, "\n".join(notes)), entry)

    def put(self, path: str, document: Document, entry: Entry | None = None) -> None:
        """A file; `entry` stands in it."""
        self.result.files[path] = document.text()
        if entry is not None:
            entry.file, entry.line = path, document.first_line

    def comment(self, one: Object) -> str:
        """What its author noted and what the report says of it, as a comment."""
        entry = self.entry(one)
        said = [f"{entry.grade}: {note}" if note in entry.todo else note for note in entry.notes]
        own = "" if one.kind in ("tag", "trigger") else one.name
        return self.secrets.clean("\n".join(part for part in (own, one.notes, *said) if part))

    def key(self, one: Object) -> str:
        """What the export calls its id."""
        return IDS.get(one.kind, f"{one.kind}Id")


def _circles(reads: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The names at which every way leads back to its beginning, each with one such way; looks at each name once."""
    found: dict[str, list[str]] = {}
    done: set[str] = set()
    for start in sorted(reads):
        way: dict[str, list[str]] = {} if start in done else {start: [*reads[start]]}
        while way:
            name = next(reversed(way))
            if not way[name]:
                done.add(name)
                del way[name]
                continue
            other = way[name].pop(0)
            if other in way:
                names = [*way]
                found.setdefault(other, [*names[names.index(other) :], other])
            elif other in reads and other not in done:
                way[other] = [*reads[other]]
    return found
