"""Which tags an event fires, and why the others do not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from tagging import TAG, good

from container.conversion import Conversion
from container.decision import Decision, TagDecision
from container.event import Event, Request
from container.problems import Place
from container.tags import Tag, Tags
from container.tags import firing as firing_module


def _decision(**conversion: Any) -> Decision:
    event = Event("01J", {"event_name": "purchase"}, Request(received=1795428000.0))
    return Decision(event, Conversion("c", "purchase", {}, **{"now": 1795428000.0, **conversion}))


class Triggers:
    """Triggers of which these hold."""

    def __init__(self, *holding: str) -> None:
        self.holding = holding
        self.asked: list[tuple[tuple[str, ...], bool]] = []

    def first(self, ids: Collection[str], any_copy: bool = False) -> str | None:
        self.asked.append((tuple(ids), any_copy))
        return next((id for id in ids if id in self.holding), None)

    def explain(self, ids: Collection[str], any_copy: bool = False) -> list[dict[str, Any]]:
        return [{"check": f"trigger {id}", "passed": id in self.holding, "saw": {}, "at": "x"} for id in ids]


def named(id: str, **changes: Any) -> Tag:
    return replace(good(), id=id, place=Place(f"tags/{id}.yaml"), **changes)


def test_live_tags_come_first_then_by_id() -> None:
    tags = Tags([named("b", mode="shadow"), named("c"), named("a"), named("z", triggers=("other",))])
    decision = _decision()
    assert [tag.id for tag in tags.fired_by(Triggers("purchase"), decision)] == ["a", "c", "b"]
    assert decision.tags == [] and decision.untriggered is not None
    (rest,) = decision.untriggered()
    assert (rest["tag"], rest["decision"], rest["at"]) == ("z", "not_triggered", "tags/z.yaml:1")
    assert [check["passed"] for check in rest["checks"]] == [False]


def test_a_tag_whose_triggers_name_other_events_is_not_asked_and_says_so() -> None:
    events = {"purchase": frozenset(("purchase",)), "lead": frozenset(("generate_lead", "form_submit"))}
    tags = Tags([named("a"), named("z", triggers=("lead",))], events)
    decision = _decision()
    assert [tag.id for tag in tags.fired_by(Triggers("purchase", "lead"), decision)] == ["a"]
    assert decision.untriggered is not None
    (rest,) = decision.untriggered()
    assert rest["reason"] == "the event is `purchase`; it fires for `form_submit` or `generate_lead`"


def test_blocked_and_paused_tags_say_why() -> None:
    tags = Tags(
        [
            named("a", exceptions=("test",)),
            named("b", mode="paused"),
            named("c", start=1795428001.0),
            named("d", exceptions=("never",), end=1795428001.0),
        ]
    )
    decision = _decision()
    assert [tag.id for tag in tags.fired_by(Triggers("purchase", "test"), decision)] == ["d"]
    assert [(one.tag, one.decision) for one in decision.tags] == [("a", "blocked"), ("c", "paused"), ("b", "paused")]
    assert "`test`" in decision.tags[0].reason and decision.tags[0].checks is not None


def test_retries_and_copies_that_only_lend_fire_nothing() -> None:
    for state in ({"repeat": "a retry"}, {"lends_only": True}):
        assert Tags([named("a")]).fired_by(Triggers("purchase"), _decision(**state)) == []


def test_when_a_wait_is_over_only_the_tags_that_waited_are_asked() -> None:
    tags = Tags([named("a"), named("b")])
    triggers = Triggers("purchase")
    waking = _decision(waking=True, held={"b": 1795428000.0})
    assert [tag.id for tag in tags.fired_by(triggers, waking)] == ["b"]
    assert triggers.asked == [(("purchase",), True)]


def test_a_tag_an_earlier_copy_triggered_is_asked_with_every_copys_client() -> None:
    triggers = Triggers("purchase")
    Tags([named("a"), named("b")]).fired_by(triggers, _decision(held={"b": None}))
    assert triggers.asked == [(("purchase",), False), (("purchase",), True)]



def test_a_tag_that_was_decided_is_explained_by_the_trigger_that_fired_it() -> None:
    decision = _decision()
    Tags([named("a", triggers=("other", "purchase"))]).fired_by(Triggers("purchase"), decision)
    told = TagDecision("a", "fired")
    assert decision.explain is not None
    decision.explain(told)
    assert told.at == "tags/a.yaml:1"
    assert told.checks is not None and [check["check"] for check in told.checks()] == ["trigger purchase"]


def test_names_of_events_are_remembered_only_so_many_and_none_that_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may send events of any name."""
    monkeypatch.setattr(firing_module, "NAMES", 3)
    tags = Tags([named("a")])
    for name in (*(f"event{n}" for n in range(10)), "x" * 101, "purchase"):
        decision = Decision(Event("01J", {"event_name": name}, Request()), Conversion("c", "event", {}))
        assert [tag.id for tag in tags.fired_by(Triggers("purchase"), decision)] == ["a"]
        assert len(tags._named) <= 3
        assert all(len(known) <= 100 for known in tags._named)


def test_what_waits_may_wait_so_long() -> None:
    waits = good(TAG + "wait: {for: [server], most: 2m}").wait
    assert Tags([named("a"), named("b", wait=waits)]).waits == {"b": 120.0}

