"""Everything of a person in the store, by one thing that is known of them: found by looking through whole tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from container.call import Call
from container.cli.common import Opened
from container.cli.finding import find
from container.dedup.identity import PERSONAL, Identifier, normal
from container.dedup.merging import pick_up
from container.event import Event
from container.language.expression import as_text
from container.language.normalisers import hashed
from container.ledger.interface import Row, Store

KEYS = ("email", "phone", "user_id", "transaction_id", "client_id")
PAGE = 1_000  # rows read at once
_HASHES = {**PERSONAL, "user_id": ("id",)}
_IN_THE_CLEAR = ("email", "phone", "client_id")  # whose value is no text that a call has for other reasons
# Beside a value that stands for itself: `mary-jane@…` is not `jane@…`; but `%2B47…` and `\n47…` are `47…`.
_BEFORE = rb"(?:(?<![0-9a-z])|(?<=%[0-9a-f]{2})|(?<=\\[nrt]))"
_BEFORE_ADDRESS = rb"(?<![._+-])(?<!%2b)" + _BEFORE
_AFTER = rb"(?![0-9a-z-]|[.][0-9a-z])"


@dataclass(slots=True)
class Traces:
    """Conversions, records and calls of a person. `under_way`: calls that are being sent at this moment."""

    numbers: set[int] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    under_way: set[int] = field(default_factory=set)
    client_ids: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.numbers or self.records or self.rows)


def traces(known: Opened, key: str, value: str) -> Traces:
    """Everything of the person. `key` is one of `KEYS`."""
    store = known.container.store
    wanted = _Wanted(known, key, value)
    found = find(known, key, value)
    mine = Traces({*found.numbers}, {*found.records})
    mine.numbers.update(number for number, event in _copies(known) if wanted.by(event))
    for row in _rows(store):
        if wanted.called(row.call):
            mine.rows.add(row.id)
            mine.records.add(row.record)
            mine.numbers.update(() if row.conversion is None else (row.conversion,))
    _follow(store, mine)
    return mine


class _Wanted:
    """Tells whether a copy or a call is about the person."""

    def __init__(self, known: Opened, key: str, value: str) -> None:
        self._over = known.container.variables.over
        self._marks = Identifier(known.keys).person_marks
        self._key, self._value = key, value
        self._person = {*self._marks(key, value)}
        hashes = (hashed(rule, value) for rule in _HASHES.get(key, ()))
        self._hashes = [str(hash).encode() for hash in hashes if hash]
        self._clear = _whole(key, value.strip()) if key in _IN_THE_CLEAR else None

    def by(self, event: Event) -> bool:
        """Whether a copy tells the person's value under the key, in any form."""
        told = self._over(event).var(self._key)
        values = told if isinstance(told, list) else [told]
        if self._key in _HASHES:
            return any(not self._person.isdisjoint(self._marks(self._key, one)) for one in values)
        return any(normal(one) == normal(self._value) for one in values if as_text(one))

    def called(self, call: Call) -> bool:
        """Whether a call sends it, in the clear or hashed by a vendor's rule."""
        if self._key == "transaction_id" and normal(call.transaction_id) == normal(self._value):
            return True
        parts = (call.item, call.envelope)
        if any(hash in part for hash in self._hashes for part in parts):
            return True
        return self._clear is not None and any(self._clear.search(part) for part in parts)


def _whole(key: str, value: str) -> re.Pattern[bytes]:
    """Finds the value in the clear, also as an address has it, but not as a part of another one."""
    forms = b"|".join(re.escape(form.encode()) for form in dict.fromkeys((value, quote(value, safe=""))))
    before = _BEFORE_ADDRESS if key == "email" else _BEFORE
    return re.compile(before + b"(?:" + forms + b")" + _AFTER, re.IGNORECASE)


def _copies(known: Opened) -> Iterator[tuple[int, Event]]:
    """All stored copies with their conversion's number."""
    after = (0, 0)
    while page := known.container.store.every_copy(after, PAGE):
        for number, copy, blob in page:
            yield number, pick_up(known.keys.unseal(blob))
            after = (number, copy)


def _rows(store: Store) -> Iterator[Row]:
    after = 0
    while page := store.every_row(after, PAGE):
        yield from page
        after = page[-1].id


def _follow(store: Store, mine: Traces) -> None:
    """The refunds of what was found; which of its calls are under way; the browsers it came from."""
    conversions = store.conversions(mine.numbers)
    mine.numbers = {stored.number for stored in conversions.values()}
    mine.numbers.update(store.of({stored.id for stored in conversions.values()}))
    records = [record for number in mine.numbers for record in store.records(number)]
    records += [record for id in mine.records if (record := store.record(id)) is not None]
    mine.client_ids = {str(id) for record in records if (id := _data(record).get("client_id"))}
    rows = [row for number in mine.numbers for row in store.rows(number)]
    mine.rows.update(row.id for row in rows)
    sending = {row.id for _, row in store.sending()}
    mine.under_way = mine.rows & sending


def _data(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return (record.get("event") or {}).get("data") or {}


