"""Tags from documents: references, parameters and proofs, with every problem told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from container.event import NEEDS, VENDOR_TYPES
from container.language.conditions import compile_conditions
from container.language.expression import Context
from container.node import Mapping as MappingNode
from container.node import Node, Scalar, Text
from container.node import Sequence as SequenceNode
from container.problems import Place, did_you_mean
from container.tags.schema import SCHEMA
from container.tags.tag import Destination, Tag, Wait
from container.templates import Template, Variable, bind, check_names
from container.workspace.conform import conform
from container.workspace.documents import Document

ALL_EVENTS = "all_events"  # the built-in trigger
MayExist = Callable[[str, str], bool]


def _never(kind: str, id: str) -> bool:
    return False


def written_triggers(documents: Mapping[str, Document]) -> dict[str, Node]:
    """The triggers that are written in tags, by the id under which the tags know them."""
    found: dict[str, Node] = {}
    for id, document in documents.items():
        for key in ("triggers", "exceptions"):
            node = document.node.get(key) if isinstance(document.node, MappingNode) else None
            for index, item in enumerate(getattr(node, "items", ())):
                if isinstance(item, MappingNode):
                    found[_written_id(id, key, index)] = item
    return found


def _written_id(tag: str, key: str, index: int) -> str:
    return f"{tag}.{key}[{index}]"


def compile_tags(
    documents: Mapping[str, Document],
    templates: Mapping[str, Template],
    variables: Mapping[str, Variable],
    context: Context,
    triggers: Collection[str] | None = None,
    may_exist: MayExist = _never,
) -> list[Tag]:
    """Every tag, by id; problems go to the context.

    `triggers` are the ids there are (None: not checked). `may_exist` tells of a kind and id whether there is such an
    object that could not be read: a reference to it is then no problem of its own.
    """
    compiled = [
        compile(document, templates, context, variables, triggers, may_exist) for document in documents.values()
    ]
    return sorted((tag for tag in compiled if tag is not None), key=lambda tag: tag.id)


def _named_templates(documents: Mapping[str, Document]) -> Iterator[Scalar]:
    for document in documents.values():
        node = document.node.get("template") if isinstance(document.node, MappingNode) else None
        if isinstance(node, Scalar):
            yield node


def prove_unused(templates: Mapping[str, Template], documents: Mapping[str, Document], context: Context) -> None:
    """A template that none of these tags uses is proved by itself: whoever wrote it wants to know."""
    used = {node.text for node in _named_templates(documents)}
    for id, template in templates.items():
        if id not in used:
            template.prove_alone(context.problems)


def _vendors(destinations: tuple[Destination, ...]) -> tuple[str, ...]:
    """The vendors, by their consent types, whose hosts the tag sends to."""
    hosts = {f".{one.binding.url.host.partition(':')[0]}" for one in destinations}
    return tuple(
        type for type, ends in VENDOR_TYPES.items() if any(host.endswith(f".{end}") for host in hosts for end in ends)
    )


def compile(
    document: Document,
    templates: Mapping[str, Template],
    context: Context,
    variables: Mapping[str, Variable] | None = None,
    triggers: Collection[str] | None = None,
    may_exist: MayExist = _never,
) -> Tag | None:
    """The tag of one document, every proof made; None where it has no template."""
    said = conform(document.node, SCHEMA, context.problems)
    if said is None or "template" not in said:
        return None
    return _Compiler(document, said, context, variables or {}, triggers, may_exist).tag(templates)


class _Compiler:
    """One tag on its way."""

    def __init__(
        self,
        document: Document,
        said: Mapping[str, Any],
        context: Context,
        variables: Mapping[str, Variable],
        triggers: Collection[str] | None,
        may_exist: MayExist,
    ) -> None:
        self._document = document
        self._said = said
        self._context = context
        self._problems = context.problems
        self._variables = variables
        self._known_triggers = triggers
        self._may_exist = may_exist
        self._node = document.mapping
        self._raw = "personal_data" in said

    def tag(self, templates: Mapping[str, Template]) -> Tag | None:
        """The tag; None where its template is missing."""
        said = self._said
        triggers, exceptions = self._triggers("triggers"), self._triggers("exceptions")
        wait, start, end = self._wait(), self._time("from"), self._time("until")
        self._check_active(start, end)
        self._check_consent()
        self._warn()
        template = self._template(templates)
        if template is None:
            return None
        if template.notice:
            place = said["template"].place
            message = f"tag `{self._document.id}`: {template.notice}"
            self._problems.warning("template-notice", message, place, template.docs and f"see {template.docs}")
        destinations = self._destinations(template)
        return Tag(
            id=self._document.id,
            name=str(said.get("name", self._document.id)),
            template_id=template.id,
            triggers=triggers,
            exceptions=exceptions,
            fires_once=said.get("fires", "once") == "once",
            targets_many=template.targets_many,
            wait=wait,
            consent=tuple(str(name) for name in said["consent"]) if "consent" in said else template.consent,
            mode=str(said.get("mode", "live")),
            destinations=destinations,
            vendors=_vendors(destinations),
            place=self._document.place,
            start=start,
            end=end,
        )

    def _template(self, templates: Mapping[str, Template]) -> Template | None:
        id = self._said["template"]
        if id not in templates and not self._may_exist("templates", id):
            hint = did_you_mean(id, templates) or "`tagport list templates` shows what there is"
            message = f"tag `{self._document.id}` uses the template `{id}`, which nobody has written"
            self._problems.error("unknown-template", message, id.place, hint)
        return templates.get(id)

    def _triggers(self, key: str) -> tuple[str, ...]:
        found = []
        for index, node in enumerate(self._said.get(key, ())):
            if isinstance(node, MappingNode):
                found.append(_written_id(self._document.id, key, index))
            else:
                found.append(node.text)
                self._check_trigger(Text(node.text, node.place), key)
        return tuple(found)

    def _check_trigger(self, id: Text, key: str) -> None:
        known = self._known_triggers
        if known is None or id == ALL_EVENTS or id in known or self._may_exist("triggers", id):
            return
        what = "fired by" if key == "triggers" else "blocked by"
        message = f"tag `{self._document.id}` is {what} `{id}`, which no file defines"
        hint = did_you_mean(id, [*known, ALL_EVENTS]) or f"write triggers/{id}.yaml"
        self._problems.error("unknown-trigger", message, id.place, hint)

    def _wait(self) -> Wait | None:
        said = self._said.get("wait")
        if said is None or "for" not in said or "most" not in said:
            return None
        return Wait(frozenset(str(name) for name in said["for"]), float(said["most"]), str(said.get("else", "send")))

    def _time(self, key: str) -> float | None:
        text = self._said.get("active", {}).get(key)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            hint = "write date, time and zone, as in 2026-11-01T00:00+01:00"
            self._problems.error("bad-time", f"`{text}` is no moment", text.place, hint)
            return None
        return moment.timestamp()

    def _check_active(self, start: float | None, end: float | None) -> None:
        if start is not None and end is not None and end <= start:
            place = self._said["active"]["until"].place
            message = f"tag `{self._document.id}` would end before it begins"
            self._problems.error("bad-time", message, place, "`until` is later than `from`")

    def _check_consent(self) -> None:
        for name in self._said.get("consent", ()):
            if name not in NEEDS:
                hint = did_you_mean(name, NEEDS) or "known are: " + ", ".join(NEEDS)
                self._problems.error("unknown-consent", f"`{name}` is no kind of consent", name.place, hint)

    def _warn(self) -> None:
        if self._raw:
            message = f"tag `{self._document.id}` may send unhashed personal data"
            hint = "right for your own CRM only; take `personal_data: raw` out otherwise"
            self._problems.warning("personal-data-raw", message, self._node.key_place("personal_data"), hint)
        if self._said.get("fires") == "every_event":
            message = f"tag `{self._document.id}` fires for late copies too: one conversion is sent several times"
            hint = "leave `fires` out to send it once"
            self._problems.warning("every-event", message, self._node.key_place("fires"), hint)

    def _destinations(self, template: Template) -> tuple[Destination, ...]:
        if isinstance(self._node.get("params"), SequenceNode) or self._is_text("params"):
            return ()  # which has been told
        own = self._members(self._said.get("params"), template)
        said = self._said.get("destinations")
        if not said:
            return self._destination("", template, own, None, self._params_place())
        found: list[Destination] = []
        for id, node in said.items():
            params = {**own, **self._members(node, template, ("when",))}
            found += self._destination(str(id), template, params, node.get("when"), id.place)
        return tuple(found)

    def _is_text(self, key: str) -> bool:
        node = self._node.get(key)
        return isinstance(node, Scalar) and bool(node.text)

    def _members(self, node: Node | None, template: Template, besides: Collection[str] = ()) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            return {}
        return check_names(template.params, node, self._problems, besides)

    def _params_place(self) -> Place:
        return self._node.key_place("params" if "params" in self._node.members else "template")

    def _destination(
        self, id: str, template: Template, params: Mapping[str, Node], when: Node | None, place: Place
    ) -> tuple[Destination, ...]:
        binding = bind(template, params, place, self._context, self._variables, self._raw)
        condition = compile_conditions(when, self._context) if when is not None else None
        return (Destination(id, binding, condition),) if binding is not None else ()
