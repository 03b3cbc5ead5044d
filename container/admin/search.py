"""What is looked for among the records: `event:purchase tag:meta state:suppressed order:1042`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from container.decision import DECISIONS
from container.errors import Unreadable
from container.ledger.interface import Reading
from container.problems import did_you_mean

Record = Mapping[str, Any]

PAGE = 200  # records read between two other things
DEEPEST = 20_000  # records looked through
_NAMES = ("transaction_id", "order_id", "event_id", "refund_id", "checkout_token")
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
        if (state := found.get("state", "")) and state not in DECISIONS:
            hint = did_you_mean(state, DECISIONS) or f"it is one of {', '.join(DECISIONS)}"
            raise Unreadable(f"no decision is called `{state}`: {hint}")
        return cls(**found, words=tuple(words))

    def fits(self, record: Record) -> bool:
        """Whether the record is one of those."""
        event, request = title(record).lower(), record.get("request") or {}
        return (
            self.event in event
            and self.client in str(request.get("client", "")).lower()
            and self.source in str(request.get("source", "")).lower()
            and (not self.order or self.order in names_of(record))
            and self._fits_tags(record)
            and all(word in event or word in names_of(record) for word in self.words)
        )

    def _fits_tags(self, record: Record) -> bool:
        """Whether some tag had this to do with it; without `state:` one that some trigger fired."""
        if not self.tag and not self.state:
            return True
        return any(self.tag in row["tag"].lower() and self._fits_state(row["decision"]) for row in record["tags"])

    def _fits_state(self, decision: str) -> bool:
        return decision == self.state if self.state else decision != "not_triggered"


def title(record: Record) -> str:
    """The event's name; of what no client claims, what was asked for."""
    request = record.get("request") or {}
    return record["event"]["name"] or f"{request.get('method', '')} {request.get('path', '')}"


def names_of(record: Record) -> set[str]:
    """All by which a person may know the record: its order, its ids."""
    conversion, data = record.get("conversion") or {}, record["event"].get("data") or {}
    told = [place.get(name) for place in (conversion, data) for name in _NAMES]
    return {_plain(str(name)) for name in (*told, record["id"], conversion.get("id")) if name not in (None, "")}


def _plain(word: str) -> str:
    return word.lower().lstrip("#")


async def newest(store: Reading, search: Search, most: int, before: str = "") -> list[Record]:
    """The newest records that fit, newest first; others get their turn in between."""
    found: list[Record] = []
    for _ in range(DEEPEST // PAGE):
        page = store.recent(PAGE, before)
        found += [record for record in page if search.fits(record)]
        if len(found) >= most or len(page) < PAGE:
            break
        before = str(page[-1]["id"])
        await asyncio.sleep(0)
    return found[:most]
