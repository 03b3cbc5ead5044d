"""Transformations: event data changed for some tags, or on arrival for everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from container.event import Event
from container.language.conditions import SCHEMA as CONDITIONS
from container.language.conditions import Condition, compile_conditions
from container.language.expression import Context, Scope, present
from container.language.shape import ABSENT, Shape, compile_shape
from container.node import Mapping as MappingNode
from container.node import Text
from container.problems import Problems, did_you_mean
from container.workspace.conform import conform
from container.workspace.documents import Document

_NAMES = {"type": "array", "items": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "title": "A transformation",
    "type": "object",
    "description": "Changes event data: `set` (GTM: augment), `keep` (allow), `drop` (exclude).",
    "additionalProperties": False,
    "properties": {
        "tags": {
            "description": "For which tags: all, a list, {except: [...]}, {templates: [...]}, or both.",
            "anyOf": [
                {"const": "all"},
                _NAMES,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["except"],
                    "properties": {"except": _NAMES},
                },
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["templates"],
                    "properties": {"templates": _NAMES, "except": _NAMES},
                },
            ],
        },
        "at": {"enum": ["arrival"], "description": "Before recognition, for everybody."},
        "order": {"type": "integer", "default": 0},
        "when": {**CONDITIONS, "x-node": True},
        "set": {"type": "object", "x-node": True, "description": "Fields to set, with expressions."},
        "keep": {**_NAMES, "description": "Only these fields stay."},
        "drop": {**_NAMES, "description": "These fields go."},
    },
}

ALWAYS_KEPT = ("event_name", "timestamp")


MayExist = Callable[[str, str], bool]


def _never(kind: str, id: str) -> bool:
    return False


class Aimed(Protocol):
    """What of a tag a transformation is aimed by."""

    @property
    def id(self) -> str: ...
    @property
    def template_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Transformation:
    """One transformation, compiled."""

    id: str
    on_arrival: bool
    aims_at: Callable[[Aimed], bool]
    when: Condition | None
    set: Mapping[str, Shape]
    keep: frozenset[str] | None
    drop: frozenset[str]

    def changed(self, scope: Scope) -> Mapping[str, Any]:
        """The event data after it; the very same object where nothing changes."""
        data = scope.event
        if self.when is not None and not self.when.holds(scope):
            return data
        if self.keep is not None:
            data = {key: value for key, value in data.items() if key in self.keep}
        if self.drop:
            data = {key: value for key, value in data.items() if key not in self.drop}
        if self.set:
            rendered = {key: shape.render(scope) for key, shape in self.set.items()}
            data = {**data, **{key: value for key, value in rendered.items() if value is not ABSENT}}
            for key, value in rendered.items():
                if value is ABSENT or not present(value):
                    data = {name: kept for name, kept in data.items() if name != key or name in ALWAYS_KEPT}
        return data


def compile_transformations(
    documents: Mapping[str, Document],
    context: Context,
    tags: Collection[str],
    templates: Collection[str],
    may_exist: MayExist = _never,
) -> Transformations:
    """Everything under `transformations:`, in the order in which it is applied.

    `may_exist` tells of a kind and id whether there is such an object that could not be read.
    """
    found = []
    for id, document in documents.items():
        said = conform(document.node, SCHEMA, context.problems)
        if said is None:
            continue
        _check(said, document, context)
        _check_aim(said.get("tags"), context.problems, tags, templates, may_exist)
        found.append((said.get("order", 0), id, _compile(id, said, context)))
    ordered = [one for _, _, one in sorted(found, key=lambda row: (row[0], row[1]))]
    return Transformations(ordered)


def _compile(id: str, said: Mapping[str, Any], context: Context) -> Transformation:
    set_node = said.get("set")
    members = set_node if isinstance(set_node, MappingNode) else ()
    keep = said.get("keep")
    return Transformation(
        id=id,
        on_arrival="at" in said,
        aims_at=_aim(said.get("tags")),
        when=compile_conditions(said["when"], context) if "when" in said else None,
        set={key: compile_shape(node, context) for key, node in members},
        keep=frozenset((*keep, *ALWAYS_KEPT)) if keep is not None else None,
        drop=frozenset(said.get("drop", ())) - frozenset(ALWAYS_KEPT),
    )


def _aim(said: Any) -> Callable[[Aimed], bool]:
    if said is None or said == "all":
        return lambda tag: said is not None
    if isinstance(said, list):
        names = frozenset(said)
        return lambda tag: tag.id in names
    others, templates = frozenset(said.get("except", ())), frozenset(said.get("templates", ()))
    if "templates" in said:
        return lambda tag: tag.template_id in templates and tag.id not in others
    return lambda tag: tag.id not in others


def _check(said: Mapping[str, Any], document: Document, context: Context) -> None:
    problems, written = context.problems, {*said, *document.mapping.members}
    if ("tags" in written) == ("at" in written):
        message = "a transformation needs either `tags:` or `at: arrival`"
        place = document.mapping.key_place("at")
        problems.error("transformation-aim", message, place, "write `tags: all` or `at: arrival`")
    if written.isdisjoint(("set", "keep", "drop")):
        place, hint = document.node.place, "write `set`, `keep` or `drop`"
        problems.error("transformation-empty", "it changes nothing", place, hint)


def _check_aim(
    aim: Any, problems: Problems, tags: Collection[str], templates: Collection[str], may_exist: MayExist
) -> None:
    names: Sequence[Text] = aim if isinstance(aim, list) else aim.get("except", []) if isinstance(aim, dict) else []
    for name in names:
        if name not in tags and not may_exist("tags", name):
            problems.error("unknown-tag", f"no tag is called `{name}`", name.place, did_you_mean(name, tags))
    for name in aim.get("templates", []) if isinstance(aim, dict) else []:
        if name not in templates and not may_exist("templates", name):
            hint = did_you_mean(name, templates)
            problems.error("unknown-template", f"no template is called `{name}`", name.place, hint)


class Transformations:
    """All transformations of a container."""

    def __init__(self, ordered: Sequence[Transformation]) -> None:
        self._arrival = [one for one in ordered if one.on_arrival]
        self._tags = [one for one in ordered if not one.on_arrival]

    def on_arrival(self, event: Event, scope_of: Callable[[Event], Scope]) -> Event:
        """The event as everybody sees it."""
        for one in self._arrival:
            data = one.changed(scope_of(event))
            if data is not event.data:
                event = event.with_data(data)
        return event

    def for_tag(self, tag: Aimed, scope: Scope, again: Callable[[Scope, Mapping[str, Any]], Scope]) -> Scope:
        """What this tag sees; variables are evaluated over the changed event."""
        for one in self._tags:
            if one.aims_at(tag):
                data = one.changed(scope)
                if data is not scope.event:
                    scope = again(scope, data)
        return scope
