from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from calls import call

from container.call import Envelope, Secret
from container.replay.calls import shown

JOINED = Envelope(
    "POST",
    ("https://graph.facebook.com/v26.0/1/events?access_token=", Secret("TOKEN", "url")),
    (("content-type", ("application/json",)), ("x-key", ("a ", Secret("KEY")))),
    ('{"access_token":', Secret("TOKEN", "json"), ',"data":['),
    ("]}",),
)


def show(envelope: Envelope, item: bytes) -> dict[str, Any]:
    return shown(replace(call(), envelope=envelope.stored(), item=item))


def test_a_call_is_shown_whole_with_its_secrets_as_names() -> None:
    assert show(JOINED, b'{"event_name":"Purchase","value":149.90}') == {
        "tag": "meta_purchase",
        "destination": "",
        "target": "graph.facebook.com 1 Purchase",
        "method": "POST",
        "url": "https://graph.facebook.com/v26.0/1/events?access_token=secret:TOKEN",
        "headers": {"content-type": "application/json", "x-key": "a secret:KEY"},
        "body": {"access_token": "secret:TOKEN", "data": [{"event_name": "Purchase", "value": Decimal("149.90")}]},
    }


def test_what_merely_looks_like_a_secret_is_text() -> None:
    assert show(JOINED, b'{"a":"secret:TOKEN"}')["body"]["data"] == [{"a": "secret:TOKEN"}]


def test_a_body_that_is_no_json_is_text_and_none_is_none() -> None:
    envelope = Envelope("POST", ("https://x.example/",), (), ("a=1",))
    assert show(envelope, b"")["body"] == "a=1"
    assert show(Envelope("GET", ("https://x.example/",), ()), b"")["body"] is None
