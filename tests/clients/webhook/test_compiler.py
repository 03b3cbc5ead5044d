"""What `check` says of a webhook client that is written wrongly: each at its place."""

from __future__ import annotations

import pytest
from crm_webhook import HEAD

from webhooks import built, client, one, told

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
        (TOPIC + 'events: {a: {each: "{{ topic }}", as: 2nd, map: {}}}\n', "reserved-name", 6, 39),
        (HEAD + MAP + 'let: {body: "{{ body.x }}"}\n', "reserved-name", 6, 7),
        (HEAD + MAP + 'let: {now: "{{ body.x }}"}\n', "reserved-name", 6, 7),
        (HEAD + MAP + 'let: {a: "{{ b }}", b: "{{ body.x }}"}\n', "unknown-name", 6, 14),
        (HEAD + MAP + 'names: {transaction_id: {id: "{{ bdy.id }}"}}\n', "unknown-name", 6, 34),
        (HEAD + MAP + 'ids_from: ["{{ bdy }}"]\n', "unknown-name", 6, 16),
        (HEAD + MAP + 'delivery_id: "{{ request.header }}"\n', "unknown-name", 6, 26),
        (HEAD + MAP + 'unsigned: [{value: "{{ bdy }}", is: present}]\n', "unknown-name", 6, 24),
        (BASIC + MAP, "missing-key", 1, 1),
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
