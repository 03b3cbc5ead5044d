"""Tags of one template that differ in the event name alone: they become one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any

from container.migrate.result import Document as Written
from container.migrate.simplify.copies import EVENT_NAME
from container.migrate.simplify.draft import Draft, listed, words
from container.migrate.simplify.proposal import Proposal
from container.node import Mapping as MappingNode
from container.node import Scalar
from container.node import Sequence as SequenceNode
from container.workspace.conform import plain
from container.workspace.documents import CONTAINER
from container.workspace.model import Document

_COMMENT = re.compile(r"^\s*#\s?(.*)$", re.MULTILINE)
_OWN = ("name", "notes", "triggers")  # what may differ besides
_PINNED = ("transformations", "environments", "tests")  # where a tag is known by its id
Found = Mapping[str, Mapping[str, Document]]


def alike(draft: Draft) -> Iterator[Proposal]:
    """One proposal for each group of tags."""
    found = draft.documents()
    pinned = {word for kind in _PINNED for document in found[kind].values() for word in words(document.node)}
    groups: dict[str, list[Document]] = {}
    for id, tag in found["tags"].items():
        said = _value(plain(tag.node))
        if id not in pinned and tag.place.file != CONTAINER and said.get("mode") != "paused" and _fixed(said):
            groups.setdefault(_rest(said), []).append(tag)
    for tags in groups.values():
        names = _names(found, tags) if len(tags) > 1 else None
        if names is not None:
            yield _one(draft, found, tags, names)


def _fixed(said: Mapping[str, Any]) -> bool:
    """Whether the name it sends, if it says any, is a fixed text."""
    params = said.get("params") or {}
    return isinstance(params, dict) and "destinations" not in said and "{{" not in str(params.get(EVENT_NAME, ""))


def _rest(said: Mapping[str, Any]) -> str:
    params = {key: value for key, value in (said.get("params") or {}).items() if key != EVENT_NAME}
    rest = {key: value for key, value in said.items() if key not in (*_OWN, "params")}
    return repr((sorted(rest.items()), sorted(params.items())))


def _names(found: Found, tags: list[Document]) -> dict[str, str] | None:
    """Event name → what is sent for it. None: two of the tags may fire for one event, or nobody knows for which."""
    names: dict[str, str] = {}
    for tag in tags:
        events = _events(found, tag)
        said = (_value(plain(tag.node)).get("params") or {}).get(EVENT_NAME)
        if not events or any(event in names for event in events):
            return None
        table = _own_table(found, tag)
        names |= {event: str(said) if said is not None else table.get(event, event) for event in events}
    return names


def _events(found: Found, tag: Document) -> list[str] | None:
    node = tag.mapping.get("triggers")
    events: dict[str, None] = {}
    for item in node.items if isinstance(node, SequenceNode) else ():
        known = found["triggers"].get(item.text) if isinstance(item, Scalar) else None
        trigger = item if isinstance(item, MappingNode) else known.mapping if known else None
        named = listed(trigger.get("event")) if trigger is not None else None
        if not named:
            return None
        events |= dict.fromkeys(named)
    return list(events)


def _own_table(found: Found, tag: Document) -> dict[str, str]:
    named = tag.mapping.get("template")
    template = found["templates"].get(named.text) if isinstance(named, Scalar) else None
    tables = template.mapping.get("tables") if template else None
    table = tables.get("event_names") if isinstance(tables, MappingNode) else None
    return {key: row.text for key, row in table if isinstance(row, Scalar)} if isinstance(table, MappingNode) else {}


def _one(draft: Draft, found: Found, tags: list[Document], names: Mapping[str, str]) -> Proposal:
    first = _value(plain(tags[0].node))
    id = _free(str(first["template"]), {*found["tags"]} - {tag.id for tag in tags})
    folder = os.path.commonpath([PurePosixPath(tag.place.file).parent for tag in tags])
    params = {key: value for key, value in (first.get("params") or {}).items() if key != EVENT_NAME}
    files: dict[str, str | None] = {tag.place.file: None for tag in tags}
    table = _own_table(found, tags[0])
    if all(table.get(event) == name for event, name in names.items()):
        how = "the template's own table names the events"
    else:
        variable = _free(f"{id}_{EVENT_NAME}", {*found["variables"]})
        how = f"the lookup table `{variable}` names the events"
        rows = {"lookup": "{{ event.event_name }}", "table": dict(names)}
        files[f"variables/{variable}.yaml"] = Written(rows).text()
        params = {EVENT_NAME: f"{{{{ var.{variable} }}}}", **params}
    value = {**first, "name": _title(tags, id), "triggers": _triggers(tags), "params": params}
    notes = list(dict.fromkeys(str(said["notes"]) for tag in tags if "notes" in (said := _value(plain(tag.node)))))
    value |= {"notes": "\n".join(notes)} if notes else {}
    lines = [f"One tag in place of {', '.join(tag.id for tag in tags)}."]
    lines += [line for tag in tags for line in _COMMENT.findall(draft.text(tag.place.file))]
    files[f"{folder}/{id}.yaml"] = Written(value, "\n".join(dict.fromkeys(lines))).text()
    ids = [tag.id for tag in tags]
    return Proposal(
        "tags-alike",
        f"make one tag `{id}` of {', '.join(f'`{one}`' for one in ids)}",
        f"they differ only in the event name; {how}",
        files,
        dict.fromkeys(ids, id),
        frozenset(ids),
    )


def _triggers(tags: list[Document]) -> list[Any]:
    found: list[Any] = []
    for tag in tags:
        found += [one for one in _value(plain(tag.node))["triggers"] if one not in found]
    return found


def _title(tags: list[Document], id: str) -> str:
    names = [str(_value(plain(tag.node)).get("name", tag.id)) for tag in tags]
    alike = [letters[0] for letters in takewhile(lambda letters: len({*letters}) == 1, zip(*names, strict=False))]
    return "".join(alike).rstrip(" -|:/_([") or id


def _free(wanted: str, taken: set[str]) -> str:
    number, id = 2, wanted
    while id in taken:
        id, number = f"{wanted}_{number}", number + 1
    return id


def _value(said: Any) -> Any:
    """As the writer takes it: fractions as numbers where they stay what they are."""
    if isinstance(said, dict):
        return {str(key): _value(member) for key, member in said.items()}
    if isinstance(said, list):
        return [_value(member) for member in said]
    if isinstance(said, Decimal):
        return float(said) if str(float(said)) == str(said) else str(said)
    return said
