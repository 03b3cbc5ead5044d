"""Client hints: what the browser says about itself, in gtag's parameters and in the `Sec-CH-UA` headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

TEXTS = {"uaa": "architecture", "uab": "bitness", "uam": "model", "uap": "platform", "uapv": "platform_version"}
FLAGS = {"uamb": "mobile", "uaw": "wow64"}
HINTS = frozenset((*TEXTS, *FLAGS, "uafvl"))
LONGEST = 1000  # characters of a header that are read, of a list of versions that is remembered
REMEMBERED = 512  # lists of versions: one for each release of a browser

_BRAND = re.compile(r'"([^"]{0,100})"\s*;\s*v="([^"]{0,40})"')


def client_hints(sent: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    """GTM's `client_hints` object; empty where the browser said nothing. Parameters win over headers."""
    found = _from_headers(headers)
    for name, value in sent.items():
        if name in TEXTS:
            found[TEXTS[name]] = value
        elif name in FLAGS:
            if value:
                found[FLAGS[name]] = value == "1"
        elif versions := _versions(value):
            found["full_version_list"] = versions
    return found


def _versions(text: str) -> list[dict[str, str]]:
    pairs = _pairs(text) if len(text) <= LONGEST else _pairs.__wrapped__(text)
    return [{"brand": brand, "version": version} for brand, version in pairs]


@lru_cache(REMEMBERED)
def _pairs(text: str) -> list[tuple[str, str]]:
    """`Chromium;142.0.1|Not_A%20Brand;99.0`: the brands are encoded once more than the rest."""
    pairs = [entry.partition(";") for entry in text.split("|") if entry]
    return [(_once_more(brand) if "%" in brand else brand, version) for brand, _, version in pairs]


def _once_more(text: str) -> str:
    """Decoded, where that gives text; else as it is."""
    decoded = unquote(text)
    return text if "\ufffd" in decoded else decoded


def _from_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """As Google's client has it: the platform keeps its quotes."""
    found: dict[str, Any] = {}
    if (said := headers.get("sec-ch-ua")) and (brands := _BRAND.findall(said[:LONGEST])):
        found["brands"] = [{"brand": brand, "version": version} for brand, version in brands]
    if mobile := headers.get("sec-ch-ua-mobile"):
        found["mobile"] = mobile == "?1"
    if platform := headers.get("sec-ch-ua-platform"):
        found["platform"] = platform[:LONGEST]
    return found
