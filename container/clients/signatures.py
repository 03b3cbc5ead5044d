"""Secrets and tokens, compared in constant time."""

from __future__ import annotations

import hmac


def same(left: str, right: str) -> bool:
    """Whether two texts are equal; the time it takes does not tell where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def bearer(authorization: str) -> str:
    """The token of an `Authorization: Bearer …` header; empty where it is none."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
