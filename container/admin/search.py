"""What is looked for among the records: `event:purchase tag:meta state:suppressed order:1042`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.admin.record import outcome, with_deliveries
from container.admin.story import TONES
from container.decision import DECISIONS
from container.errors import Unreadable
from container.ledger.interface import Reading
from container.problems import did_you_mean

Record = Mapping[str, Any]

PAGE = 50  # records read between two other things: a few milliseconds
DEEPEST = 20_000  # records looked through
_NAMES = ("transaction_id", "order_id", "event_id", "refund_id", "checkout_token")
_OUTCOMES = tuple(word for word in TONES if word not in DECISIONS)
_STATES = (*DECISIONS, *_OUTCOMES)
_KEYS = ("event", "tag", "state", "order", "client", "source")


@dataclass(frozen=True, slots=True)
class Search:
    """Words that a record has to fit, all of them; `words` stand without a key."""

    event: str = ""
    tag: str = ""
    state: str = ""
    order: str = ""
    client: str = ""
    source: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Search:
        """The search that a person has written. Raises `Unreadable` saying what can be looked for."""
        found: dict[str, str] = {}
        words: list[str] = []
        for word in text.split():
            key, colon, value = word.partition(":")
            if not colon:
                words.append(_plain(word))
            elif key not in _KEYS:
                hint = did_you_mean(key, _KEYS) or f"write {', '.join(f'{key}:' for key in _KEYS)} or an order's number"
                raise Unreadable(f"nothing is looked for by `{key}:`; {hint}")
            else:
                found[key] = _plain(value)
        if (state := found.get("state", "")) and state not in _STATES:
            hint = did_you_mean(state, _STATES) or f"it is one of {', '.join(_STATES)}"
            raise Unreadable(f"no decision and no vendor's answer is called `{state}`: {hint}")
        return cls(**found, words=tuple(words))

    @property
    def of_answers(self) -> bool:
        """Whether it is about what vendors have answered."""
        return self.state in _OUTCOMES

    def fits(self, record: Record) -> bool:
        """Whether the record is one of those; with its deliveries, where the search is about answers."""
        event, request = title(record).lower(), record.get("request") or {}
        return (
            self.event in event
            and self.client in str(request.get("client", "")).lower()
            and self.source in str(request.get("source", "")).lower()
            and (not self.order or self.order in _names_of(record))
            and self._fits_tags(record)
            and all(word in event or word in _names_of(record) for word in self.words)
        )

    def _fits_tags(self, record: Record) -> bool:
        """Whether some tag had this to do with it; without `state:` one that some trigger fired."""
        if not self.tag and not self.state:
            return True
        return any(self.tag in row["tag"].lower() and self._fits_state(row) for row in record["tags"])

    def _fits_state(self, row: Mapping[str, Any]) -> bool:
        if not self.state:
            return bool(row["decision"] != "not_triggered")
        return self.state in (row["decision"], outcome(row))


def title(record: Record) -> str:
    """The event's name; of what no client claims, what was asked for."""
    request = record.get("request") or {}
    return record["event"]["name"] or f"{request.get('method', '')} {request.get('path', '')}"


def _names_of(record: Record) -> set[str]:
    """All by which a person may know the record: its order, its ids."""
    conversion, data = record.get("conversion") or {}, record["event"].get("data") or {}
    told = [place.get(name) for place in (conversion, data) for name in _NAMES]
    return {_plain(str(name)) for name in (*told, record["id"], conversion.get("id")) if name not in (None, "")}


def _plain(word: str) -> str:
    return word.lower().lstrip("#")


def fitting(store: Reading, search: Search, records: Sequence[Record]) -> list[Record]:
    """Those of the records that fit."""
    if not search.of_answers:
        return [record for record in records if search.fits(record)]
    return [record for record in records if search.fits(with_deliveries(store, record))]


async def newest(store: Reading, search: Search, most: int) -> list[Record]:
    """The newest records that fit, newest first; others get their turn in between."""
    found: list[Record] = []
    before = ""
    for _ in range(DEEPEST // PAGE):
        page = store.recent(PAGE, before)
        found += fitting(store, search, page)
        if len(found) >= most or len(page) < PAGE:
            break
        before = str(page[-1]["id"])
        await asyncio.sleep(0)
    return found[:most]
