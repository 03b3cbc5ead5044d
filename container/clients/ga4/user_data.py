"""The parameter `em`: customer data that gtag hashed in the page, as GTM's `user_data`.

`tv.1~em.<hash>~pn.<hash>~fn0.<hash>~ln0.<hash>~ct0.<city>~…`: pairs joined by `~`, key and value by the first `.`; a
hash is SHA-256 as base64url of 43 characters or as 64 hex digits; a digit numbers the address. Form as in Google's
tags; the keys `sa`, `ct` and `rg` as they are seen.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from container.clients.common import Notes

HASHED = {"em": "sha256_email_address", "pn": "sha256_phone_number"}
ADDRESS_HASHED = {"fn": "sha256_first_name", "ln": "sha256_last_name", "sa": "sha256_street"}
ADDRESS_PLAIN = {"ct": "city", "rg": "region", "pc": "postal_code", "co": "country"}
LONGEST = 20_000  # characters
LONGEST_PLAIN = 200

_KEY = re.compile(r"([a-z]{2})(\d{0,2})", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9_\-+/]{43}=?")


def user_data(em: str, notes: Notes) -> dict[str, Any]:
    """What it says; a value that is no hash where one must be is left out. Of one thing several become a list."""
    found: dict[str, list[str]] = {}
    addresses: dict[str, dict[str, str]] = {}
    for pair in em[:LONGEST].split("~"):
        key, dot, value = pair.partition(".")
        match = _KEY.fullmatch(key)
        if not dot or not value or match is None:
            continue
        name, number = match.groups()
        if name in HASHED or name in ADDRESS_HASHED:
            digest = _hex(value)
            if digest is None:
                notes.left_out(f"em.{key}", "not a SHA-256 hash")
            elif name in HASHED:
                found.setdefault(HASHED[name], []).append(digest)
            else:
                addresses.setdefault(number, {})[ADDRESS_HASHED[name]] = digest
        elif name in ADDRESS_PLAIN and len(value) <= LONGEST_PLAIN:
            addresses.setdefault(number, {})[ADDRESS_PLAIN[name]] = _plain(value)
    told: dict[str, Any] = {key: _one_or_all(values) for key, values in found.items()}
    if addresses:
        told["address"] = _one_or_all([addresses[number] for number in sorted(addresses)])
    return told


def merged(stated: Any, hashed: Mapping[str, Any]) -> dict[str, Any]:
    """What the page itself stated in `user_data`, and what only the hashes know."""
    if not isinstance(stated, dict):
        return dict(hashed)
    found = {**hashed, **stated}
    if isinstance(stated.get("address"), dict) and isinstance(hashed.get("address"), dict):
        found["address"] = {**hashed["address"], **stated["address"]}
    return found


def _plain(value: str) -> str:
    """Some senders encode it twice."""
    decoded = unquote(value) if "%" in value else value
    return value if "\ufffd" in decoded else decoded


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _hex(value: str) -> str | None:
    """The digest in hex digits."""
    if _HEX.fullmatch(value):
        return value.lower()
    if not _BASE64.fullmatch(value):
        return None
    try:
        return base64.urlsafe_b64decode(value.rstrip("=").replace("+", "-").replace("/", "_") + "=").hex()
    except binascii.Error:
        return None
