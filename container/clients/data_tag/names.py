"""The many names a thing may have in a Data tag's event: GTM's name is there beside whichever was sent.

As Stape's Data client has them (data-client-protocol, 2026-05); of several the first that holds something counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from container.language.values import as_text, present

ALIASES: Mapping[str, tuple[str, ...]] = {
    "page_location": ("pageLocation", "url", "href"),
    "page_referrer": ("pageReferrer", "referrer", "urlref"),
    "page_hostname": ("pageHostname", "hostname"),
    "page_path": ("pagePath",),
    "page_title": ("pageTitle",),
    "page_encoding": ("pageEncoding",),
    "user_id": ("userId",),
    "client_id": ("data_client_id", "_dcid"),
    "ip_override": ("ip", "ipOverride"),
    "user_agent": ("userAgent",),
    "screen_resolution": ("screenResolution",),
    "viewport_size": ("viewportSize",),
    "value": ("e_v",),
}
EVENT_NAMES = ("event_name", "eventName", "event", "e_n")
UNNAMED = "Data"  # an event without a name

USER: Mapping[str, tuple[str, ...]] = {
    "email_address": ("userEmail", "email_address", "email", "mail"),
    "phone_number": ("userPhoneNumber", "phone_number", "phoneNumber", "phone"),
}
ADDRESS: Mapping[str, tuple[str, ...]] = {
    "first_name": ("userFirstName", "first_name", "firstName", "name"),
    "last_name": ("userLastName", "last_name", "lastName", "surname", "family_name", "familyName"),
    "street": ("street",),
    "city": ("city",),
    "region": ("region", "state"),
    "postal_code": ("postal_code", "postalCode", "zip"),
    "country": ("country",),
}


def add_names(data: dict[str, Any]) -> None:
    """Put GTM's names beside the aliases, and build `user_data` where there is none."""
    for name, aliases in ALIASES.items():
        if not present(data.get(name)):
            _put(data, name, _first(data, aliases))
    if not present(data.get("user_data")):
        _put(data, "user_data", _user(data))


def event_name(data: Mapping[str, Any]) -> str | None:
    """The event's name; None where it is no text."""
    found = _first(data, EVENT_NAMES)
    if not present(found):
        return UNNAMED
    return None if isinstance(found, bool | list | dict) else (as_text(found) or "").strip() or UNNAMED


def _user(data: Mapping[str, Any]) -> dict[str, Any]:
    """Only texts and lists of them: `name` may be anything in an event of one's own."""
    found = {name: _first_text(data, aliases) for name, aliases in USER.items()}
    address = {name: _first_text(data, aliases) for name, aliases in ADDRESS.items()}
    found["address"] = {name: value for name, value in address.items() if value}
    return {name: value for name, value in found.items() if value}


def _first(data: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((data[name] for name in names if present(data.get(name))), None)


def _first_text(data: Mapping[str, Any], names: Iterable[str]) -> Any:
    found = (data.get(name) for name in names)
    return next((as_text(one) for one in found if present(one) and not isinstance(one, bool | list | dict)), None)


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    if present(value):
        data[name] = value
