"""What may fire: a tag once for a conversion and target, a new one for a while, a waiting one when all is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from container.conversion import Conversion, Firing
from container.decision import Decision, TagDecision

EVERYWHERE = "*"  # the target of a mark that speaks for all of them


def of_tag(id: str) -> str:
    """The target of a mark that speaks for one tag; no vendor's begins like this, since theirs begin with a host."""
    return f"{EVERYWHERE} {id}"


class Wait(Protocol):
    """A tag's `wait:`; `most` in seconds, `otherwise` is send | drop."""

    @property
    def sources(self) -> frozenset[str]: ...
    @property
    def most(self) -> float: ...
    @property
    def otherwise(self) -> str: ...


class Fires(Protocol):
    """What of a tag decides whether it may fire."""

    @property
    def id(self) -> str: ...
    @property
    def fires_once(self) -> bool: ...
    @property
    def targets_many(self) -> bool: ...
    @property
    def wait(self) -> Wait | None: ...


def may_fire(tag: Fires, destination: str, target: str, conversion: Conversion, decision: Decision) -> bool:
    """Whether the tag may fire for the target now; where not, the decision says why."""
    verdict = _repeated(tag, destination, target, conversion, decision) or _waits(tag, conversion)
    if verdict is None:
        return True
    verdict.destination, verdict.target = destination, target
    decision.add(verdict)
    return False


def _repeated(
    tag: Fires, destination: str, target: str, conversion: Conversion, decision: Decision
) -> TagDecision | None:
    if not tag.fires_once:
        return None
    if decision.taken(target):
        return TagDecision(tag.id, "suppressed", "another tag fires for the same target with this event")
    sent = _marked(tag, target, conversion.firings)
    if sent is not None:
        on = datetime.fromtimestamp(sent.at, UTC).strftime("%Y-%m-%d %H:%M")
        return TagDecision(tag.id, "suppressed", f"marked on {on} UTC as sent by another system (`tagport mark`)")
    before = conversion.firings.get(target)
    if before is not None and before.state != "void":
        return TagDecision(tag.id, "suppressed", _already(before))
    if not tag.targets_many:
        other = _other_target(tag, destination, conversion.firings)
        if other is not None:
            return TagDecision(tag.id, "suppressed", f"{_already(other)}, for the target {other.target}")
    if before is None and _late(tag, conversion):
        hours = (conversion.late_after or 0) / 3600
        return TagDecision(tag.id, "late", f"the conversion is known for more than {hours:g} hours (`late:`)")
    return None


def _marked(tag: Fires, target: str, firings: Mapping[str, Firing]) -> Firing | None:
    """The mark that speaks for this tag and target."""
    for wanted in (target, of_tag(tag.id), EVERYWHERE):
        found = firings.get(wanted)
        if found is not None and found.state == "marked":
            return found
    return None


def _already(firing: Firing) -> str:
    how = "already fired" if firing.state == "live" else "already fired in shadow"
    return f"{how} for this conversion by {firing.record}"


def _other_target(tag: Fires, destination: str, firings: Mapping[str, Firing]) -> Firing | None:
    for firing in firings.values():
        if firing.tag == tag.id and firing.destination == destination and firing.state != "void":
            return firing
    return None


def _late(tag: Fires, conversion: Conversion) -> bool:
    if conversion.number is None or conversion.late_after is None or tag.id in conversion.held:
        return False
    known_tag = any(firing.tag == tag.id for firing in conversion.firings.values())
    return not known_tag and conversion.now - conversion.first > conversion.late_after


def _waits(tag: Fires, conversion: Conversion) -> TagDecision | None:
    wait = tag.wait
    if wait is None or not conversion.declared or wait.sources <= conversion.sources:
        return None
    missing = " and ".join(sorted(wait.sources - conversion.sources))
    if not conversion.waking:
        due = conversion.held.get(tag.id) or conversion.now + wait.most
        due = min(due, conversion.now + wait.most)  # a clock that jumped cannot make it wait longer
        return TagDecision(tag.id, "waiting", f"waits for the {missing} copy", due=due)
    if wait.otherwise == "drop":
        return TagDecision(tag.id, "suppressed", f"the wait ended without a {missing} copy (`else: drop`)")
    return None
