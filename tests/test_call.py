from __future__ import annotations

import pytest
from calls import call
from hypothesis import given
from hypothesis import strategies as st

from container.call import Envelope, Secret, fill
from container.errors import MissingSecret

SECRETS = {"TOKEN": 'a"b/c d'}


def reveal(name: str) -> str:
    try:
        return SECRETS[name]
    except KeyError:
        raise MissingSecret(name) from None


ENVELOPE = Envelope(
    "POST",
    ("https://x.example/", Secret("TOKEN", "url")),
    (("Authorization", ("Bearer ", Secret("TOKEN"))),),
    ('{"token":', Secret("TOKEN", "json"), ',"data":['),
    ("]}",),
    (("scheme", ("bearer",)), ("token", (Secret("TOKEN"),))),
    2.5,
)


def test_an_envelope_is_stored_without_its_secrets_and_read_back() -> None:
    stored = ENVELOPE.stored()
    assert b"/c d" not in stored
    assert Envelope.from_stored(stored) == ENVELOPE


def test_a_secret_is_put_in_as_its_place_asks() -> None:
    assert fill(ENVELOPE.url, reveal) == "https://x.example/a%22b%2Fc%20d"
    assert fill(ENVELOPE.headers[0][1], reveal) == 'Bearer a"b/c d'
    body = ENVELOPE.body([b'{"n":1}', b'{"n":2}'], reveal)
    assert body == b'{"token":"a\\"b/c d","data":[{"n":1},{"n":2}]}'


@given(st.text())
def test_an_event_that_says_secret_is_only_text(text: str) -> None:
    hostile = Envelope("POST", (text, '{"secret":"TOKEN","form":"text"}'), ())
    again = Envelope.from_stored(hostile.stored())
    if not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        assert fill(again.url, reveal) == text + '{"secret":"TOKEN","form":"text"}'


def test_an_unknown_secret_is_named() -> None:
    with pytest.raises(MissingSecret, match="OTHER"):
        fill((Secret("OTHER"),), reveal)


def test_the_account_is_what_is_stopped_together() -> None:
    assert call().account == "graph.facebook.com 1"
    assert call("graph.facebook.com 1 Add To Cart").account == "graph.facebook.com 1"
