"""Auth schemes: what a template's `auth:` puts on a request at the moment it leaves.

Each scheme's values are in `container/schemes.py`; they are text, possibly secret. Tokens that have to be fetched are
kept in memory until shortly before they expire.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from container.delivery.http import Answer, NoAnswer, NotSent, Sender, Wire
from container.encoding import encode, load
from container.schemes import GOOGLE_TOKENS, SCHEMES

TOKEN_TIMEOUT = 10.0  # seconds
TOKEN_MARGIN = 300.0  # seconds before its end in which a token is no longer used
ASSERTION_LIFE = 3600  # seconds


class Refused(Exception):
    """The credentials are refused, incomplete or unreadable: nothing more can be sent with them."""


@dataclass
class Auth:
    """Applies schemes and keeps the fetched tokens. Raises `Refused`, or `NotSent` where a token may come later."""

    http: Sender
    clock: Callable[[], float] = time.time
    _tokens: dict[bytes, tuple[str, float]] = field(default_factory=dict)  # digest of the values → token, until
    _locks: dict[bytes, asyncio.Lock] = field(default_factory=dict)

    async def headers(self, values: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
        """The headers of one request. `values` are the scheme's, by name, with `scheme` itself among them."""
        scheme, given = _complete(values)
        if scheme == "bearer":
            return [("authorization", f"Bearer {given['token']}")]
        if scheme == "basic":
            both = f"{given['username']}:{given['password']}".encode()
            return [("authorization", f"Basic {base64.b64encode(both).decode()}")]
        if scheme == "hmac":
            return [(given["header"], _signature(given, body))]
        return [("authorization", f"Bearer {await self._token(scheme, given)}")]

    def tokens(self, values: Mapping[str, str]) -> list[str]:
        """The fetched token of these values, if there is one: a secret like the values themselves."""
        known = self._tokens.get(_digest(values))
        return [known[0]] if known else []

    def forget(self, values: Mapping[str, str]) -> bool:
        """Drop the fetched token, so that the next request brings a new one. False where there is nothing to renew."""
        return self._tokens.pop(_digest(values), None) is not None

    async def _token(self, scheme: str, given: Mapping[str, str]) -> str:
        key = _digest(given)
        async with self._locks.setdefault(key, asyncio.Lock()):  # one asks, the others wait for its token
            known = self._tokens.get(key)
            if known is None or known[1] <= self.clock():
                known = await self._fetch(scheme, given)
                self._tokens[key] = known
            return known[0]

    async def _fetch(self, scheme: str, given: Mapping[str, str]) -> tuple[str, float]:
        now = self.clock()
        url, form = _TOKEN_REQUESTS[scheme](given, now)
        wire = Wire(
            "POST",
            url,
            [("content-type", "application/x-www-form-urlencoded")],
            urlencode(form).encode(),
            TOKEN_TIMEOUT,
        )
        try:
            answer = await self.http.send(wire)
        except NoAnswer as error:  # the vendor's request itself has not left
            raise NotSent(f"no access token: {error}") from error
        return _read_token(answer, now)


def _complete(values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    name = values.get("scheme", "")
    scheme = SCHEMES.get(name)
    if scheme is None:
        raise Refused(f"the auth scheme {name!r} is not known; there are {', '.join(SCHEMES)}")
    missing = [key for key in scheme.required if not values.get(key)]
    if missing:
        raise Refused(f"the auth scheme {name} has no value for {', '.join(missing)}")
    return name, {**scheme.optional, **values}


def _digest(values: Mapping[str, str]) -> bytes:
    _, given = _complete(values)
    return hashlib.sha256(encode(sorted(given.items()))).digest()


def _signature(given: Mapping[str, str], body: bytes) -> str:
    algorithm, encoding = given["algorithm"], given["encoding"]
    algorithms, encodings = SCHEMES["hmac"].choices.values()
    if algorithm not in algorithms or encoding not in encodings:
        raise Refused(f"hmac knows {', '.join(algorithms)} in {' or '.join(encodings)}, not {algorithm} in {encoding}")
    digest = hmac.new(given["secret"].encode(), body, algorithm).digest()
    return given["prefix"] + (digest.hex() if encoding == "hex" else base64.b64encode(digest).decode())


def _refresh(given: Mapping[str, str], now: float) -> tuple[str, dict[str, str]]:
    form = {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
    return given["token_url"], {"grant_type": "refresh_token", **form}


def _service_account(given: Mapping[str, str], now: float) -> tuple[str, dict[str, str]]:
    """The signed assertion (RS256) for a service account's key."""
    try:
        key = load(given["credentials"].encode())
        email, private, url = key["client_email"], key["private_key"], key.get("token_uri", GOOGLE_TOKENS)
        host = urlsplit(url).hostname or ""
        claims = {
            "iss": email,
            "scope": " ".join(given["scopes"].replace(",", " ").split()),
            "aud": url,
            "iat": int(now),
            "exp": int(now) + ASSERTION_LIFE,
        }
        signed = _jwt(claims, private, key.get("private_key_id"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused("the service account's credentials are not the JSON key file that Google hands out") from error
    if host != "googleapis.com" and not host.endswith(".googleapis.com"):
        raise Refused(f"the service account's token_uri is at {host}, not at googleapis.com")
    return url, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}


def _google(given: Mapping[str, str], now: float) -> tuple[str, dict[str, str]]:
    """By what the JSON says it is: `authorized_user` (as gcloud writes it) has a refresh token, all else is a key."""
    try:
        found = load(given["credentials"].encode())
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("type") != "authorized_user":
        return _service_account(given, now)
    told = {name: found.get(name) for name in ("client_id", "client_secret", "refresh_token")}
    missing = [name for name, value in told.items() if not isinstance(value, str) or not value]
    if missing:
        raise Refused(f"the authorized user's credentials have no {', '.join(missing)}")
    return GOOGLE_TOKENS, {"grant_type": "refresh_token", **{name: str(value) for name, value in told.items()}}


def _jwt(claims: Mapping[str, Any], private: str, key_id: str | None) -> str:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = serialization.load_pem_private_key(private.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    header = {"alg": "RS256", "typ": "JWT", **({"kid": key_id} if key_id else {})}
    signed = b".".join(_base64url(encode(part)) for part in (header, claims))
    return (signed + b"." + _base64url(key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


_TOKEN_REQUESTS: dict[str, Callable[[Mapping[str, str], float], tuple[str, dict[str, str]]]] = {
    "oauth_refresh": _refresh,
    "google_service_account": _service_account,
    "google_credentials": _google,
}


def _read_token(answer: Answer, now: float) -> tuple[str, float]:
    try:
        told = load(answer.text.encode())
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    if answer.status == 200 and isinstance(told.get("access_token"), str):
        life = told.get("expires_in", ASSERTION_LIFE)
        life = float(life) if isinstance(life, int | float) else float(ASSERTION_LIFE)
        return told["access_token"], now + max(life - TOKEN_MARGIN, life / 2)
    reason = f"no access token: {answer.status} {told.get('error', '')} {told.get('error_description', '')}".strip()
    if answer.status in (400, 401, 403) and told.get("error") != "temporarily_unavailable":
        raise Refused(reason)
    raise NotSent(reason)
