"""`environments/NAME.yaml` over the workspace: its keys win over container.yaml's, mappings deep.

A section of a kind changes the object of that id, wherever it is written. `tags:` may change a tag's `params` and
`mode` only; `all:` stands for every tag (a parameter: for those whose template has it), a tag's own entry wins over it.
"""

from __future__ import annotations

from dataclasses import replace

import container.workspace.test_mode as test_mode
from container.node import Mapping, Node
from container.problems import Place, Problems, did_you_mean
from container.workspace.conform import conform, empty
from container.workspace.model import KINDS, Document, Workspace

_CHANGED = ("params", "mode")
_MODE = {
    "type": "string",
    "enum": ["live", "shadow", "paused"],
    "description": "shadow: decide and render, never send",
}
_TEST_MODE = {"type": "boolean", "description": "true: live tags reach their vendors' test modes only"}
SCHEMA = {
    "title": "An environment",
    "type": "object",
    "description": "What is different in this environment: keys of container.yaml, and under `tags` params and modes.",
    "properties": {
        "test_mode": _TEST_MODE,
        "tags": {
            "type": "object",
            "description": "By the tag's name, or `all` for every tag.",
            "additionalProperties": {
                "title": "The overlay of a tag",
                "type": "object",
                "properties": {
                    "params": {"type": "object", "description": "Parameters that differ here."},
                    "mode": _MODE,
                },
            },
        }
    },
    "additionalProperties": {"x-node": True},
}


def apply(workspace: Workspace, environment: str | None, problems: Problems) -> None:
    """Look at every environment, and put the one of this name over the workspace."""
    for document in workspace.of("environments"):
        _Overlay(workspace, document.mapping, problems).check()
    if environment is None:
        return
    chosen = workspace.documents["environments"].get(environment)
    if chosen is not None:
        _Overlay(workspace, chosen.mapping, problems).apply()
    elif not workspace.may_exist("environments", environment):
        known = sorted(workspace.documents["environments"])
        hint = did_you_mean(environment, known) or (f"there are: {', '.join(known)}" if known else "")
        place = Place(f"environments/{environment}.yaml")
        problems.error("unknown-environment", f"there is no environment `{environment}`", place, hint)


def merged(under: Node, over: Node) -> Node:
    """`over` laid over `under`: mappings key by key, all else replaced; an empty value changes nothing."""
    if empty(over):
        return under
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    found = Mapping(under.place, dict(under.members), dict(under.keys))
    for key, member in over:
        if key in found.members:
            found.members[key] = merged(found.members[key], member)
        elif not empty(member):
            found.members[key], found.keys[key] = member, over.keys[key]
    return found


class _Overlay:
    """One environment's document and the workspace it may be put over."""

    def __init__(self, workspace: Workspace, over: Mapping, problems: Problems) -> None:
        self.workspace = workspace
        self.over = over
        self.problems = problems
        tags = over.get("tags")
        self.tags = tags if isinstance(tags, Mapping) else Mapping(over.place)

    # --- what may be said

    def check(self) -> None:
        """Tags that do not exist, what may not be changed, parameters no tag has."""
        for kind, section in self.over:
            if kind in KINDS and not isinstance(section, Mapping) and not empty(section):
                message = f"`{kind}` must be a mapping: names, then what differs"
                self.problems.error("wrong-type", message, section.place)
        if "test_mode" in self.over.members:
            conform(self.over.members["test_mode"], _TEST_MODE, self.problems)
        for id, entry in self.tags:
            if id != "all" and not self.workspace.may_exist("tags", id):
                place = self.tags.key_place(id)
                hint = did_you_mean(id, [*self.workspace.documents["tags"], "all"])
                self.problems.error("unknown-tag", f"there is no tag `{id}`", place, hint)
            self._check_entry(id, entry)

    def _check_entry(self, id: str, entry: Node) -> None:
        if not isinstance(entry, Mapping):
            if not empty(entry):
                self.problems.error("wrong-type", "this must be a mapping: `params` and `mode`", entry.place)
            return
        for key, member in entry:
            if key not in _CHANGED:
                message = f"an environment cannot change a tag's `{key}`"
                hint = did_you_mean(key, _CHANGED) or "it may change `params` and `mode`"
                self.problems.error("unknown-key", message, entry.key_place(key), hint)
            elif key == "mode" and not empty(member):
                conform(member, _MODE, self.problems)
            elif isinstance(member, Mapping):
                self._check_params(id, member)

    def _check_params(self, id: str, params: Mapping) -> None:
        tag = self.workspace.documents["tags"].get(id)
        if id == "all":
            self._check_shared(params)
            return
        declared = self._declared(tag) if tag is not None else None
        for name in params.members if declared is not None else ():
            if declared is not None and name not in declared:
                hint = did_you_mean(name, declared) or "it has: " + ", ".join(declared)
                message = f"the template has no parameter `{name}`"
                self.problems.error("unknown-parameter", message, params.key_place(name), hint)

    def _check_shared(self, params: Mapping) -> None:
        declared = [self._declared(tag) for tag in self.workspace.of("tags")]
        if None in declared or any(kind == "tags" for kind, _ in self.workspace.unread):
            return
        known = {name for names in declared if names is not None for name in names}
        for name in params.members:
            if name not in known:
                place = params.key_place(name)
                message = f"no tag has a parameter `{name}`"
                self.problems.error("unknown-parameter", message, place, did_you_mean(name, known))

    # --- putting it over

    def apply(self) -> None:
        """Change the workspace."""
        for key, member in self.over:
            if key in ("tags", "test_mode"):
                continue
            if key in KINDS:
                self._section(key, member)
            else:
                self._container_key(key, member)
        for tag in self.workspace.of("tags"):
            node: Node = tag.mapping
            for entry in (self._for_all(tag), self._entry(tag.id)):
                node = merged(node, entry)
            self.workspace.documents["tags"][tag.id] = replace(tag, written=node)
        if getattr(self.over.get("test_mode"), "text", "") == "true":
            test_mode.force(self.workspace, self.over.key_place("test_mode"), merged, self.problems)

    def _container_key(self, key: str, member: Node) -> None:
        over = Mapping(self.over.place, {key: member}, {key: self.over.keys[key]})
        found = merged(self.workspace.container, over)
        if isinstance(found, Mapping):
            self.workspace.container = found

    def _section(self, kind: str, section: Node) -> None:
        if not isinstance(section, Mapping):
            return
        documents = self.workspace.documents[kind]
        for id, member in section:
            under = documents.get(id)
            if under is not None:
                documents[id] = replace(under, written=merged(under.node, member))
            elif isinstance(member, Mapping):
                documents[id] = Document(kind, id, member, section.key_place(id))

    def _entry(self, id: str) -> Mapping:
        entry = self.tags.get(id)
        if not isinstance(entry, Mapping):
            return Mapping(self.over.place)
        members = {key: member for key, member in entry if key in _CHANGED}
        return Mapping(entry.place, members, {key: entry.keys[key] for key in members})

    def _for_all(self, tag: Document) -> Mapping:
        """The entry `all:` with the parameters this tag's template has."""
        entry = self._entry("all")
        params, declared = entry.get("params"), self._declared(tag)
        if not isinstance(params, Mapping) or declared is None:
            return entry
        fitting = Mapping(params.place)
        for name, member in params:
            if name in declared:
                fitting.members[name], fitting.keys[name] = member, params.keys[name]
        return Mapping(entry.place, {**entry.members, "params": fitting}, entry.keys)

    def _declared(self, tag: Document) -> list[str] | None:
        """The parameters of the tag's template; None where they cannot be known, or any may be given."""
        named = tag.mapping.get("template")
        template = self.workspace.documents["templates"].get(getattr(named, "text", ""))
        params = template.mapping.get("params") if template else None
        if not isinstance(params, Mapping):
            return [] if template else None
        properties, others = params.get("properties"), params.get("additionalProperties")
        if others is not None and getattr(others, "text", "") != "false":
            return None
        return list(properties.members) if isinstance(properties, Mapping) else []
