"""What `signature:` and `secret:` may say, and how a secret is written."""

from __future__ import annotations

import base64

import pytest

from container.clients.webhook.schemes import Hmac, StandardWebhooks
from container.clients.webhook.signature import SECRET_FORMS
from webhooks import SECRETS, built, client

MAP = "map: {event_name: x}\n"
BASIC = 'kind: webhook\npath: /hook\nsecret: "{{ secret.SECRET }}"\n'


@pytest.mark.parametrize(
    ("yaml", "code", "line", "column"),
    [
        (BASIC + MAP + "signature: {scheme: hmca}\n", "not-allowed", 5, 21),
        (BASIC + MAP + "signature: {scheme: hmac}\n", "missing-key", 5, 21),
        (BASIC + MAP + "signature: {scheme: hmac, header: X Y}\n", "bad-header", 5, 35),
        (BASIC + MAP + 'signature: {scheme: hmac, header: X, over: "{time}"}\n', "bad-signature", 5, 44),
        (BASIC + MAP + 'signature: {scheme: hmac, header: X, over: "{timestamp}.{body}"}\n', "bad-signature", 5, 44),
        (BASIC + MAP + 'signature: {scheme: hmac, header: X, over: "{timestamp}{body}", tolerance: 5m}\n',
         "bad-signature", 5, 44),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, timestamp: X-T}\n", "bad-signature", 5, 49),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, tolerance: 5m}\n", "not-allowed", 5, 38),
        (BASIC + MAP + "signature: {scheme: bearer, encoding: hex}\n", "not-allowed", 5, 29),
        (BASIC + MAP + "signature: {scheme: hmac, header: X, secret_is: hex}\n", "bad-signature", 3, 9),
        (BASIC + MAP + "signature: {scheme: stripe, tolerance: soon}\n", "bad-duration", 5, 40),
        (BASIC + MAP + "signature: {scheme: none}\n", "not-allowed", 3, 9),
        ("kind: webhook\npath: /hook\n" + MAP + "signature: {scheme: bearer}\n", "missing-key", 4, 21),
    ],
)  # fmt: skip
def test_problems_have_their_place(yaml: str, code: str, line: int, column: int) -> None:
    _, problems = built(yaml)
    assert [(found.code, found.line, found.column) for found in problems] == [(code, line, column)], problems


@pytest.mark.parametrize(
    ("form", "written"),
    [("text", "a&b"), ("base64", base64.b64encode(b"a&b").decode()), ("hex", b"a&b".hex()), ("html", "a&amp;b")],
)
def test_a_secret_may_be_written_in_any_form(form: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert form in SECRET_FORMS
    monkeypatch.setitem(SECRETS, "SECRET", written)
    found = client(BASIC + MAP + f"signature: {{scheme: hmac, header: X, secret_is: {form}}}\n").scheme
    assert isinstance(found, Hmac) and found.secrets == [b"a&b"]


def test_standard_webhooks_are_signed_with_the_bytes_behind_whsec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SECRETS, "SECRET", "whsec_" + base64.b64encode(b"bytes").decode())
    found = client(BASIC + MAP + "signature: {scheme: standard_webhooks}\n").scheme
    assert isinstance(found, StandardWebhooks) and found.secrets == [b"bytes"]


def test_what_is_signed_is_taken_apart_and_two_secrets_count_while_one_is_renewed() -> None:
    yaml = BASIC.replace('"{{ secret.SECRET }}"', '["{{ secret.SECRET }}", "{{ secret.OLD }}"]') + MAP
    signature = 'signature: {scheme: hmac, header: [X-A, X-B], over: "v0:{timestamp}:{body}", timestamp: X-T}\n'
    found = client(yaml + signature).scheme
    assert isinstance(found, Hmac)
    assert found.over == ("v0:", "{timestamp}", ":", "{body}")
    assert (found.header, found.secrets) == (("X-A", "X-B"), [b"s3cret", b"old"])
