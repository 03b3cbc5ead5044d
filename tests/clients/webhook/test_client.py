"""The kind `webhook`: the route of a request, from its signature to its events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from crm_webhook import ANY, CRM, HEAD
from hypothesis import given
from hypothesis import strategies as st

from container.encoding import encode
from container.errors import BadSignature, Refused, Unreadable
from container.event import Name, Request
from webhooks import RECEIVED, client, one, told


def test_it_claims_its_path() -> None:
    assert CRM.claims("POST", "/hook")
    assert not CRM.claims("GET", "/hook")
    assert not CRM.claims("POST", "/hook/x")
    assert CRM.answer(Request(), []).status == 200


def test_an_event_with_all_that_is_mapped() -> None:
    body = {
        "type": "deal.won", "at": "2026-11-23T10:00:00Z", "deal": {"id": 5, "number": "D-5", "amount": "1200.50"},
        "contact": {"email": "a@x.de", "fields": {"gclid": "G1", "_fbp": "fb.1.1.2", "event_id": "e-1"}},
    }  # fmt: skip
    event = one(CRM, body, x_delivery="d1")
    assert event.data == {
        "event_name": "purchase", "transaction_id": "D-5", "value": Decimal("1200.50"), "currency": "EUR",
        "user_data": {"email_address": "a@x.de"}, "timestamp": 1795428000,
        "gclid": "G1", "fbp": "fb.1.1.2", "event_id": "e-1",
    }  # fmt: skip
    assert event.names == (Name("transaction_id", "crm_id", "5"), Name("transaction_id", "crm_number", "D-5"))
    assert (event.delivery_id, event.bot, event.consent, event.notes) == ("d1", False, {}, ())
    assert (event.request.client, event.request.client_name, event.request.source) == ("crm", "crm", "server")


def test_only_signed_webhooks_are_read() -> None:
    with pytest.raises(BadSignature):
        CRM.events(Request("POST", "/hook", body=b"[" * 100_000))
    with pytest.raises(BadSignature):
        CRM.events(Request("POST", "/hook", headers={"x-signature": "0" * 64}, body=b"{}"))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"type": NaN}', b'{"n": 1e999}'])
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        told(CRM, body)


def test_a_form() -> None:
    event = one(CRM, b"type=contact.created&contact[email]=a%40x.de", content_type="application/x-www-form-urlencoded")
    assert event.data["user_data"] == {"email_address": "a@x.de"}


def test_json_that_is_called_a_form_is_json() -> None:
    """As curl sends it unless told otherwise; no form's first field begins with a bracket."""
    body = b' {"type": "contact.created", "contact": {"email": "a@x.de"}}'
    event = one(CRM, body, content_type="application/x-www-form-urlencoded")
    assert event.data["user_data"] == {"email_address": "a@x.de"}


def test_a_request_without_its_topic_is_refused() -> None:
    with pytest.raises(Unreadable, match="no topic: `body.type` gives nothing"):
        told(CRM, {})
    with pytest.raises(Unreadable, match="no event name"):
        told(CRM, {"type": "!!"})


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"x"', b"[{}]"])
def test_a_body_is_an_object(body: bytes) -> None:
    with pytest.raises(Unreadable, match="not a JSON object"):
        told(CRM, body)


def test_a_body_that_is_a_list() -> None:
    listed = client(HEAD + 'each: "{{ body }}"\nmap: {event_name: lead, event_id: "{{ item.id }}"}\n')
    assert [event.data["event_id"] for event in told(listed, [{"id": 1}, {"id": 2}])] == ["1", "2"]
    assert told(listed, []) == []
    with pytest.raises(Unreadable, match="not a JSON object"):
        told(listed, b"5")


def test_a_list_of_messages() -> None:
    batch = client(
        HEAD
        + """
each: "{{ body.events }}"
as: message
topic: "{{ message.kind }}"
delivery_id: "{{ body.id }}"
events: {sale: {map: {event_name: purchase, transaction_id: "{{ message.order }}"}}, "*": ignore}
"""
    )
    body = {"id": "b1", "events": [{"kind": "sale", "order": 1}, {"kind": "open"}, {"kind": "sale", "order": 2}]}
    events = told(batch, body)
    assert [(event.data["transaction_id"], event.delivery_id) for event in events] == [("1", "b1:0"), ("2", "b1:2")]


def test_without_topics_every_webhook_is_one_event() -> None:
    plain = client(HEAD + 'map: {event_name: generate_lead, event_id: "{{ body.id }}"}\n')
    assert one(plain, {"id": 7}).data == {"event_name": "generate_lead", "event_id": "7", "timestamp": 1795428010}


def test_a_ping_without_a_signature() -> None:
    pinged = client(HEAD + 'map: {event_name: x}\nunsigned: [{value: "{{ body.ping }}", is: present}]\n')
    assert pinged.events(Request("POST", "/hook", body=b'{"ping": 1}')) == []
    with pytest.raises(BadSignature):
        pinged.events(Request("POST", "/hook", body=b'{"order": 1}'))
    with pytest.raises(BadSignature):
        pinged.events(Request("POST", "/hook", headers={"x-signature": "wrong"}, body=b'{"ping": 1}'))
    assert one(pinged, {"ping": 1}).name == "x"


def test_consent_that_the_body_states() -> None:
    state = {"ad_storage": True, "ad_user_data": "denied"}
    assert one(ANY, {"data": {"consent_state": state}}).consent == {"ad_storage": True, "ad_user_data": False}
    with pytest.raises(Unreadable, match="consent_state"):
        told(ANY, {"data": {"consent_state": {"ad_storage": "perhaps"}}})


def test_a_page() -> None:
    data = one(ANY, {"data": {"page_location": "https://Shop.de/thanks?gclid=G1"}}).data
    assert (data["page_hostname"], data["page_path"], data["gclid"]) == ("shop.de", "/thanks", "G1")


def test_the_senders_own_address_is_never_taken() -> None:
    assert "ip_override" not in one(ANY, {"data": {}}).data


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["event_name", "transaction_id", "value", "items", "user_data", "timestamp", "ip_override", "page_location", "x"]


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_values_are_events_or_refused(data: dict[str, Any]) -> None:
    try:
        (event,) = told(ANY, {"data": data})
    except Refused as refused:
        assert str(refused)
    else:
        assert event.name and encode(dict(event.data)) and event.timestamp


@given(st.binary(max_size=60))
def test_any_body_is_events_or_refused(body: bytes) -> None:
    try:
        told(CRM, body)
    except Refused as refused:
        assert str(refused)


def test_the_time_of_arrival_where_none_is_stated() -> None:
    assert one(CRM, {"type": "contact.created"}).data["timestamp"] == RECEIVED
