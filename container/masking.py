"""Personal data made unreadable for records, logs and pages: enough is left to recognise one's own test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from container.call import Secret

EMAIL = re.compile(r"([A-Za-z0-9._%+\-]{1,64})(@|%40)([A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+)")
PERSONAL = frozenset(
    (
        "user_data",
        "email",
        "email_address",
        "phone",
        "phone_number",
        "first_name",
        "last_name",
        "street",
        "address",
        "postal_code",
        "name",
        "ip_override",
        "customer",
        "billing_address",
        "shipping_address",
    )
)


def masked(value: Any, personal: bool = False) -> Any:
    """`value` with e-mail addresses, and everything under a personal key, masked."""
    if isinstance(value, Mapping):
        return {str(key): masked(item, personal or key in PERSONAL) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, personal) for item in value]
    if isinstance(value, str):
        return _text(value, personal)
    if isinstance(value, Secret):
        return str(value)
    return "***" if personal and value is not None and not isinstance(value, bool) else value


def masked_text(text: str) -> str:
    """A text with every e-mail address in it masked."""
    return EMAIL.sub(_address, text) if "@" in text or "%40" in text else text


def _text(text: str, personal: bool) -> str:
    shown = masked_text(text)
    if shown != text or not personal or not text:
        return shown
    return text[0] + "***" if len(text) < 40 else text[:4] + "…"  # a hash may be told by its beginning


def _address(match: re.Match[str]) -> str:
    return f"{match[1][0]}***{match[2]}{match[3]}"
