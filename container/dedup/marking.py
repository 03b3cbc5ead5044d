"""Orders that another system has already sent: they count as fired, though no copy of them came here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from container.conversion import Conversion, Firing
from container.dedup.entering import remember
from container.dedup.firing import EVERYWHERE, of_tag
from container.dedup.identity import Identity
from container.dedup.kinds import Kind
from container.dedup.recognition import recognise
from container.dedup.state import with_copy
from container.dedup.view import Seen
from container.event import Event
from container.ledger.interface import Stored, Writing


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An order as the other system knows it. Without tags and targets it counts as fired for all of them."""

    event: Event  # what is known of it: names, links, its time
    kind: Kind
    tags: Sequence[str] = ()
    targets: Sequence[str] = ()

    @property
    def marks(self) -> list[str]:
        """What it is marked for, as a firing's target."""
        return [*map(of_tag, self.tags), *self.targets] or [EVERYWHERE]


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of one of them. `fired`: targets for which it had fired here as well."""

    id: str  # of the conversion
    name: str  # the order's
    new: bool  # nothing was known of it here
    marked: Sequence[str]  # now
    before: Sequence[str]  # already
    fired: Sequence[str]


def mark(ledger: Writing, order: Elsewhere, identity: Identity) -> Marked | None:
    """Mark one order, inside a write transaction; None where nothing names it, so no copy would ever be recognised."""
    if not identity.names and not identity.links:
        return None
    event, now = order.event, order.event.request.received
    match = recognise(identity, order.kind, event, ledger)
    state = with_copy(match.stored, identity, order.kind, event, None, tells=False)
    firings = _firings(ledger, match.stored)
    wanted = [target for target in order.marks if not _counts(firings.get(target))]
    id = match.stored[0].id if match.stored else event.id
    if wanted:
        seen = Seen(identity, order.kind, match, state, Conversion(id, order.kind.id, event.data, now=now))
        number = remember(ledger, seen, now)
        for target in wanted:
            ledger.fire(number, Firing(target, _tag(target), "", event.id, "marked", now))
    marks = {target for target, one in firings.items() if one.state == "marked"}
    return Marked(
        id=id,
        name=state["key"],
        new=not match.stored,
        marked=wanted,
        before=[target for target in order.marks if target in marks],
        fired=[one.target for one in firings.values() if one.state in ("live", "shadow") and _means(order, one)],
    )


def _firings(ledger: Writing, stored: Sequence[Stored]) -> dict[str, Firing]:
    found: dict[str, Firing] = {}
    for one in reversed(stored):
        found.update(ledger.firings(one.number))
    return found


def _counts(firing: Firing | None) -> bool:
    return firing is not None and firing.state != "void"


def _means(order: Elsewhere, firing: Firing) -> bool:
    """Whether the order's marks are about what fired."""
    return not {EVERYWHERE, of_tag(firing.tag), firing.target}.isdisjoint(order.marks)


def _tag(target: str) -> str:
    return target.removeprefix(of_tag("")) if target.startswith(of_tag("")) else ""
