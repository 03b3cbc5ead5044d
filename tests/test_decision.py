from __future__ import annotations

from dataclasses import dataclass, replace

from calls import call
from copies import Shop

from container.call import Call
from container.conversion import Conversion
from container.decision import RECORD_MOST, Decision, TagDecision
from container.encoding import encode, load
from container.errors import Invalid


@dataclass(frozen=True)
class Prepared:
    rendered: Call | Invalid
    tag: str = "meta_purchase"
    destination: str = ""
    target: str = "graph.facebook.com 1 Purchase"

    def render(self) -> Call:
        if isinstance(self.rendered, Invalid):
            raise self.rendered
        return self.rendered


def made() -> Decision:
    event = Shop().browser(user_data={"email_address": "jane@example.com"}, value=10)
    conversion = Conversion("C1", "purchase", event.data, copy=2, matched_by="transaction_id", first_record="R0")
    return Decision(event, conversion, "shop", "3f9a")


def test_a_call_that_renders_fires_and_one_that_may_not_leave_is_invalid() -> None:
    decision = made()
    decision.fire(Prepared(call()))
    decision.fire(Prepared(Invalid("json.data[0].user_data.em", "is no SHA-256"), tag="broken"))
    decision.fire(Prepared(replace(call(), shadow=True), tag="old", target="other"))
    assert [(tag.tag, tag.decision) for tag in decision.tags] == [
        ("meta_purchase", "fired"),
        ("broken", "invalid"),
        ("old", "shadow"),
    ]
    assert decision.tags[1].reason == "json.data[0].user_data.em: is no SHA-256"
    assert decision.calls == [call()]
    assert decision.taken("graph.facebook.com 1 Purchase") and decision.taken("other")
    assert not decision.taken("third")


def test_what_names_the_conversion_is_masked_and_where_its_fields_came_from_is_not() -> None:
    decision = made()
    decision.conversion = replace(
        decision.conversion, event_id="jane@example.com", origins={"user_data": "server", "ip_override": "browser"}
    )
    told = decision.record()["conversion"]
    assert told["event_id"] == "j***@example.com"
    assert told["origins"] == {"user_data": "server", "ip_override": "browser"}


def test_a_huge_event_leaves_a_small_record() -> None:
    decision = made()
    items = [{"item_id": number} for number in range(9000)]
    decision.event = decision.event.with_data({"event_name": "purchase", "items": items})
    told = load(decision.kept())
    assert told["event"] == {"name": "purchase", "data": {}}
    assert "left out" in told["notes"][0]
    assert len(decision.kept()) < RECORD_MOST
    small = made()
    assert small.kept() == encode(small.record())


def test_the_record_tells_everything_and_masks_what_is_personal() -> None:
    decision = made()
    seen = {"check": "x", "passed": True, "saw": {"event.user_data.email_address": "jane@example.com"}, "at": "t:1"}
    decision.add(TagDecision("meta", "suppressed", "fired before", at="tags/meta.yaml:1", checks=lambda: [seen]))
    decision.untriggered = lambda: [TagDecision("lead", "not_triggered", "event is generate_lead").row()]
    decision.notes.append("from jane@example.com")
    record = decision.record()
    assert record["conversion"] == {
        "kind": "purchase",
        "id": "C1",
        "copy": 2,
        "matched_by": "transaction_id",
        "first": "R0",
    }
    assert record["event"]["data"]["user_data"] == {"email_address": "j***@example.com"}
    assert [row["decision"] for row in record["tags"]] == ["suppressed", "not_triggered"]
    assert record["tags"][0]["checks"][0]["saw"] == {"event.user_data.email_address": "j***@example.com"}
    assert record["received"] == "2026-11-23T10:00:00.000Z"
    assert record["notes"] == ["from j***@example.com"]
    assert (record["container"], record["config"]) == ("shop", "3f9a")
