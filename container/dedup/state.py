"""What the store remembers of a conversion, and the conversion that one decision sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from container.conversion import Conversion
from container.dedup.identity import Identity
from container.dedup.kinds import Kind
from container.event import Event
from container.ledger.interface import Stored

COPIES_TOLD = 50  # copies whose time and client a conversion remembers

State = dict[str, Any]
"""
names     order names by sort, as hashes in hex
copies    [time stated, client, source, record, lends only] of each copy
count     how many there were
agree     the last known values of `agree:`
consent   {browser: {...}, server: {...}}: what was stated, the latest of each source
key, page the order name as it first came, and the page's form of it
fixed     {event_id, transaction_id, timestamp} once something has fired
of        the conversion this is a refund of
"""


def with_copy(stored: Sequence[Stored], identity: Identity, kind: Kind | None, event: Event, of: str) -> State:
    """The state once this copy is counted in; `stored` are the conversions it shows to be one, oldest first."""
    state = _combined(stored)
    if kind is None:
        state["count"] = state.get("count", 0) + 1
        return state
    names = {sort: list(hashes) for sort, hashes in state.get("names", {}).items()}
    for mark in identity.names:
        hashes = names.setdefault(mark.sort, [])
        if mark.hash.hex() not in hashes:
            hashes.append(mark.hash.hex())
    source = event.request.source
    copy = [event.timestamp, event.request.client, source, event.id, event.name in kind.data_from]
    told = dict(state.get("consent", {}))
    if event.consent:
        told[source] = {**told.get(source, {}), **event.consent}
    state.update(
        names=names,
        copies=[*state.get("copies", []), copy][-COPIES_TOLD:],
        count=state.get("count", 0) + 1,
        agree={**state.get("agree", {}), **(identity.agree or {})},
        consent=told,
        key=state.get("key") or identity.key,
        of=state.get("of") or of,
    )
    if source == "browser" and identity.key:
        state["page"] = state.get("page") or identity.key
    return state


def _combined(stored: Sequence[Stored]) -> State:
    """The states of conversions that are one: the oldest's word counts."""
    state: State = {}
    for one in reversed(stored):
        older, newer = one.state, state
        state = {**newer, **{key: value for key, value in older.items() if value}}
        names = dict(newer.get("names", {}))
        for sort, hashes in older.get("names", {}).items():
            names[sort] = list(dict.fromkeys([*hashes, *names.get(sort, [])]))
        if names:
            state["names"] = names
        if "copies" in older or "copies" in newer:
            state["copies"] = [*older.get("copies", []), *newer.get("copies", [])]
        state["count"] = older.get("count", 0) + newer.get("count", 0)
    return state


def stated_consent(state: State) -> dict[str, bool]:
    """What the copies said: the browser's word before the server's."""
    told = state.get("consent", {})
    return {**told.get("server", {}), **told.get("browser", {})}


def fixed(conversion: Conversion) -> State:
    """What vendors are told, from the first firing on."""
    return {
        "event_id": conversion.event_id,
        "transaction_id": conversion.transaction_id,
        "timestamp": conversion.timestamp,
    }


def sources_of(state: State) -> frozenset[str]:
    """The sources whose copies are there; a copy that only lends data is none."""
    return frozenset(copy[2] for copy in state.get("copies", []) if not copy[4])


def clients_of(state: State) -> frozenset[str]:
    """The clients through which copies came."""
    return frozenset(copy[1] for copy in state.get("copies", []))


def earliest(state: State) -> float | None:
    """The earliest time that any copy states."""
    return min((copy[0] for copy in state.get("copies", [])), default=None)
