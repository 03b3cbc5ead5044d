"""Documents into a Container: every stage compiled, every problem of the whole workspace gathered, then one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from container import clients, consent, signals, tags, templates, transformations, triggers, variables, visitors
from container.clients.identity import SCHEMA as COOKIES
from container.clients.identity import Identity
from container.dedup import SCHEMA as CONVERSION
from container.dedup import Dedup, compile_kinds
from container.dedup.keys import Keys, open_keys
from container.errors import KeyMismatch, StoreUnusable, WorkspaceError
from container.language.expression import Context
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.ledger.sqlite import SqliteError, SqliteStore
from container.node import Scalar
from container.pipeline import Container
from container.problems import Place, Problems, did_you_mean
from container.records import Records
from container.workspace import documents, overlay, secrets, starter
from container.workspace.conform import conform

SCHEMA: dict[str, Any] = {
    "title": "The container",
    "type": "object",
    "description": "The container: clients, variables, consent, conversions, delivery, store.",
    "additionalProperties": False,
    "required": ["container", "consent"],
    "properties": {
        "container": {
            "type": "string",
            "pattern": "^[A-Za-z0-9_.-]+$",
            "description": "The container's name: letters, digits, `_`, `.` and `-`, without spaces.",
        },
        "consent": {**consent.SCHEMA, "properties": {**consent.SCHEMA["properties"], "vendors": signals.SCHEMA}},
        "cookies": COOKIES,
        **visitors.SCHEMA,
        "delivery": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "give_up_after": {
                    "type": "string",
                    "format": "duration",
                    "default": "3d",
                    "description": "How long a call is tried again before it is kept as refused.",
                }
            },
        },
        "store": {
            "type": "string",
            "pattern": "^sqlite:.+",
            "default": "sqlite:data/tagport.db",
            "description": "Where everything is kept, relative to this folder: sqlite:data/tagport.db",
        },
        "body_limit": {
            "type": "integer",
            "minimum": 1,
            "default": 1_048_576,
            "description": "The largest request body that is read, in bytes.",
        },
    },
}
SCHEMAS: dict[str, Mapping[str, Any]] = {  # of each kind of document, for editors
    "container": SCHEMA,
    "variables": variables.SCHEMA,
    "transformations": transformations.SCHEMA,
    "conversions": CONVERSION,
    "triggers": triggers.SCHEMA,
    "tags": tags.SCHEMA,
    "templates": templates.SCHEMA,
    "clients": {"anyOf": [kind.schema for kind in clients.KINDS.values()]},
    "environments": overlay.SCHEMA,
}
GIVE_UP_AFTER = 3 * 86400.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """A store and the keys that belong to it."""

    store: Store
    keys: Keys


OpenLedger = Callable[[Path], Ledger]


def in_memory(path: Path) -> Ledger:
    """A ledger that ends with the process: for `check`, `preview`, tests and `serve --ephemeral`."""
    return Ledger(MemoryStore(), Keys.fresh())


def on_disk(path: Path) -> Ledger:
    """The ledger in the file that container.yaml names, its key beside it.

    Raises `KeyMismatch`, `StoreUnusable`, `OSError` (the key file).
    """
    try:
        store = SqliteStore(path)
    except (SqliteError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        closed = isinstance(error, OSError) or "unable to open" in str(error)
        hint = f"; may this user write into {path.parent}?" if closed else ""
        raise StoreUnusable(f"{path} cannot be used as the store: {why}{hint}") from error
    known = store.meta("key")
    try:
        keys = open_keys(path.with_suffix(".key"), known)
    except KeyMismatch:
        store.close()
        raise
    if known is None:
        store.remember("key", keys.fingerprint)
    return Ledger(store, keys)


def build(
    folder: Path,
    problems: Problems,
    *,
    environ: Mapping[str, str],
    environment: str | None = None,
    ledger: OpenLedger = in_memory,
) -> Container | None:
    """The workspace in `folder`, built. None where it has errors: all of them are in `problems` then."""
    workspace = documents.load(folder, problems, starter.gallery(), environment, webhooks=starter.webhooks())
    try:
        secrets.check_lines(folder, problems)
        return Builder(workspace, problems, secrets.environment(folder, environ)).container(ledger)
    except WorkspaceError as error:  # a file with secrets that cannot be read
        for found in error.problems:
            problems.error(found.code, found.message, Place(found.file, found.line, found.column), found.hint)
        return None


class Builder:
    """One build: the documents of each kind compiled in the order in which they need each other."""

    def __init__(
        self, workspace: documents.Workspace, problems: Problems, environment: Mapping[str, str]
    ) -> None:
        self._workspace = workspace
        self._problems = problems
        found = workspace.documents
        self._found = found
        names = {*variables.BUILT_IN, *found["variables"], *workspace.unreadable("variables")}
        self._environment = environment
        known = frozenset(names) if workspace.container_read else None
        self._context = Context(problems=problems, environment=environment, variables=known)

    def container(self, ledger: OpenLedger) -> Container | None:
        """Compile everything, then open the ledger if nothing is wrong."""
        problems, context, found, workspace = self._problems, self._context, self._found, self._workspace
        settings = conform(workspace.container, SCHEMA, problems) or {} if workspace.container_read else {}
        compiled_visitors = visitors.compile_visitors(settings, workspace.folder, problems)
        compiled_variables = variables.compile_variables(found["variables"], context)
        compiled_clients = self._clients()
        compiled_triggers = self._triggers()
        compiled_templates = templates.compile_templates(found["templates"], context)
        known_triggers = {*compiled_triggers, *found["triggers"]}
        compiled_tags = tags.compile_tags(
            found["tags"], compiled_templates, compiled_variables, context, known_triggers, workspace.may_exist
        )
        tags.prove_unused(compiled_templates.own, found["tags"], context)
        self._lint_waits(compiled_tags, compiled_clients)
        changes = transformations.compile_transformations(
            found["transformations"], context, found["tags"], found["templates"], workspace.may_exist
        )
        kinds = compile_kinds(found["conversions"], context, found["variables"], workspace.may_exist)
        if problems.errors:
            return None
        id = str(settings["container"])
        version = self._version()
        over = variables.Variables(compiled_variables, {"id": id, "version": version})
        gate = consent.Consent(
            settings["consent"]["unknown"] == "granted",
            {client.id: consent.client_default(client.default_consent) for client in compiled_clients},
        )
        opened = ledger(self._store_path(settings))
        return Container(
            id=id,
            version=version,
            clients=compiled_clients,
            visitors=compiled_visitors,
            signals=signals.Signals(settings["consent"].get("vendors")),
            identity=Identity(settings.get("cookies", {}), gate.granted),
            transformations=changes,
            variables=over,
            triggers=triggers.Triggers(compiled_triggers),
            tags=tags.Tags(compiled_tags, {id: trigger.events for id, trigger in compiled_triggers.items()}),
            templates=compiled_templates,
            consent=gate,
            dedup=Dedup(opened.store, kinds, opened.keys, over.over, Records().keep_as),
            environment=self._environment,
            give_up_after=settings.get("delivery", {}).get("give_up_after", GIVE_UP_AFTER),
            body_limit=int(settings.get("body_limit", SCHEMA["properties"]["body_limit"]["default"])),
        )

    def _lint_waits(self, compiled: list[tags.Tag], known: list[clients.Client]) -> None:
        """A tag that waits for copies which no client brings waits to the end each time."""
        there = {client.source for client in known}
        for tag in compiled if there else ():
            for source in sorted(tag.wait.sources - there) if tag.wait else ():
                message = f"tag `{tag.id}` waits for the {source}'s copy, and no client brings any"
                hint = "take the `wait:` away, or add a client under `clients:`"
                self._problems.warning("waits-for-nobody", message, tag.place, hint)

    def _triggers(self) -> dict[str, triggers.Trigger]:
        """Those of `triggers/`, and those written in tags."""
        found, workspace = self._found, self._workspace
        known = {*found["clients"], *workspace.unreadable("clients")} if workspace.container_read else None
        compiled = triggers.compile_triggers(found["triggers"], self._context, known)
        for id, node in tags.written_triggers(found["tags"]).items():
            if (written := triggers.compile_trigger(id, node, self._context, known)) is not None:
                compiled[id] = written
        return compiled

    def _clients(self) -> list[clients.Client]:
        compiled: list[clients.Client] = []
        for document in self._found["clients"].values():
            client = self._client(document)
            if client is not None:
                self._refuse_taken(client, document, compiled)
                compiled.append(client)
        return compiled

    def _refuse_taken(
        self, client: clients.Client, document: documents.Document, earlier: list[clients.Client]
    ) -> None:
        """Its requests would come through another client: an error where its path is written, else a warning."""
        written = document.mapping.get("path")
        taken = next((one.id for one in earlier if clients.takes_from(one, client, written is not None)), None)
        if taken is None:
            return
        path = getattr(client, "path", "")
        what = f"`{path}`" if path else f"the paths of a `{client.kind}`"
        theirs = written is not None and written.place.file == document.place.file  # else it is the kind's own file
        place = written.place if written is not None and theirs else document.place
        tell = self._problems.error if written is not None else self._problems.warning
        message = f"the client `{taken}` takes what is sent to {what} already"
        tell("path-taken", message, place, "give each client a path of its own")

    def _client(self, document: documents.Document) -> clients.Client | None:
        named = document.mapping.get("kind")
        kind = clients.KINDS.get(named.text) if isinstance(named, Scalar) else None
        if kind is None:
            place = named.place if named else document.place
            said = f"`{named.text}` is no kind of client" if isinstance(named, Scalar) else "a client needs a `kind`"
            known = ", ".join(clients.KINDS)
            hint = did_you_mean(named.text, clients.KINDS) if isinstance(named, Scalar) else ""
            self._problems.error("unknown-client-kind", said, place, hint or f"write one of: {known}")
            return None
        values = conform(document.node, kind.schema, self._problems)
        return None if values is None else kind.compile(document.id, values, self._context)

    def _version(self) -> str:
        """A short hash over every line that was read."""
        digest = hashlib.sha256()
        for name in sorted(self._workspace.lines):
            digest.update("\n".join((name, *self._workspace.lines[name])).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:12]

    def _store_path(self, settings: Mapping[str, Any]) -> Path:
        said = str(settings.get("store", SCHEMA["properties"]["store"]["default"]))
        return self._workspace.folder / said.partition(":")[2]
