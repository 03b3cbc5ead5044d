"""Signatures and tokens, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def same(left: str, right: str) -> bool:
    """Whether two texts are equal; the time it takes does not tell where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def hmac_sha256_base64(secret: str, body: bytes) -> str:
    """Shopify's and WooCommerce's signature of a raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def signed(secrets: Iterable[str], body: bytes, signature: str) -> bool:
    """Whether one of the secrets made this signature of the raw body; an empty secret signs nothing."""
    matches = [same(hmac_sha256_base64(secret, body), signature) for secret in secrets if secret]
    return any(matches)


def bearer(authorization: str) -> str:
    """The token of an `Authorization: Bearer …` header; empty where it is none."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
