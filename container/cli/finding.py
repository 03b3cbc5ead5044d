"""Which conversions and records are meant by what a person knows: an order's name, an address, an id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.admin.history import numbers_of
from container.cli.common import CannotRun, Opened
from container.dedup.identity import PERSON, Identifier
from container.event import Event, Request
from container.language.expression import Scope
from container.ledger.interface import Reading
from container.problems import did_you_mean

PAGE = 2_000  # records read at once


@dataclass(frozen=True, slots=True)
class Found:
    """Conversions by number, and the ids of records that belong to none of them, newest first."""

    numbers: Sequence[int]
    records: Sequence[str]


def find(known: Opened, key: str, value: str) -> Found:
    """Everything of KEY=VALUE. Raises `CannotRun` where KEY is nothing by which anything is known."""
    store = known.container.store
    numbers = {*_recognised(known, key, value)}
    ids: list[str] = []
    alone: list[str] = []
    fields: set[str] = set()
    person = frozenset(Identifier(known.keys).person_marks(key, value)) if key in PERSON else frozenset()
    for record in every_record(store):
        fields.update(record["event"].get("data") or {})
        if not _tells(record, key, value, person):
            continue
        conversion = record.get("conversion") or {}
        if conversion.get("kind", "event") == "event":
            alone.append(record["id"])
        else:
            ids.append(conversion["id"])
    if not (numbers or ids or alone):
        _refuse_unknown(key, {*known.container.variables.compiled}, fields)
    return Found(sorted({*numbers, *numbers_of(store, list(dict.fromkeys(ids)))}), alone[::-1])


def every_record(store: Reading) -> Iterator[Mapping[str, Any]]:
    """All records, oldest first."""
    after = ""
    while page := store.every_record(after, PAGE):
        yield from page
        after = str(page[-1]["id"])


def _recognised(known: Opened, key: str, value: str) -> Iterator[int]:
    """Conversions that a copy with this one variable would be recognised as."""
    container, store = known.container, known.container.store
    names: set[bytes] = set()
    hints: set[bytes] = set()
    for kind in container.dedup.kinds.by_id.values():
        scope = Scope(
            event={key: value},
            known={key: value},
            container={"id": container.id, "version": container.version},
        )
        identity = Identifier(known.keys).of_copy(kind, Event("", {key: value}, Request()), scope)
        names.update(mark.hash for mark in (*identity.names, *identity.links))
        hints.update(mark.hash for mark in identity.hints)
    found = store.conversions(number for _, number in store.find(sorted(names), sorted(hints)))
    return (stored.number for stored in found.values())


def _tells(record: Mapping[str, Any], key: str, value: str, person: frozenset[str]) -> bool:
    """Whether the record shows the value itself, or knows the person by it."""
    if not person.isdisjoint(record.get("person", ())):
        return True
    places = ((record["event"].get("data") or {}), record.get("conversion") or {})
    return any(str(place[key]) == value for place in places if key in place)


def _refuse_unknown(key: str, variables: Collection[str], fields: Collection[str]) -> None:
    if key in variables or key in fields:
        return
    known = f"no event that is kept has a field `{key}`; variables are {', '.join(sorted(variables))}"
    raise CannotRun(f"nothing is known by `{key}`: {did_you_mean(key, {*variables, *fields}) or known}")
