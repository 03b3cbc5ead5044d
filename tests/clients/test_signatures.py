"""Signatures against the printed vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from container.clients.signatures import bearer, hmac_sha256_base64, same, signed

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "clients" / "signatures.json").read_text())
BODY = VECTORS["raw_body"].encode()
SIGNATURE = VECTORS["shopify"]["X-Shopify-Hmac-Sha256"]


def test_vector() -> None:
    assert hmac_sha256_base64(VECTORS["secret"], BODY) == SIGNATURE
    assert signed([VECTORS["secret"]], BODY, SIGNATURE)


def test_one_of_several_secrets_is_enough() -> None:
    assert signed(["new", VECTORS["secret"]], BODY, SIGNATURE)
    assert not signed(["new", "newer"], BODY, SIGNATURE)


@pytest.mark.parametrize("signature", ["", SIGNATURE[:-1], SIGNATURE.lower(), "é", "\ud800", SIGNATURE + "="])
def test_other_signatures(signature: str) -> None:
    assert not signed([VECTORS["secret"]], BODY, signature)


def test_other_body() -> None:
    assert not signed([VECTORS["secret"]], BODY + b" ", SIGNATURE)


def test_an_empty_secret_signs_nothing() -> None:
    assert not signed([""], b"x", hmac_sha256_base64("", b"x"))
    assert not signed([], b"x", "")


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("abc", ""), ("", ""), ("Bearer", "")],
)
def test_bearer(header: str, token: str) -> None:
    assert bearer(header) == token


def test_same() -> None:
    assert same("ä", "ä")
    assert not same("a", "b")
