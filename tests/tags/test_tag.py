"""What a tag sends, and when."""

from __future__ import annotations

from typing import Any

import pytest
from tagging import TAG, TEMPLATE, good
from writing import event_scope

from container.call import Envelope, Secret
from container.conversion import Conversion
from container.decision import Decision
from container.errors import Invalid
from container.event import Event, Request
from container.tags import Tag


def test_when_it_is_active() -> None:
    found = good(TAG + "active: {from: 2026-11-01T00:00+01:00, until: 2026-12-01T00:00:00Z}")
    assert (found.start, found.end) == (1793487600.0, 1796083200.0)
    assert [found.active(now) for now in (1793487599, 1793487600, 1796083199, 1796083200)] == [False, True, True, False]
    assert good().active(0)


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


def _decision(**conversion: Any) -> Decision:
    event = Event("01J", {"event_name": "purchase"}, Request(received=1795428000.0))
    return Decision(event, Conversion("c", "purchase", {}, **{"now": 1795428000.0, **conversion}))



def test_a_call_needs_the_vendors_consent_where_it_needs_any() -> None:
    meta = TEMPLATE.replace("https://e.org", "https://graph.facebook.com")
    assert calls(good(template=meta))[0].render().consent == ("ad_storage", "vendor_meta")
    assert calls(good(TAG + "consent: []", template=meta))[0].render().consent == ()


def test_half_a_character_in_an_id_or_a_name_is_told_as_a_question_mark() -> None:
    call = calls(good(), event_name="lead\ud800", event_id="E\ud800", transaction_id="T\ud800")[0].render()
    assert (call.event_name, call.event_id, call.transaction_id) == ("lead?", "E?", "T?")

