"""A copy and its decision into the store: what further copies are recognised by, what fired, what is decided again.

Everything here runs inside one write transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from container.conversion import Firing
from container.decision import Decision
from container.dedup.keys import Keys
from container.dedup.merging import lay_down
from container.dedup.state import fixed
from container.dedup.view import Seen
from container.event import Event
from container.ledger.interface import Expiring, Held, Row, Writing

EVENT_KEPT = 48 * 3600.0  # how long the id of an event of no declared conversion is remembered
RETRY_KEPT = 7 * 86400.0  # how long a sender's id of a delivery is
WAIT_KEPT = 3600.0  # how much longer than a tag's wait its copies are kept


def enters(seen: Seen, decision: Decision) -> bool:
    """Whether the store has to remember anything: declared conversions always, other events when a tag fires."""
    return not seen.conversion.repeat and (seen.kind is not None or bool(decision.fired))


def enter(ledger: Writing, keys: Keys, event: Event, seen: Seen, decision: Decision, rows: list[Row]) -> int | None:
    """The conversion, this copy of it, and what was decided; the calls it queued go onto `rows`."""
    if decision.fired and "fixed" not in seen.state:
        seen.state["fixed"] = fixed(seen.conversion)
    number = _remember(ledger, keys, event, seen, decision) if seen.asks or seen.kind else None
    fire(ledger, number, event, decision, rows)
    if number is not None and seen.kind is not None:
        _stop_refused(ledger, number, event, seen, decision)
        hold(ledger, number, event, decision)
    return number


def _remember(ledger: Writing, keys: Keys, event: Event, seen: Seen, decision: Decision) -> int:
    """The conversion and its copy."""
    copy_until = _copy_until(seen, decision)
    number = remember(ledger, seen, copy_until)
    if seen.kind is not None:
        ledger.add_copy(number, keys.seal(lay_down(event)), copy_until, first=not seen.match.stored)
    return number


def remember(ledger: Writing, seen: Seen, until: float) -> int:
    """The conversion, and all that further copies will be recognised by; it stays as long as any of that."""
    names, hints = _lasting(seen)
    expires = max([until, *(end for _, end in (*names, *hints))])
    number = _united(ledger, seen, expires) if seen.match.stored else _opened(ledger, seen, expires)
    ledger.name(number, names, hints)
    return number


def _lasting(seen: Seen) -> tuple[Sequence[Expiring], Sequence[Expiring]]:
    kind, identity, now = seen.kind, seen.identity, seen.conversion.now
    key, links = (kind.keep_key, kind.keep_links) if kind else (EVENT_KEPT, EVENT_KEPT)
    names = [(mark.hash, now + key) for mark in identity.names]
    names += [(mark.hash, now + links) for mark in identity.links]
    if identity.delivery:
        names.append((identity.delivery.hash, now + RETRY_KEPT))
    return names, [(mark.hash, now + kind.within) for mark in identity.hints] if kind else []


def _copy_until(seen: Seen, decision: Decision) -> float:
    """As long as it may be merged, and as long as a tag waits for more."""
    now = seen.conversion.now
    waits = [tag.due + WAIT_KEPT for tag in decision.tags if tag.due is not None]
    merged = now + max(seen.kind.late, seen.kind.within) if seen.kind else now
    return max([merged, *waits])


def _united(ledger: Writing, seen: Seen, expires: float) -> int:
    stored, *others = seen.match.stored
    for other in others:
        ledger.unite(stored.number, other.number)
    lasts = max([expires, *(one.expires for one in seen.match.stored)])
    ledger.save(replace(stored, state=seen.state, expires=lasts))
    return stored.number


def _opened(ledger: Writing, seen: Seen, expires: float) -> int:
    conversion = seen.conversion
    return ledger.open(conversion.id, conversion.kind, conversion.now, expires, seen.state)


def fire(ledger: Writing, number: int | None, event: Event, decision: Decision, rows: list[Row]) -> None:
    """Mark what fired, and queue its calls."""
    now = decision.conversion.now
    for tag in decision.fired:
        if number is not None:
            state = "live" if tag.decision == "fired" else "shadow"
            ledger.fire(number, Firing(tag.target, tag.tag, tag.destination, event.id, state, now))
        if tag.decision == "fired" and tag.call is not None:
            rows.append(ledger.queue(number, event.id, tag.call, now))


def hold(ledger: Writing, number: int, event: Event, decision: Decision) -> None:
    """Keep the tags that are to be decided again (for one of their destinations at least), let go of the others."""
    again = {tag.tag: tag for tag in decision.tags if tag.decision in ("waiting", "consent")}
    for tag in again.values():
        why = "wait" if tag.decision == "waiting" else "consent"
        ledger.hold(Held(number, tag.tag, why, event.id, tag.due))
    for id in {tag.tag for tag in decision.tags} & decision.conversion.held.keys() - again.keys():
        ledger.release(number, id)


def _stop_refused(ledger: Writing, number: int, event: Event, seen: Seen, decision: Decision) -> None:
    """A refusal stops what no vendor has taken yet; a later consent decides it again."""
    stated = decision.conversion.consent
    asked = stated if len(seen.match.stored) > 1 else event.consent
    refused = [name for name in asked if stated.get(name) is False]
    for row in ledger.cancel(number, refused) if refused else ():
        ledger.hold(Held(number, row.call.tag, "consent", row.record))
        reason = f"{row.call.tag} was queued and will not be sent: {', '.join(refused)} was refused"
        if reason not in decision.notes:
            decision.notes.append(reason)
