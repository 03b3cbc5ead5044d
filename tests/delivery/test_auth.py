from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from network import Network

from container.delivery.auth import Auth, Refused
from container.delivery.http import NoAnswer, NotSent

NOW = 1_800_000_000.0
REFRESH = {"scheme": "oauth_refresh", "client_id": "id", "client_secret": "s", "refresh_token": "r"}
PRIVATE = rsa.generate_private_key(65537, 2048)


class Tokens:
    """A token end point behind a mocked network."""

    def __init__(self) -> None:
        self.now = NOW
        self.forms: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(
            200, json={"access_token": f"token-{len(self.forms)}", "expires_in": 3600}
        )
        self.auth = Auth(Network(self._handle), lambda: self.now)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        self.urls.append(str(request.url))
        self.forms.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        return self.answer()

    async def header(self, values: dict[str, str]) -> str:
        found = await self.auth.headers(values, b"")
        assert [name for name, _ in found] == ["authorization"]
        return found[0][1]


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def account(**changes: str) -> dict[str, str]:
    key = {"client_email": "t@p.iam.gserviceaccount.com", "private_key": pem(PRIVATE), "private_key_id": "k1"}
    scopes = "https://www.googleapis.com/auth/datamanager https://www.googleapis.com/auth/adwords"
    return {"scheme": "google_service_account", "credentials": json.dumps({**key, **changes}), "scopes": scopes}


async def test_bearer_and_basic(tokens: Tokens) -> None:
    assert await tokens.header({"scheme": "bearer", "token": "T"}) == "Bearer T"
    assert await tokens.header({"scheme": "basic", "username": "me", "password": "pä"}) == "Basic bWU6cMOk"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, lambda key, body: hmac.new(key, body, hashlib.sha256).hexdigest()),
        ({"prefix": "sha256="}, lambda key, body: "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()),
        (
            {"encoding": "base64", "algorithm": "sha512"},
            lambda key, body: base64.b64encode(hmac.new(key, body, hashlib.sha512).digest()).decode(),
        ),
    ],
)
async def test_hmac_signs_the_body(
    tokens: Tokens, options: dict[str, str], expected: Callable[[bytes, bytes], str]
) -> None:
    values = {"scheme": "hmac", "secret": "key", "header": "x-signature", **options}
    assert await tokens.auth.headers(values, b'{"a":1}') == [("x-signature", expected(b"key", b'{"a":1}'))]


async def test_a_refresh_token_brings_an_access_token_once(tokens: Tokens) -> None:
    found = await asyncio.gather(*(tokens.header(REFRESH) for _ in range(20)))
    assert set(found) == {"Bearer token-1"}
    assert tokens.urls == ["https://oauth2.googleapis.com/token"]
    assert tokens.forms == [
        {"grant_type": "refresh_token", "client_id": "id", "client_secret": "s", "refresh_token": "r"}
    ]
    assert tokens.auth.tokens(REFRESH) == ["token-1"]


async def test_other_credentials_have_another_token(tokens: Tokens) -> None:
    await tokens.header(REFRESH)
    assert await tokens.header({**REFRESH, "refresh_token": "r2"}) == "Bearer token-2"


async def test_a_token_is_renewed_before_it_expires(tokens: Tokens) -> None:
    await tokens.header(REFRESH)
    tokens.now += 3600 - 301
    assert await tokens.header(REFRESH) == "Bearer token-1"
    tokens.now += 2
    assert await tokens.header(REFRESH) == "Bearer token-2"


async def test_a_short_lived_token_is_used_for_half_its_life(tokens: Tokens) -> None:
    tokens.answer = lambda: httpx.Response(200, json={"access_token": f"t{len(tokens.forms)}", "expires_in": 60})
    await tokens.header(REFRESH)
    tokens.now += 29
    assert await tokens.header(REFRESH) == "Bearer t1"
    tokens.now += 2
    assert await tokens.header(REFRESH) == "Bearer t2"


async def test_a_forgotten_token_is_fetched_again(tokens: Tokens) -> None:
    assert tokens.auth.forget(REFRESH) is False
    await tokens.header(REFRESH)
    assert tokens.auth.forget(REFRESH) is True
    assert await tokens.header(REFRESH) == "Bearer token-2"


async def test_a_service_account_signs_its_assertion(tokens: Tokens) -> None:
    assert await tokens.header(account()) == "Bearer token-1"
    form = tokens.forms[0]
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    signed, _, signature = form["assertion"].rpartition(".")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert claims == {
        "iss": "t@p.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/datamanager https://www.googleapis.com/auth/adwords",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": NOW,
        "exp": NOW + 3600,
    }
    PRIVATE.public_key().verify(
        base64.urlsafe_b64decode(signature + "=="), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


@pytest.mark.parametrize(
    "values",
    [
        account(private_key="no key"),
        account(private_key=pem(ec.generate_private_key(ec.SECP256R1()))),
        {"scheme": "google_service_account", "credentials": "{}", "scopes": "x"},
        {"scheme": "google_service_account", "credentials": "no json", "scopes": "x"},
        {"scheme": "google_service_account", "credentials": "[1]", "scopes": "x"},
    ],
)
async def test_a_broken_service_account_is_refused_without_showing_it(tokens: Tokens, values: dict[str, str]) -> None:
    with pytest.raises(Refused, match="not the JSON key file that Google hands out"):
        await tokens.header(values)


USER = {"type": "authorized_user", "client_id": "id", "client_secret": "s", "refresh_token": "r"}


async def test_google_credentials_are_a_users_or_a_service_accounts(tokens: Tokens) -> None:
    values = {"scheme": "google_credentials", "scopes": "x"}
    assert await tokens.header({**values, "credentials": json.dumps(USER)}) == "Bearer token-1"
    assert tokens.forms[0] == {
        "grant_type": "refresh_token", "client_id": "id", "client_secret": "s", "refresh_token": "r"
    }  # fmt: skip
    assert await tokens.header({**account(), "scheme": "google_credentials"}) == "Bearer token-2"
    assert "assertion" in tokens.forms[1]


async def test_an_authorized_user_without_refresh_token_is_refused(tokens: Tokens) -> None:
    told = json.dumps({**USER, "refresh_token": ""})
    with pytest.raises(Refused, match="no refresh_token"):
        await tokens.header({"scheme": "google_credentials", "scopes": "x", "credentials": told})


async def test_a_service_account_talks_to_google_only(tokens: Tokens) -> None:
    with pytest.raises(Refused, match=r"token_uri is at evil\.example"):
        await tokens.header(account(token_uri="https://evil.example/googleapis.com"))
    assert tokens.urls == []


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been revoked."}, Refused),
        (401, {"error": "invalid_client"}, Refused),
        (403, {}, Refused),
        (400, {"error": "temporarily_unavailable"}, NotSent),
        (500, {}, NotSent),
        (503, None, NotSent),
        (429, {"error": "rate_limited"}, NotSent),
        (200, {"no": "token"}, NotSent),
        (200, [1], NotSent),
    ],
)
async def test_no_token(tokens: Tokens, status: int, body: object, kind: type[Exception]) -> None:
    text = "<p>" if body is None else json.dumps(body)
    tokens.answer = lambda: httpx.Response(status, text=text)
    with pytest.raises(kind, match=f"no access token: {status}"):
        await tokens.header(REFRESH)


async def test_a_token_end_point_that_hangs_up_leaves_the_call_unsent(tokens: Tokens) -> None:
    def fail() -> httpx.Response:
        raise NoAnswer("late")

    tokens.answer = fail
    with pytest.raises(NotSent, match="no access token: late"):
        await tokens.header(REFRESH)


async def test_an_unknown_or_incomplete_scheme_is_refused(tokens: Tokens) -> None:
    with pytest.raises(Refused, match="'oauth' is not known; there are bearer, basic"):
        await tokens.header({"scheme": "oauth"})
    with pytest.raises(Refused, match="bearer has no value for token"):
        await tokens.header({"scheme": "bearer", "token": ""})
    with pytest.raises(Refused, match="not md5 in hex"):
        await tokens.auth.headers({"scheme": "hmac", "secret": "k", "header": "h", "algorithm": "md5"}, b"")
