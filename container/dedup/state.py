"""What the store remembers of a conversion, and the conversion that one decision sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from container.conversion import Conversion
from container.dedup.identity import Identity
from container.dedup.kinds import Kind
from container.event import Event
from container.ledger.interface import Stored

COPIES_TOLD = 50  # copies whose time and client a conversion remembers

Told = dict[str, dict[str, list[Any]]]  # {source: {type: [granted, when it arrived]}}
State = dict[str, Any]
"""
names     order names by sort, as hashes in hex
copies    [time stated, client, source, record, lends only] of each copy
count     how many there were
agree     {name: values that copies told} of `agree:`
consent   {source: {type: [granted, when it arrived]}}: the latest statements of each source
told      arrival of the first copy that runs tags
key, page the order name as it first came, and the page's form of it
fixed     {event_id, transaction_id, timestamp} once something has fired
of        the conversion this is a refund of
lent      {type: granted}: what was said of that, while no copy of this says anything
"""


def with_copy(
    stored: Sequence[Stored], identity: Identity, kind: Kind | None, event: Event, of: Stored | None, *,
    tells: bool = True,
) -> State:  # fmt: skip
    """The state once this copy is counted in; `stored` are the conversions it shows to be one, oldest first.

    `of`: the conversion that it is a refund of.
    `tells`: False for what only lends its names and its time, and is no copy that came here (`tagport mark`).
    """
    state = _combined(stored)
    state["count"] = state.get("count", 0) + tells
    if kind is None:
        return state
    source, lends = event.request.source, not tells or event.name in kind.data_from
    copy = [event.timestamp, event.request.client, source, event.id, lends]
    names: dict[str, list[str]] = {}
    for mark in identity.names:
        names.setdefault(mark.sort, []).append(mark.hash.hex())
    said = {type: [granted, event.request.received] for type, granted in event.consent.items()}
    told = state.get("consent", {})
    state.update(
        names=_all_of(state.get("names", {}), names),
        copies=[*state.get("copies", []), copy][-COPIES_TOLD:],
        agree=_all_of(state.get("agree", {}), {name: [value] for name, value in (identity.agree or {}).items()}),
        consent={**told, source: {**told.get(source, {}), **said}} if said else told,
        key=state.get("key") or identity.key,
        of=state.get("of") or (of.id if of else ""),
    )
    if of and "lent" not in state and (lent := stated_consent(of.state)):
        state["lent"] = lent
    if source == "browser" and identity.key:
        state["page"] = state.get("page") or identity.key
    if not lends:
        state.setdefault("told", event.request.received)
    return state


def _combined(stored: Sequence[Stored]) -> State:
    """The states of conversions that are one."""
    if not stored:
        return {}
    *others, last = (one.state for one in stored)
    state = dict(last)
    for older in reversed(others):
        state = _united(older, state)
    return state


def _united(older: State, newer: State) -> State:
    """Two states as one: the older's word counts, of consent the later."""
    state = {**newer, **{key: value for key, value in older.items() if value}}
    state["count"] = older.get("count", 0) + newer.get("count", 0)
    state["names"] = _all_of(older.get("names", {}), newer.get("names", {}))
    state["agree"] = _all_of(older.get("agree", {}), newer.get("agree", {}))
    state["copies"] = [*older.get("copies", []), *newer.get("copies", [])][-COPIES_TOLD:]
    state["consent"] = _later(older.get("consent", {}), newer.get("consent", {}))
    arrivals = [one["told"] for one in (older, newer) if "told" in one]
    if arrivals:
        state["told"] = min(arrivals)
    return state


def _all_of(known: Mapping[str, list[str]], more: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What both know, each value once, the last `COPIES_TOLD` of a name."""
    if not known:
        return {name: list(dict.fromkeys(values))[-COPIES_TOLD:] for name, values in more.items()}
    both = dict(known)
    for name, values in more.items():
        both[name] = list(dict.fromkeys([*both.get(name, ()), *values]))[-COPIES_TOLD:]
    return both


def _later(one: Told, other: Told) -> Told:
    """Of each source and type the later statement."""
    found: Told = {}
    for source in {**one, **other}:
        ours, theirs = one.get(source, {}), other.get(source, {})
        statements = ((type, [said[type] for said in (ours, theirs) if type in said]) for type in {**ours, **theirs})
        found[source] = {type: max(said, key=_latest) for type, said in statements}
    return found


def _latest(statement: Sequence[Any]) -> tuple[float, bool]:
    granted, arrival = statement
    return arrival, not granted  # of one moment the refusal


def stated_consent(state: State) -> dict[str, bool]:
    """What the copies said, the browser's word before the server's; else what was said of the purchase."""
    told = state.get("consent", {})
    said = {**told.get("server", {}), **told.get("browser", {})}
    return {type: granted for type, (granted, _) in said.items()} or dict(state.get("lent", {}))


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
