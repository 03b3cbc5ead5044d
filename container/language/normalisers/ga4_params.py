"""`ga4_params`: what else an event or item tells, as parameters the Measurement Protocol takes."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from container.event import CLICK_IDS
from container.language.normalisers.base import Apply, BadArgument, Case, Normaliser, Parameter
from container.language.normalisers.urls import is_named_secret, looks_secret
from container.language.values import as_text, is_mapping

_LONGEST = 100  # characters of a value
_MANY = 100  # names of an event that are remembered

# developers.google.com/analytics/devguides/collection/protocol/ga4: limitations, reserved names
_name = re.compile(r"(?!firebase_|ga_|google_)[A-Za-z][A-Za-z0-9_]{0,39}")

# Known to the container, the request itself, or other vendors.
_LEFT_OUT = frozenset(
    (
        *CLICK_IDS,
        *("fbc", "fbp", "ttp", "timestamp", "timestamp_micros", "event_name", "client_id", "user_id", "language"),
        *("app_instance_id", "ip_override", "user_agent", "page_hostname", "page_path", "page_encoding"),
        *("screen_resolution", "viewport_size", "session_attributes", "limited_data_use"),
    )
)


def _params(most: Any) -> Apply:
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise BadArgument("`ga4_params` needs how many it may be at most: ga4_params(20)")

    def params(event: Any) -> dict[str, Any] | None:
        if not is_mapping(event):
            return None
        names = tuple(event)
        taken = _remembered(names) if len(names) <= _MANY else _taken(names)
        found = {name: value for name in taken if (value := _value(event[name])) is not None}
        return found if len(found) <= most else dict(list(found.items())[:most])

    return params


def _taken(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that Google takes."""
    return tuple(
        name for name in names if name not in _LEFT_OUT and _name.fullmatch(name) and not is_named_secret(name)
    )


_remembered = lru_cache(512)(_taken)  # an event's names are ever the same


def _value(value: Any) -> Any:
    kind = value.__class__
    if kind is int or kind is Decimal:
        return value
    if kind is not str and (isinstance(value, list) or is_mapping(value)):
        return None
    text = as_text(value)
    return text[:_LONGEST] if text and not looks_secret(text) else None


_EVENT = {
    "event_name": "level_up",
    "client_id": "1.2",
    "level": 5,
    "character": "Player 1",
    "plan name": "no name for GA4",
    "ga_plan": "pro",
    "contact": "mary@example.com",
    "gift": True,
    "tags": ["a"],
}

NORMALISERS = (
    Normaliser(
        "ga4_params",
        "of an event or item the members that GA4 takes as parameters, so many at most: numbers and texts (of 100 "
        "characters) under names it allows, nothing that names or looks like personal data or secrets",
        _params,
        (
            Case("20", _EVENT, {"level": 5, "character": "Player 1", "gift": "true"}),
            Case("1", _EVENT, {"level": 5}),
            Case("20", "text", None),
        ),
        (Parameter("most", "value"),),
    ),
)
