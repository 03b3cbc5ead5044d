"""Which conversion is this a copy of? The first step that speaks wins.

1. Two order names of one sort differ: different conversions, whatever else agrees.
2. An equal order name: the same.   3. An equal link: the same.   4. Both sides carry an order name: different.
5. Hints join when time, clients and `agree:` allow it and exactly one conversion fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.dedup.identity import Identity, Mark
from container.dedup.kinds import Kind
from container.event import Event
from container.ledger.interface import Reading, Stored

Names = Mapping[str, Iterable[str]]  # order names by sort, as hashes in hex


@dataclass(frozen=True, slots=True)
class Match:
    """What a copy was recognised as. `stored`: the conversion, oldest first, then those it shows to be the same."""

    stored: tuple[Stored, ...] = ()
    matched_by: str = ""
    ambiguous: bool = False
    retry: bool = False  # the sender's second try at one delivery

    @property
    def reading(self) -> tuple[tuple[int, int], ...]:
        """Number and version of all that the decision was made on."""
        return tuple((stored.number, stored.version) for stored in self.stored)


UNKNOWN = Match()


def recognise(identity: Identity, kind: Kind | None, event: Event, ledger: Reading) -> Match:
    """Read the store and tell which conversion this copy belongs to."""
    if not identity.known_by_something:
        return UNKNOWN
    now = event.request.received
    by_hash = _look_up(ledger, identity.lasting, (), now)
    delivery = by_hash.get(identity.delivery.hash, []) if identity.delivery else []
    if delivery:
        return Match((delivery[0],), "delivery", retry=True)
    sorts = _sorts(identity.names)
    by_name = _fitting(sorts, identity.names, by_hash)
    by_link = _fitting(sorts, identity.links, by_hash)
    if by_name or by_link:
        how = _first(identity.names, by_hash, by_name) or _first(identity.links, by_hash, by_link)
        return Match(_united(by_name or by_link, by_link), how)
    if kind is None or not identity.hints:
        return Match()
    return _by_hints(identity, kind, event, _look_up(ledger, (), [mark.hash for mark in identity.hints], now))


def parent(identity: Identity, event: Event, ledger: Reading) -> str:
    """The id of the conversion that this is a refund of (`of:`); where a name was used again, the newest."""
    if not identity.parents:
        return ""
    hashes = [mark.hash for mark in identity.parents]
    known = _fitting(
        _sorts(identity.parents), identity.parents, _look_up(ledger, hashes, (), event.request.received)
    )
    return known[-1].id if known else ""


def _look_up(
    ledger: Reading, names: Sequence[bytes], hints: Sequence[bytes], now: float
) -> Mapping[bytes, list[Stored]]:
    """The conversions that each hash is known for."""
    found = ledger.find(names, hints, now) if names or hints else ()
    if not found:
        return {}
    known = ledger.conversions({number for _, number in found})
    by_hash: dict[bytes, list[Stored]] = {}
    for hash, number in found:
        if number in known:
            by_hash.setdefault(hash, []).append(known[number])
    return by_hash


def _fitting(sorts: Names, marks: Sequence[Mark], by_hash: Mapping[bytes, list[Stored]]) -> list[Stored]:
    """The conversions that one of the marks names and no differing order name rules out, oldest first."""
    found = {stored.number: stored for mark in marks for stored in by_hash.get(mark.hash, ())}
    return [found[number] for number in sorted(found) if not _differs(sorts, _names(found[number]))]


def _first(marks: Sequence[Mark], by_hash: Mapping[bytes, list[Stored]], fitting: Iterable[Stored]) -> str:
    numbers = {stored.number for stored in fitting}
    for mark in marks:
        if any(stored.number in numbers for stored in by_hash.get(mark.hash, ())):
            return mark.what
    return ""


def _united(first: Sequence[Stored], others: Sequence[Stored]) -> tuple[Stored, ...]:
    """The newest of the first is the one meant; every other that no order name keeps apart is the same."""
    chosen = first[-1]
    together = {chosen.number: chosen}
    for stored in (*first, *others):
        if all(not _differs(_names(stored), _names(one)) for one in together.values()):
            together[stored.number] = stored
    return tuple(together[number] for number in sorted(together))


def _sorts(names: Sequence[Mark]) -> Names:
    sorts: dict[str, set[str]] = {}
    for mark in names:
        sorts.setdefault(mark.sort, set()).add(mark.hash.hex())
    return sorts


def _names(stored: Stored) -> Names:
    names: Names = stored.state.get("names", {})
    return names


def _differs(one: Names, other: Names) -> bool:
    return any(sort in other and not set(hashes).intersection(other[sort]) for sort, hashes in one.items())


def _by_hints(identity: Identity, kind: Kind, event: Event, by_hash: Mapping[bytes, list[Stored]]) -> Match:
    fits: dict[int, tuple[Stored, str]] = {}
    for mark in identity.hints:
        for stored in by_hash.get(mark.hash, ()):
            if _joins(identity, kind, event, stored):
                fits.setdefault(stored.number, (stored, mark.what))
    if len(fits) != 1:
        return Match(ambiguous=len(fits) > 1)
    stored, how = next(iter(fits.values()))
    return Match((stored,), how)


def _joins(identity: Identity, kind: Kind, event: Event, stored: Stored) -> bool:
    if identity.names and _names(stored):
        return False
    return _near(kind, event, stored.state["copies"]) and _agrees(identity.agree or {}, stored.state.get("agree", {}))


def _near(kind: Kind, event: Event, copies: Sequence[Any]) -> bool:
    """Some copy lies within the time, and (`across: clients`) none came through this client already."""
    clients = {client for _, client, *_ in copies}
    if not kind.across_any and event.request.client in clients:
        return False
    return any(abs(event.timestamp - at) <= kind.within for at, *_ in copies)


def _agrees(ours: Mapping[str, str], theirs: Mapping[str, Sequence[str]]) -> bool:
    """No value differs from all that copies have told: an order that was edited has had several."""
    return all(name not in theirs or value in theirs[name] for name, value in ours.items())
