"""Where a visitor is: country, region and city of an IP address, from the user's own MaxMind file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

REMEMBERED = 4096  # addresses


class Places:
    """A file in MaxMind's format (GeoLite2-City, GeoIP2-Country, DB-IP …). Raises `ValueError`, `OSError`."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = maxminddb.open_database(path)
        except maxminddb.InvalidDatabaseError as error:
            raise ValueError("it is no MaxMind database") from error
        self.of = lru_cache(REMEMBERED)(self._of)

    def _of(self, address: str) -> Mapping[str, str]:
        """`country` and `region` as ISO codes and `city` in English, those that are known; empty: none is."""
        try:
            found = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return {}
        return _place(found) if isinstance(found, dict) else {}


def _place(found: Mapping[str, Any]) -> Mapping[str, str]:
    country = _member(found, "country", "iso_code") or _member(found, "registered_country", "iso_code")
    subdivisions = found.get("subdivisions")
    region = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else {}
    named = {
        "country": country,
        "region": _member({"region": region}, "region", "iso_code"),
        "city": _member(found.get("city") or {}, "names", "en"),
    }
    return {place: name for place, name in named.items() if name}


def _member(found: Any, outer: str, inner: str) -> str:
    member = found.get(outer) if isinstance(found, Mapping) else None
    value = member.get(inner) if isinstance(member, Mapping) else None
    return value if isinstance(value, str) else ""
