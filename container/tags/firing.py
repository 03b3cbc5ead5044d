"""Which tags an event fires, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol

from container.decision import Decision, TagDecision
from container.tags.tag import Tag


class Fired(Protocol):
    """The triggers over one event."""

    def first(self, ids: Collection[str], any_copy: bool = False) -> str | None: ...
    def explain(self, ids: Collection[str], any_copy: bool = False) -> list[dict[str, Any]]: ...


class Tags:
    """All tags of a container: live ones first, then by id."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self.all = tuple(sorted(tags, key=lambda tag: (tag.mode != "live", tag.id)))

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
        for tag in self.all:
            held = tag.id in conversion.held
            if (held or not conversion.waking) and fired.first(tag.triggers, held) is not None:
                verdict = _kept_back(tag, fired, held, conversion.now or decision.event.request.received)
                if verdict is None:
                    firing.append(tag)
                else:
                    decision.add(verdict)
            else:
                others.append(tag)
        decision.untriggered = lambda: [_untriggered(tag, fired, tag.id in conversion.held) for tag in others]
        return firing


def _kept_back(tag: Tag, fired: Fired, held: bool, now: float) -> TagDecision | None:
    at = str(tag.place)
    blocking = fired.first(tag.exceptions, held) if tag.exceptions else None
    if blocking is not None:
        checks = _explained(fired, (blocking,), held)
        return TagDecision(tag.id, "blocked", f"the exception `{blocking}` holds", checks=checks, at=at)
    if tag.mode == "paused":
        return TagDecision(tag.id, "paused", "the tag is paused (`mode: paused`)", at=at)
    if not tag.active(now):
        return TagDecision(tag.id, "paused", "it is not the time of `active:`", at=at)
    return None


def _untriggered(tag: Tag, fired: Fired, held: bool) -> TagDecision:
    checks = _explained(fired, tag.triggers, held)
    return TagDecision(tag.id, "not_triggered", "none of its triggers holds", checks=checks, at=str(tag.place))


def _explained(fired: Fired, ids: Collection[str], held: bool) -> Callable[[], list[dict[str, Any]]]:
    return lambda: fired.explain(ids, held)
