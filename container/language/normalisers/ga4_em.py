"""`ga4_em`: user data as the `em` parameter of Google's hits, everything that identifies somebody hashed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from container.language.normalisers.base import Case, plain
from container.language.normalisers.hashes import hashed
from container.language.values import as_text

_HASHED = (  # key of `em`, hash rule, names in an address
    ("fn0", "name", ("first_name", "sha256_first_name")),
    ("ln0", "name", ("last_name", "sha256_last_name")),
    ("sa0", "street", ("street", "sha256_street")),
)
_PLAIN = (
    ("ct0", "city", str.lower),
    ("rg0", "region", str.lower),
    ("pc0", "postal_code", str),
    ("co0", "country", str.upper),
)
_SEPARATORS = re.compile(r"[~]")


def ga4_em(user: Any) -> str | None:
    """`tv.1~em.<hash>~pn.<hash>~…`; hashes as base64url, those that came as 64 hex digits as they came."""
    if not isinstance(user, Mapping):
        return None
    pairs = [f"{key}.{value}" for key, value in _pairs(user)]
    return "~".join(("tv.1", *pairs)) if pairs else None


def _pairs(user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _hash("em", "email_gmail", user, ("email_address", "sha256_email_address"))
    yield from _hash("pn", "phone_e164", user, ("phone_number", "sha256_phone_number"))
    address = _first(user.get("address"))
    if not isinstance(address, Mapping):
        return
    for key, rule, names in _HASHED:
        yield from _hash(key, rule, address, names)
    for key, name, form in _PLAIN:
        text = _SEPARATORS.sub("", as_text(_first(address.get(name))) or "").strip()
        if text:
            yield key, form(text)


def _hash(key: str, rule: str, data: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        value = _first(data.get(name))
        found = hashed(rule, value) if value else None
        if found:
            given = isinstance(value, str) and value.strip().lower() == found
            yield key, found if given else base64.urlsafe_b64encode(bytes.fromhex(found)).rstrip(b"=").decode()
            return


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


NORMALISERS = (
    plain(
        "ga4_em",
        "user data as the parameter `em` of Google's hits: e-mail, phone, names and street hashed (base64url)",
        ga4_em,
        Case(
            "",
            {
                "email_address": "John.Smith@Gmail.com",
                "phone_number": "+1 (650) 555-1212",
                "address": {"country": "us", "postal_code": "94025"},
            },
            "tv.1~em.NYbekrs2NtCIWhLv-WFCmjLk69dkuW9Q2F0Bb5M41YY~pn.HiMcZgEeei2Gepz64memr_EDz0kTZAtucamYUPwP-8g"
            "~pc0.94025~co0.US",
        ),
        Case("", {"email_address": "no address"}, None),
        Case("", "mary@example.org", None),
    ),
)
