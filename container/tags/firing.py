"""Which tags an event fires, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from container.decision import Decision, TagDecision
from container.masking import masked_text
from container.tags.tag import Tag

NAMES = 500  # event names for which the tags that may fire are remembered
LONGEST_NAME = 100  # characters of one
Named = tuple[tuple[Tag, ...], tuple[Mapping[str, Any], ...]]


class Fired(Protocol):
    """The triggers over one event."""

    def first(self, ids: Collection[str], any_copy: bool = False) -> str | None: ...
    def explain(self, ids: Collection[str], any_copy: bool = False) -> list[dict[str, Any]]: ...


class Tags:
    """All tags of a container: live ones first, then by id.

    `events`: the event names that each trigger holds for, by its id; None, or no entry: any.
    """

    def __init__(self, tags: Sequence[Tag], events: Mapping[str, frozenset[str] | None] | None = None) -> None:
        self.all = tuple(sorted(tags, key=lambda tag: (tag.mode != "live", tag.id)))
        self._by_id = {tag.id: tag for tag in tags}
        self.waits = {tag.id: tag.wait.most for tag in tags if tag.wait is not None}  # seconds, at most
        self._events = events or {}
        self._named: dict[str, Named] = {}

    def __iter__(self) -> Iterator[Tag]:
        return iter(self.all)

    def fired_by(self, fired: Fired, decision: Decision) -> list[Tag]:
        """The tags this event fires; those that are blocked or paused are noted in the decision, with the reason.

        When a wait is over only the tags that waited are asked; for them a trigger's `client:` holds by any copy.
        """
        conversion = decision.conversion
        if conversion.repeat or conversion.lends_only:
            return []
        firing: list[Tag] = []
        others: list[Tag] = []
        asked, rows = self._for(decision.event.name)
        for tag in asked:
            held = tag.id in conversion.held
            if (held or not conversion.waking) and fired.first(tag.triggers, held) is not None:
                verdict = _kept_back(tag, fired, held, conversion.now or decision.event.request.received)
                if verdict is None:
                    firing.append(tag)
                else:
                    decision.add(verdict)
            else:
                others.append(tag)
        decision.untriggered = lambda: [
            *(_untriggered(tag, fired, tag.id in conversion.held).row() for tag in others), *rows
        ]  # fmt: skip
        decision.explain = lambda told: self._explain(told, fired, conversion.held)
        return firing

    def _for(self, name: str) -> Named:
        """The tags that may fire for events of this name, and the rows of a record that tell of the others."""
        found = self._named.get(name)
        if found is None:
            found = self._divide(name)
            if len(self._named) >= NAMES:
                self._named.clear()
            if len(name) <= LONGEST_NAME:
                self._named[name] = found
        return found

    def _divide(self, name: str) -> Named:
        asked = [tag for tag in self.all if any(self._may_hold(trigger, name) for trigger in tag.triggers)]
        rows = [_misnamed(tag, name, self._events) for tag in self.all if tag not in asked]
        return tuple(asked), tuple(rows)

    def _may_hold(self, trigger: str, name: str) -> bool:
        events = self._events.get(trigger)
        return events is None or name in events

    def _explain(self, told: TagDecision, fired: Fired, held: Collection[str]) -> None:
        """Give a decided tag its place and the checks of the trigger that fired it."""
        tag = self._by_id[told.tag]
        told.at = told.at or tag.at
        if told.checks is None:
            trigger = fired.first(tag.triggers, tag.id in held)
            told.checks = _explained(fired, (trigger,) if trigger else (), tag.id in held)


def _kept_back(tag: Tag, fired: Fired, held: bool, now: float) -> TagDecision | None:
    at = tag.at
    blocking = fired.first(tag.exceptions, held) if tag.exceptions else None
    if blocking is not None:
        checks = _explained(fired, (blocking,), held)
        return TagDecision(tag.id, "blocked", f"the exception `{blocking}` holds", checks=checks, at=at)
    if tag.mode == "paused":
        return TagDecision(tag.id, "paused", "the tag is paused (`mode: paused`)", at=at)
    if not tag.active(now):
        return TagDecision(tag.id, "paused", "it is not the time of `active:`", at=at)
    return None


def _misnamed(tag: Tag, name: str, events: Mapping[str, frozenset[str] | None]) -> Mapping[str, Any]:
    wanted = sorted({event for trigger in tag.triggers for event in events.get(trigger) or ()})
    reason = f"the event is `{masked_text(name)}`; it fires for {' or '.join(f'`{event}`' for event in wanted)}"
    return {"tag": tag.id, "decision": "not_triggered", "reason": reason, "at": tag.at, "checks": []}


def _untriggered(tag: Tag, fired: Fired, held: bool) -> TagDecision:
    checks = _explained(fired, tag.triggers, held)
    return TagDecision(tag.id, "not_triggered", "none of its triggers holds", checks=checks, at=tag.at)


def _explained(fired: Fired, ids: Collection[str], held: bool) -> Callable[[], list[dict[str, Any]]]:
    return lambda: fired.explain(ids, held)
