"""The kind `webhook`: what a mapping makes of a body, and what `check` says of one that is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.checks import DEEPEST
from container.clients.webhook.data import LONGEST_ID, MOST_ITEMS
from container.encoding import encode
from container.errors import BadSignature, Refused, TooLarge, Unreadable
from container.event import Name, Request
from webhooks import RECEIVED, built, client, one, told

HEAD = 'kind: webhook\npath: /hook\nsecret: "{{ secret.SECRET }}"\nsignature: {scheme: hmac, header: X-Signature}\n'
CRM = client(
    HEAD
    + """
delivery_id: "{{ request.headers['X-Delivery'] }}"
topic: "{{ body.type }}"
let:
  deal: "{{ body.deal }}"
  number: "{{ deal.number ?? deal.id }}"
map:
  user_data: {email_address: "{{ body.contact.email }}"}
  timestamp: "{{ body.at }}"
  currency: EUR
names:
  transaction_id: {crm_id: "{{ deal.id }}", crm_number: "{{ deal.number }}"}
ids_from: ["{{ body.contact.fields }}"]
events:
  contact.created: generate_lead
  contact.deleted: ignore
  deal.won:
    when: [{value: "{{ deal.amount }}", greater_than: 0}]
    map: {event_name: purchase, transaction_id: "{{ number }}", value: "{{ deal.amount }}"}
    needs: [transaction_id]
  deal.*: {map: {event_name: "deal_{{ topic | split('.') | last }}", currency: null}}
  deal.lost.*: {map: {event_name: lost}}
  cart:
    let: {lines: "{{ body.lines }}"}
    each: "{{ lines }}"
    as: line
    when: [{value: "{{ line.id }}", is: present}]
    map:
      event_name: add_to_cart
      item_id: "{{ line.id }}"
      value: "{{ line.price }}"
      place: "{{ index }}"
      user_data: null
  funnel:
    - map: {event_name: purchase, transaction_id: "{{ body.id }}"}
    - each: "{{ body.bumps }}"
      map: {event_name: upsell, transaction_id: "{{ body.id }}-{{ item }}"}
    - when: [{value: "{{ body.never }}", is: present}]
      map: {event_name: never}
""",
    "crm",
)


def names(body: Any) -> list[str]:
    return [event.name for event in told(CRM, body)]


# --- the route of a request


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


# --- topics


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("contact.created", ["generate_lead"]),
        ("contact.deleted", []),
        ("deal.opened", ["deal_opened"]),
        ("deal.lost.price", ["lost"]),
        ("Invoice/Sent!", ["crm_invoice_sent"]),
    ],
)
def test_topics(topic: str, expected: list[str]) -> None:
    assert names({"type": topic}) == expected


def test_a_rule_whose_conditions_do_not_hold_tells_nothing() -> None:
    assert names({"type": "deal.won", "deal": {"id": 1, "amount": 0}}) == []


def test_a_request_without_its_topic_is_refused() -> None:
    with pytest.raises(Unreadable, match="no topic: `body.type` gives nothing"):
        told(CRM, {})
    with pytest.raises(Unreadable, match="no event name"):
        told(CRM, {"type": "!!"})


def test_what_a_rule_needs() -> None:
    with pytest.raises(Unreadable, match="purchase has no id or value that it needs: `transaction_id`"):
        told(CRM, {"type": "deal.won", "deal": {"amount": 5}})


def test_what_a_rule_says_comes_over_what_the_client_says() -> None:
    assert "currency" not in one(CRM, {"type": "deal.opened"}).data
    assert one(CRM, {"type": "contact.created"}).data["currency"] == "EUR"


def test_one_event_for_each_element() -> None:
    lines = [{"id": "A", "price": 1}, {"price": 2}, {"id": "B", "price": "3.50"}]
    fields = {"event_id": "e-1", "gclid": "G1"}
    body = {"type": "cart", "lines": lines, "contact": {"email": "a@x.de", "fields": fields}}
    events = told(CRM, body, x_delivery="d1")
    assert [(event.data["item_id"], event.data["value"], event.data["place"]) for event in events] == [
        ("A", 1, 0), ("B", Decimal("3.50"), 2),
    ]  # fmt: skip
    assert [event.delivery_id for event in events] == ["d1:0", "d1:2"]
    assert all("user_data" not in event.data and event.data["gclid"] == "G1" for event in events)
    assert all("event_id" not in event.data for event in events), "it names one of them at most"
    assert told(CRM, {"type": "cart"}) == []
    assert len(told(CRM, {"type": "cart", "lines": {"id": "A"}})) == 1, "one value counts as a list of one"


def test_several_rules_for_one_topic() -> None:
    events = told(CRM, {"type": "funnel", "id": "F", "bumps": ["x", "y"]}, x_delivery="d1")
    assert [(event.name, event.data["transaction_id"], event.delivery_id) for event in events] == [
        ("purchase", "F", "d1:0"), ("upsell", "F-x", "d1:1:0"), ("upsell", "F-y", "d1:1:1"),
    ]  # fmt: skip


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


# --- values

ANY = client(HEAD + 'let: {data: "{{ body.data }}"}\nmap: {event_name: x, $override: "{{ data }}"}\n')


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("transaction_id", 820982911946154508, "820982911946154508"),
        ("transaction_id", 1.5, None),
        ("transaction_id", True, None),
        ("transaction_id", ["1"], None),
        ("transaction_id", "x" * (LONGEST_ID + 1), None),
        ("value", "12.50", Decimal("12.50")),
        ("value", 0, 0),
        ("value", "12,50", None),
        ("value", "free", None),
        ("value", "١٢", None),
        ("value", {"amount": 1}, None),
        ("currency", {"code": "EUR"}, None),
        ("page_title", 5, "5"),
        ("items", [{"item_id": 7, "price": "1.5", "quantity": "x"}, "y"], [{"item_id": "7", "price": Decimal("1.5")}]),
        ("items", {"item_id": "A"}, [{"item_id": "A"}]),
        ("user_data", {"email_address": ["a@x.de", 5], "address": {"city": "Ulm", "zip": []}},
         {"email_address": ["a@x.de", "5"], "address": {"city": "Ulm"}}),
        ("user_data", {"email_address": {"x": 1}}, None),
        ("user_data", "a@x.de", None),
        ("ip_override", "203.0.113.7", "203.0.113.7"),
        ("ip_override", "localhost", None),
        ("own", {"a": [1]}, {"a": [1]}),
        ("own", 10**400, None),
        ("timestamp", "2026-11-23T11:00:00+01:00", 1795428000),
        ("timestamp", "soon", Decimal("1795428010")),
    ],
)  # fmt: skip
def test_values(key: str, value: Any, expected: Any) -> None:
    event = one(ANY, {"data": {key: value}})
    assert event.data.get(key) == expected
    if expected != value and not isinstance(expected, str | list | dict | Decimal | int):
        assert event.notes, "what is left out is said"


def test_too_deep_and_too_many() -> None:
    deep: Any = 1
    for _ in range(DEEPEST + 1):
        deep = [deep]
    event = one(ANY, {"data": {"own": deep}})
    assert "own" not in event.data
    assert event.notes == (f"`own` left out: nested deeper than {DEEPEST} levels",)
    with pytest.raises(TooLarge, match=str(MOST_ITEMS)):
        told(ANY, {"data": {"items": [{"item_id": "A"}] * (MOST_ITEMS + 1)}})
    with pytest.raises(TooLarge, match=str(MOST_ITEMS)):
        told(CRM, {"type": "cart", "lines": [{"id": 1}] * (MOST_ITEMS + 1)})


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


# --- what check says

MAP = "map: {event_name: x}\n"
TOPIC = HEAD + 'topic: "{{ body.t }}"\n'
BASIC = 'kind: webhook\npath: /hook\nsecret: "{{ secret.SECRET }}"\n'


@pytest.mark.parametrize(
    ("yaml", "code", "line", "column"),
    [
        (HEAD, "missing-key", 1, 7),
        (HEAD + 'map: {event_name: "{{ bdy.type }}"}\n', "unknown-name", 5, 23),
        (HEAD + 'map: {event_name: "{{ topic }}"}\n', "unknown-name", 5, 23),
        (HEAD + 'map: {event_name: "{{ event.x }}"}\n', "unknown-name", 5, 23),
        (HEAD + 'map: {event_name: "{{ secret.SECRET }}"}\n', "unknown-name", 5, 23),
        (HEAD + 'map:\n  value: "{{ body.total | nmber }}"\n', "unknown-normaliser", 6, 27),
        (HEAD + 'map:\n  value: "{{ body.total + 1 }}"\n', "bad-expression", 6, 25),
        (HEAD + "map:\n  items: {$eech: x}\n", "unknown-directive", 6, 11),
        (HEAD + MAP + "evnts: {}\n", "unknown-key", 6, 1),
        (HEAD + MAP + "events: {a: x}\n", "missing-key", 6, 10),
        (TOPIC + 'events: {a: {mapp: {}}}\n', "unknown-key", 6, 14),
        (TOPIC + 'events: {a: {map: {value: "{{ x }}"}}}\n', "unknown-name", 6, 31),
        (TOPIC + 'events: {a: {when: [{value: "{{ topic }}", equal: 1}]}}\n', "unknown-operator", 6, 44),
        (TOPIC + 'events: {"a*b": x}\n', "bad-topic", 6, 10),
        (TOPIC + 'events: {a: {as: line, map: {}}}\n', "missing-key", 6, 18),
        (TOPIC + 'events: {a: {each: "{{ topic }}", as: now, map: {}}}\n', "reserved-name", 6, 39),
        (HEAD + MAP + 'let: {body: "{{ body.x }}"}\n', "reserved-name", 6, 7),
        (HEAD + MAP + 'let: {a: "{{ b }}", b: "{{ body.x }}"}\n', "unknown-name", 6, 14),
        (HEAD + MAP + 'names: {transaction_id: {id: "{{ bdy.id }}"}}\n', "unknown-name", 6, 34),
        (HEAD + MAP + 'ids_from: ["{{ bdy }}"]\n', "unknown-name", 6, 16),
        (HEAD + MAP + 'delivery_id: "{{ request.header }}"\n', "unknown-name", 6, 26),
        (HEAD + MAP + 'unsigned: [{value: "{{ bdy }}", is: present}]\n', "unknown-name", 6, 24),
        (BASIC + MAP, "missing-key", 1, 1),
        (BASIC + MAP + "signature: {scheme: hmca}\n", "not-allowed", 5, 21),
        (BASIC + MAP + "signature: {scheme: hmac}\n", "missing-key", 5, 21),
        (BASIC + MAP + "signature: {scheme: hmac, header: X Y}\n", "bad-header", 5, 35),
        (BASIC + MAP + 'signature: {scheme: hmac, header: X, over: "{time}"}\n', "bad-signature", 5, 44),
        (BASIC + MAP + 'signature: {scheme: hmac, header: X, over: "{timestamp}.{body}"}\n', "bad-signature", 5, 44),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, timestamp: X-T}\n", "bad-signature", 5, 49),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, tolerance: 5m}\n", "not-allowed", 5, 38),
        (BASIC + MAP + "signature: {scheme: bearer, encoding: hex}\n", "not-allowed", 5, 29),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, secret_is: hex}\n", "bad-signature", 3, 9),
        (BASIC + MAP + "signature: {scheme: stripe, tolerance: soon}\n", "bad-duration", 5, 40),
        (BASIC + MAP + "signature: {scheme: none}\n", "not-allowed", 3, 9),
        ("kind: webhook\npath: /hook\n" + MAP + "signature: {scheme: bearer}\n", "missing-key", 4, 21),
        ("kind: stripe\nmap: {value: \"{{ objct.total }}\"}\n", "unknown-name", 2, 18),
        ("kind: stripe\nsecret: \"{{ secret.NOWHERE }}\"\n", "missing-secret", 2, 20),
    ],
)
def test_problems_have_their_place(yaml: str, code: str, line: int, column: int) -> None:
    _, problems = built(yaml)
    assert [(found.code, found.line, found.column) for found in problems] == [(code, line, column)], problems
    assert problems[0].file == "clients/it.yaml"


def test_what_a_kinds_file_needs_is_told_where_it_stands() -> None:
    _, problems = built('kind: stripe\nevents:\n  a: {map: {value: "{{ sesion.id }}"}}\n')
    assert [(found.code, found.file, found.line) for found in problems] == [("unknown-name", "clients/it.yaml", 3)]


def test_a_kind_with_a_file_takes_the_clients_own_keys_over_it() -> None:
    own = client("kind: stripe\npath: /own\nname: Pay\nsignature: {tolerance: 1h}\nevents: {invoice.paid: ignore}\n")
    assert (own.path, own.name, own.scheme.tolerance) == ("/own", "Pay", 3600.0)  # type: ignore[attr-defined]
    body = {"id": "evt_1", "type": "invoice.paid", "data": {"object": {"object": "invoice", "id": "in_1"}}}
    assert told(own, body) == []
    assert one(client("kind: stripe\n"), body).name == "purchase"


# --- anything

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
