"""Which conversion is this a copy of? The first step that speaks wins.

1. Two order names of one sort differ: different conversions, whatever else agrees.
2. An equal order name: the same.   3. An equal link: the same.   4. Both sides carry an order name: different.
5. Hints join when time, clients and `agree:` allow it. Of several conversions that fit, one that no copy of this client
   has told of yet comes first, then the one that shares most, then the nearest in time; none of several that are level.

A wrong choice among those costs no conversion: all are this customer's and cost the same, and each is sent by its own
copies. No choice would send this copy as one order more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from container.conversion import Veto
from container.dedup.identity import Identity, Mark
from container.dedup.kinds import Kind
from container.event import Event
from container.ledger.interface import Known, Stored

Names = Mapping[str, Iterable[str]]  # order names by sort, as hashes in hex
VETOES = 10  # conversions that matched and do not count, told of one copy


@dataclass(frozen=True, slots=True)
class Match:
    """What a copy was recognised as. `stored`: the conversion, oldest first, then those it shows to be the same."""

    stored: tuple[Stored, ...] = ()
    matched_by: str = ""
    ambiguous: bool = False
    retry: bool = False  # the sender's second try at one delivery
    vetoed: tuple[Veto, ...] = ()  # what else matched, and why it does not count

    @property
    def reading(self) -> tuple[Any, ...]:
        """All that the decision was made on: numbers and versions, and what its record tells of the rest."""
        read = tuple((stored.number, stored.version) for stored in self.stored)
        return read, self.ambiguous, self.retry, self.vetoed


UNKNOWN = Match()


def recognise(identity: Identity, kind: Kind | None, event: Event, ledger: Known) -> Match:
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
        united = _united(by_name or by_link, by_link)
        return Match(united, how, vetoed=_kept_apart(identity, by_hash, united))
    apart = _kept_apart(identity, by_hash, ()) if by_hash else ()
    if kind is None or not identity.hints:
        return Match(vetoed=apart)
    by_hint = _look_up(ledger, (), [mark.hash for mark in identity.hints], now)
    return _by_hints(identity, kind, event, by_hint, apart)


def parent(identity: Identity, event: Event, ledger: Known) -> Stored | None:
    """The conversion that this is a refund of (`of:`); where a name was used again, the newest."""
    if not identity.parents:
        return None
    hashes = [mark.hash for mark in identity.parents]
    known = _fitting(
        _sorts(identity.parents), identity.parents, _look_up(ledger, hashes, (), event.request.received)
    )
    return known[-1] if known else None


def _look_up(
    ledger: Known, names: Sequence[bytes], hints: Sequence[bytes], now: float
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


def _by_hints(
    identity: Identity, kind: Kind, event: Event, by_hash: Mapping[bytes, list[Stored]], apart: tuple[Veto, ...]
) -> Match:
    fits: dict[int, Stored] = {}
    shared: dict[int, list[str]] = {}
    vetoed: dict[int, Veto] = {}
    for mark in identity.hints:
        for stored in by_hash.get(mark.hash, ()):
            against = "" if stored.number in fits else _against(identity, kind, event, stored)
            if not against:
                fits[stored.number] = stored
                shared.setdefault(stored.number, []).append(mark.what)
            elif len(vetoed) < VETOES:
                vetoed.setdefault(stored.number, Veto(stored.id, mark.what, against))
    chosen = _chosen(event, fits, shared)
    why = "one fits better" if chosen else "none fits better"
    others = [Veto(one.id, shared[one.number][0], f"{len(fits)} conversions fit: {why}") for one in fits.values()]
    told = (*(one for one in others if chosen is None or one.id != chosen.id), *apart, *vetoed.values())[:VETOES]
    if chosen is None:
        return Match(ambiguous=bool(fits), vetoed=told)
    return Match((chosen,), shared[chosen.number][0], ambiguous=len(fits) > 1, vetoed=told)


def _chosen(event: Event, fits: Mapping[int, Stored], shared: Mapping[int, Sequence[str]]) -> Stored | None:
    """The one that fits best; None where several fit equally well."""
    if len(fits) == 1:
        return next(iter(fits.values()))
    ranks = {number: _rank(event, stored, shared[number]) for number, stored in fits.items()}
    best = [number for number, rank in ranks.items() if rank == min(ranks.values())]
    return fits[best[0]] if len(best) == 1 else None


def _rank(event: Event, stored: Stored, shared: Sequence[str]) -> tuple[bool, int, float]:
    """What speaks for a conversion, the lowest most."""
    copies = stored.state["copies"]
    told_here = any(client == event.request.client and not lends for _, client, _, _, lends in copies)
    return told_here, -len(set(shared)), min(abs(event.timestamp - copy[0]) for copy in copies)


def _kept_apart(identity: Identity, by_hash: Mapping[bytes, list[Stored]], same: Sequence[Stored]) -> tuple[Veto, ...]:
    """The conversions that a name or link matched and that a differing order name keeps apart."""
    numbers = {stored.number for stored in same}
    found: dict[int, Veto] = {}
    for mark in (*identity.names, *identity.links):
        for stored in by_hash.get(mark.hash, ()):
            if stored.number not in numbers and len(found) < VETOES:
                found.setdefault(stored.number, Veto(stored.id, mark.what, "the order names differ"))
    return tuple(found.values())


def _against(identity: Identity, kind: Kind, event: Event, stored: Stored) -> str:
    """Why an equal hint does not join (empty: it does)."""
    if identity.names and _names(stored):
        return "both have an order name"
    copies = stored.state["copies"]
    return _too_far(kind, event, copies) or _disagree(identity.agree or {}, stored.state.get("agree", {}))


def _too_far(kind: Kind, event: Event, copies: Sequence[Any]) -> str:
    """Some copy must lie within the time, and (`across: clients`) none have come through this client already."""
    client = event.request.client
    if not kind.across_any and any(copy[1] == client for copy in copies):
        return f"a copy came through `{client}` already (`across: clients`)"
    apart = min((abs(event.timestamp - copy[0]) for copy in copies), default=0.0)
    if apart > kind.within:
        return f"they lie {_span(apart)} apart, more than {_span(kind.within)} (`within`)"
    return ""


def _disagree(ours: Mapping[str, str], theirs: Mapping[str, Sequence[str]]) -> str:
    """No value may differ from all that copies have told: an order that was edited has had several."""
    for name, value in ours.items():
        if name in theirs and value not in theirs[name]:
            return f"{name} is {value} here and {' or '.join(theirs[name][-3:])} there (`agree`)"
    return ""


def _span(seconds: float) -> str:
    """A time in the unit it is told in best."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
