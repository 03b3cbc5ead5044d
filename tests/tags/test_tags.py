"""Tags: what `check` says about them, their calls, and which of them an event fires."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from writing import Workbench, event_scope

from container.call import Envelope, Secret
from container.conversion import Conversion
from container.decision import Decision
from container.errors import Invalid
from container.event import Event, Request
from container.problems import Place
from container.tags import Tag, Tags, Wait, prove_unused, written_triggers
from container.workspace.documents import Document

TEMPLATE = """
consent: [ad_storage]
params:
  required: [account]
  properties: {account: {type: string}, token: {type: string, format: secret}, text: {type: string}}
target: "{{ params.account }} {{ event.event_name }}"
request:
  url: https://e.org/{{ params.account }}
  headers: {Authorization: "Bearer {{ params.token }}"}
  json: {data: [{name: "{{ event.event_name }}", text: "{{ params.text }}"}]}
batch: {join: data, most: 10}
ambiguous_retry: "{{ event.event_id }}"
"""
TAG = """\
name: Own - Purchase
template: own
triggers: [purchase]
params: {account: "1", token: "{{ secret.TOKEN }}"}
"""


def tag(text: str = TAG, template: str = TEMPLATE, **options: Any) -> tuple[Tag | None, Workbench]:
    bench = Workbench()
    found = bench.template(template)
    assert bench.codes == []
    return bench.tag(text, {"own": found}, **options), bench


def good(text: str = TAG, template: str = TEMPLATE) -> Tag:
    found, bench = tag(text, template, triggers=["purchase"])
    assert found is not None and bench.codes == [], bench.codes
    return found


# --- what is written


def test_a_tag() -> None:
    found = good()
    assert (found.id, found.name, found.template_id) == ("tag", "Own - Purchase", "own")
    assert (found.triggers, found.exceptions, found.consent) == (("purchase",), (), ("ad_storage",))
    assert (found.fires_once, found.targets_many, found.wait, found.mode) == (True, False, None, "live")


def test_wait() -> None:
    assert good(TAG + "wait: {for: [browser, server], most: 2m}").wait == Wait(frozenset(("browser", "server")), 120.0)
    dropped = good(TAG + "wait: {for: [server], most: 30s, else: drop}").wait
    assert dropped == Wait(frozenset(("server",)), 30.0, "drop")


def test_consent_of_the_tag_replaces_that_of_the_template() -> None:
    assert good(TAG + "consent: [analytics_storage]").consent == ("analytics_storage",)
    assert good(TAG + "consent: []").consent == ()


def test_when_it_is_active() -> None:
    found = good(TAG + "active: {from: 2026-11-01T00:00+01:00, until: 2026-12-01T00:00:00Z}")
    assert (found.start, found.end) == (1793487600.0, 1796083200.0)
    assert [found.active(now) for now in (1793487599, 1793487600, 1796083199, 1796083200)] == [False, True, True, False]
    assert good().active(0)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("name: Own", "nmae: Own", "unknown-key", 1),
        ("template: own", "template: onw", "unknown-template", 2),
        ("[purchase]", "[purchse]", "unknown-trigger", 3),
        ("[purchase]", "[purchase]\nexceptions: [test]", "unknown-trigger", 4),
        ('account: "1"', 'acount: "1"', "unknown-parameter", 4),
        ('account: "1", ', "", "missing-parameter", 4),
        ("secret.TOKEN", "secret.TOKN", "missing-secret", 4),
        ('account: "1"', 'account: "{{ market }}"', "unknown-name", 4),
        ("name: Own - Purchase", "mode: off", "not-allowed", 1),
        ("name: Own - Purchase", "fires: twice", "not-allowed", 1),
        ("name: Own - Purchase", "consent: [ad_storag]", "unknown-consent", 1),
        ("name: Own - Purchase", "active: {from: 2026-11-01}", "bad-time", 1),
        ("name: Own - Purchase", "active: {from: soon}", "bad-time", 1),
        ("name: Own - Purchase", "wait: {for: [phone], most: 2m}", "not-allowed", 1),
        ("name: Own - Purchase", "wait: {for: [browser], most: 2}", "bad-duration", 1),
        ("name: Own - Purchase", "wait: {for: [browser]}", "missing-key", 1),
        ('account: "1"', 'account: "1", text: "{{ event.email }}"', "raw-personal-data", 4),
        ("name: Own - Purchase", "fires: every_event", "every-event", 1),
        ("name: Own - Purchase", "personal_data: raw", "personal-data-raw", 1),
        ("triggers: [purchase]", "trigers: [purchase]", "unknown-key", 3),
    ],
)
def test_mistakes(old: str, new: str, code: str, line: int) -> None:
    assert old in TAG
    _, bench = tag(TAG.replace(old, new, 1), triggers=["purchase"])
    assert (code, "tags/tag.yaml", line) in bench.places, bench.places


def test_hints() -> None:
    _, bench = tag(TAG.replace("[purchase]", "[purchse]"), triggers=["purchase"])
    (problem,) = bench.problems
    assert problem.message == "tag `tag` is fired by `purchse`, which no file defines"
    assert problem.hint == "did you mean `purchase`?"


def test_warnings_do_not_keep_the_container_from_starting() -> None:
    _, bench = tag(TAG + "fires: every_event\npersonal_data: raw", triggers=["purchase"])
    assert bench.problems.errors == []


def test_what_could_not_be_read_is_no_problem_of_the_tag() -> None:
    found, bench = tag(
        TAG.replace("template: own", "template: other"), triggers=[], may_exist=lambda kind, id: True
    )
    assert found is None and bench.codes == []


def test_the_built_in_trigger() -> None:
    _, bench = tag(TAG.replace("[purchase]", "[all_events]"), triggers=[])
    assert bench.codes == []


def test_triggers_written_in_the_tag() -> None:
    text = TAG.replace("[purchase]", "[purchase, {event: add_to_cart}]\nexceptions: [{client: ga4}]")
    found, bench = tag(text, triggers=["purchase"])
    assert found is not None and bench.codes == []
    assert (found.triggers, found.exceptions) == (("purchase", "tag.triggers[1]"), ("tag.exceptions[0]",))
    node = bench.node(text, "tags/tag.yaml")
    written = written_triggers({"tag": Document("tags", "tag", node, node.place)})
    assert list(written) == ["tag.triggers[1]", "tag.exceptions[0]"]


def test_a_template_that_no_tag_uses_is_proved_all_the_same() -> None:
    bench = Workbench()
    unused = bench.template(TEMPLATE.replace("event.event_name }}\", text", "event.email }}\", text"))
    prove_unused({"own": unused}, {}, bench.context)
    assert bench.codes == ["raw-personal-data"]


# --- calls


def calls(found: Tag, **event: Any) -> list[Any]:
    return list(found.calls(event_scope(**event)))


def test_a_call() -> None:
    (prepared,) = calls(good(), event_id="e1", transaction_id=1001)
    assert (prepared.tag, prepared.destination, prepared.target) == ("tag", "", "e.org 1 purchase")
    call = prepared.render()
    assert (call.template, call.target, call.account) == ("own", "e.org 1 purchase", "e.org 1")
    assert (call.event_name, call.event_id, call.transaction_id) == ("purchase", "e1", "1001")
    assert call.timestamp == 1795428000.0
    assert (call.consent, call.shadow, call.joinable, call.retry_ambiguous) == (("ad_storage",), False, True, True)
    envelope = Envelope.from_stored(call.envelope)
    assert call.item == b'{"name":"purchase"}' and envelope.before == ('{"data":[',) and envelope.after == ("]}",)
    assert envelope.headers[0] == ("Authorization", ("Bearer ", Secret("TOKEN")))


def test_a_call_tells_what_the_conversion_has_fixed() -> None:
    conversion = Conversion("c1", "purchase", {}, event_id="E", transaction_id="T", timestamp=1795420000.0)
    scope = event_scope(event_id="other", transaction_id="#T")
    scope.conversion = conversion
    (prepared,) = good().calls(scope)
    call = prepared.render()
    assert (call.event_id, call.transaction_id, call.timestamp) == ("E", "T", 1795420000.0)


def test_no_second_attempt_without_an_answer_unless_the_vendor_drops_it() -> None:
    assert not calls(good())[0].render().retry_ambiguous
    never = TEMPLATE.replace('ambiguous_retry: "{{ event.event_id }}"', "ambiguous_retry: false")
    assert not calls(good(template=never), event_id="e")[0].render().retry_ambiguous


def test_a_shadow_call() -> None:
    assert calls(good(TAG + "mode: shadow"))[0].render().shadow


def test_a_call_without_a_batch_is_not_joined() -> None:
    call = calls(good(template=TEMPLATE.replace("batch: {join: data, most: 10}\n", "")))[0].render()
    assert not call.joinable and call.item == b""


DESTINATIONS = TAG + """\
destinations:
  own: {}
  agency: {account: "2", token: "{{ secret.OTHER }}", when: [{value: "{{ event.market }}", equals: DE}]}
  absent: {account: "{{ event.account }}"}
"""


def test_destinations() -> None:
    found = good(DESTINATIONS)
    decision = _decision()
    prepared = list(found.calls(event_scope(market="DE"), decision))
    assert [(call.destination, call.target) for call in prepared] == [
        ("own", "e.org 1 purchase"),
        ("agency", "e.org 2 purchase"),
    ]
    envelope = Envelope.from_stored(prepared[1].render().envelope)
    assert envelope.url == ("https://e.org/2",) and Secret("OTHER") in envelope.headers[0][1]
    (invalid,) = decision.tags
    assert (invalid.decision, invalid.destination) == ("invalid", "absent")
    assert "`account` is required" in invalid.reason
    assert [call.destination for call in found.calls(event_scope(account="3"))] == ["own", "absent"]
    with pytest.raises(Invalid):
        list(found.calls(event_scope()))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  a: {acount: x}", "unknown-parameter"),
        ('  a: {when: [{value: "{{ event.x }}", equls: 1}]}', "unknown-operator"),
        ('  a: {text: "{{ event.email }}"}', "raw-personal-data"),
    ],
)
def test_mistakes_in_destinations(line: str, code: str) -> None:
    _, bench = tag(TAG + "destinations:\n" + line, triggers=["purchase"])
    assert [(found[0], found[2]) for found in bench.places] == [(code, 6)]


# --- which tags fire


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


def _decision(**conversion: Any) -> Decision:
    event = Event("01J", {"event_name": "purchase"}, Request(received=1795428000.0))
    return Decision(event, Conversion("c", "purchase", {}, **{"now": 1795428000.0, **conversion}))


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


def test_what_a_template_says_to_everybody_who_uses_it() -> None:
    found, bench = tag(template="notice: closed to\n  new accounts\n" + TEMPLATE.lstrip(), triggers=["purchase"])
    assert found is not None
    (problem,) = bench.problems
    assert (problem.severity, problem.code) == ("warning", "template-notice")
    assert problem.message == "tag `tag`: closed to new accounts"
