"""Signature schemes: printed vectors, what is refused and why, replays."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.clients.webhook.schemes import Hmac, Scheme, Shared, StandardWebhooks, Stripe, Unsigned
from container.errors import BadSignature
from container.event import Request
from webhooks import client, example

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data" / "clients" / "signatures.json").read_text())
BODY = VECTORS["raw_body"].encode()
SECRET = VECTORS["secret"].encode()
AT = float(VECTORS["timestamp"])

SHOPIFY = Hmac(secrets=[SECRET], header=("X-Shopify-Hmac-Sha256",), encoding="base64")
WOOCOMMERCE = Hmac(secrets=[SECRET], header=("X-WC-Webhook-Signature",), encoding="base64")
STRIPE = Stripe(secrets=[SECRET])
CLICKFUNNELS = Hmac(
    secrets=[SECRET],
    header=("X-Webhook-ClickFunnels-Signature",),
    over=("{timestamp}", ".", "{body}"),
    timestamp=("X-Webhook-ClickFunnels-Timestamp",),
    tolerance=600,
)
PRINTED: dict[str, Scheme] = {
    "shopify": SHOPIFY, "woocommerce": WOOCOMMERCE, "stripe": STRIPE, "clickfunnels_2": CLICKFUNNELS,
}  # fmt: skip

# The vector that the reference libraries of standardwebhooks.com are tested with.
STANDARD = StandardWebhooks(secrets=[base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
STANDARD_AT = 1614265330.0
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD_HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def request(headers: dict[str, str], body: bytes = BODY, at: float = AT) -> Request:
    named = {name.lower(): value for name, value in headers.items()}
    return Request("POST", "/", headers=named, received=at, body=body)


def refused(scheme: Scheme, headers: dict[str, str], body: bytes = BODY, at: float = AT) -> str:
    with pytest.raises(BadSignature) as caught:
        scheme.check(request(headers, body, at))
    assert SECRET.decode() not in str(caught.value)
    return str(caught.value)


# --- the printed vectors


@pytest.mark.parametrize("name", PRINTED)
def test_the_printed_vector(name: str) -> None:
    scheme, headers = PRINTED[name], VECTORS[name]
    headers = {key: value for key, value in headers.items() if key != "checked_with"}
    scheme.check(request(headers))
    assert scheme.sign(BODY, AT) == headers
    assert scheme.carried(request(headers))
    assert not scheme.carried(request({}))


@pytest.mark.parametrize("name", PRINTED)
def test_another_body_another_secret_and_no_header(name: str) -> None:
    scheme, headers = PRINTED[name], VECTORS[name]
    assert "not made with this client's secret" in refused(scheme, headers, BODY + b" ")
    assert "is missing" in refused(scheme, {})
    other = type(scheme)(**{**vars(scheme), "secrets": [b"new"]})
    assert "not made with this client's secret" in refused(other, headers)
    type(scheme)(**{**vars(scheme), "secrets": [b"new", SECRET]}).check(request(headers))  # while it is renewed


@pytest.mark.parametrize("name", ["stripe", "clickfunnels_2"])
def test_a_replay_is_refused(name: str) -> None:
    scheme, headers = PRINTED[name], VECTORS[name]
    tolerance = {"stripe": 300, "clickfunnels_2": 600}[name]
    scheme.check(request(headers, at=AT + tolerance))
    scheme.check(request(headers, at=AT - tolerance))
    assert f"{tolerance} are allowed" in refused(scheme, headers, at=AT + tolerance + 1)
    assert f"{tolerance + 1} seconds away" in refused(scheme, headers, at=AT - tolerance - 1)


@pytest.mark.parametrize("name", ["shopify_orders_paid", "stripe_checkout_completed", "woocommerce_order_updated"])
def test_the_signatures_of_the_worked_examples(name: str) -> None:
    found = example(f"{name}.json")
    kind = name.partition("_")[0]
    raw = json.dumps(found["body"], separators=(",", ":")).encode()
    client(f"kind: {kind}\n").scheme.check(request(found["headers"], raw))


def test_the_vector_of_standard_webhooks() -> None:
    STANDARD.check(request(STANDARD_HEADERS, STANDARD_BODY, STANDARD_AT))
    listed = {**STANDARD_HEADERS, "webhook-signature": "v1,b2xk v1a,xyz " + STANDARD_HEADERS["webhook-signature"]}
    STANDARD.check(request(listed, STANDARD_BODY, STANDARD_AT))
    old_names = {name.replace("webhook-", "svix-"): value for name, value in STANDARD_HEADERS.items()}
    STANDARD.check(request(old_names, STANDARD_BODY, STANDARD_AT))
    for name in STANDARD_HEADERS:
        missing = {key: value for key, value in STANDARD_HEADERS.items() if key != name}
        assert f"{name} is missing" in refused(STANDARD, missing, STANDARD_BODY, STANDARD_AT)
    another = {**STANDARD_HEADERS, "webhook-id": "msg_other"}
    assert "not made with" in refused(STANDARD, another, STANDARD_BODY, STANDARD_AT)
    assert "300 are allowed" in refused(STANDARD, STANDARD_HEADERS, STANDARD_BODY, STANDARD_AT + 301)


# --- HMAC's parameters, against the standard library


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_algorithms_and_encodings(algorithm: str, encoding: str) -> None:
    made = hmac.new(SECRET, b"v0:1795428000:" + BODY, algorithm)
    written = made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()
    scheme = Hmac(
        secrets=[SECRET], header=("X-Signature", "X-Old"), algorithm=algorithm, encoding=encoding, prefix="v0=",
        over=("v0:", "{timestamp}", ":", "{body}"), timestamp=("X-Time",),
    )  # fmt: skip
    headers = {"X-Signature": f"v0={written}", "X-Time": "1795428000"}
    scheme.check(request(headers))
    scheme.check(request({"X-Old": f"v0={written}", "X-Time": "1795428000"}))
    assert scheme.sign(BODY, AT) == headers
    assert "X-Time is missing" in refused(scheme, {"X-Signature": f"v0={written}"})
    assert "not made" in refused(scheme, {**headers, "X-Time": "1795428001"})


def test_capitals_in_hex_are_the_same() -> None:
    written = hmac.new(SECRET, BODY, hashlib.sha256).hexdigest().upper()
    Hmac(secrets=[SECRET], header=("X-Signature",)).check(request({"X-Signature": written}))


@pytest.mark.parametrize("stated", ["yesterday", "0", "-1795428000", "1e400"])
def test_a_time_that_is_none(stated: str) -> None:
    headers = dict(CLICKFUNNELS.sign(BODY, AT))
    made = hmac.new(SECRET, f"{stated}.".encode() + BODY, hashlib.sha256).hexdigest()
    headers |= {"X-Webhook-ClickFunnels-Signature": made, "X-Webhook-ClickFunnels-Timestamp": stated}
    assert "holds no time" in refused(CLICKFUNNELS, headers)


@pytest.mark.parametrize("header", ["t=1795428000", "v1=abc", "abc", "t=,v1=", ",", "t=1795428000,v0=abc"])
def test_stripe_headers_that_are_none(header: str) -> None:
    assert refused(STRIPE, {"Stripe-Signature": header})


def test_one_right_signature_of_several_is_enough() -> None:
    right = VECTORS["stripe"]["Stripe-Signature"]
    STRIPE.check(request({"Stripe-Signature": right.replace("v1=", "v1=0000,v0=1111,v1=")}))


def test_without_a_secret_nothing_is_signed() -> None:
    empty = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert refused(Hmac(secrets=[], header=("X-Signature",)), {"X-Signature": empty})


# --- shared secrets


def test_bearer() -> None:
    scheme = Shared(secrets=[SECRET], scheme="bearer")
    scheme.check(request({"Authorization": f"Bearer {SECRET.decode()}"}))
    scheme.check(request(dict(scheme.sign(BODY, AT))))
    assert "Bearer …` is missing" in refused(scheme, {})
    for wrong in ("Bearer x", f"Basic {SECRET.decode()}", "Bearer", SECRET.decode()):
        assert "not the one of this client" in refused(scheme, {"Authorization": wrong})


def test_basic() -> None:
    scheme = Shared(secrets=[b"user:pass:word"], scheme="basic")
    scheme.check(request({"Authorization": "Basic dXNlcjpwYXNzOndvcmQ="}))
    scheme.check(request(dict(scheme.sign(BODY, AT))))
    for wrong in ("Basic dXNlcjpwYXNz", "Basic ***", "Basic /w==", "Bearer user:pass:word", "Basic"):
        assert "not the one of this client" in refused(scheme, {"Authorization": wrong})


def test_a_header_of_its_own() -> None:
    scheme = Shared(secrets=[SECRET], scheme="header", header=("X-Api-Key",), prefix="Token ")
    scheme.check(request({"X-Api-Key": f"Token {SECRET.decode()}"}))
    scheme.check(request(dict(scheme.sign(BODY, AT))))
    assert "X-Api-Key is missing" in refused(scheme, {})
    assert refused(scheme, {"X-Api-Key": "Token other"})


def test_unsigned() -> None:
    Unsigned().check(request({}))
    assert Unsigned().sign(BODY, AT) == {}
    assert not Unsigned().carried(request({}))


# --- anything

ALL: list[tuple[Scheme, list[str]]] = [
    (SHOPIFY, ["x-shopify-hmac-sha256"]),
    (STRIPE, ["stripe-signature"]),
    (CLICKFUNNELS, ["x-webhook-clickfunnels-signature", "x-webhook-clickfunnels-timestamp"]),
    (STANDARD, list(STANDARD_HEADERS)),
    (Shared(secrets=[SECRET], scheme="basic"), ["authorization"]),
    (Shared(secrets=[SECRET], scheme="bearer"), ["authorization"]),
]
VALUES = st.text(max_size=30) | st.sampled_from(["t=1,v1=é", "v1,\ud800", "Basic ÿ", "1795428000", "9" * 400, "٣"])


@pytest.mark.parametrize(("scheme", "names"), ALL)
@given(data=st.data(), body=st.binary(max_size=40))
def test_any_header_is_refused(scheme: Scheme, names: list[str], data: st.DataObject, body: bytes) -> None:
    headers = {name: data.draw(VALUES) for name in names}
    with pytest.raises(BadSignature) as caught:
        scheme.check(Request("POST", "/", headers=headers, received=AT, body=body))
    assert str(caught.value)
