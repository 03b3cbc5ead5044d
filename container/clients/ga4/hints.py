"""Client hints: what the browser says about itself, in gtag's parameters and in the `Sec-CH-UA` headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

TEXTS = {"uaa": "architecture", "uab": "bitness", "uam": "model", "uap": "platform", "uapv": "platform_version"}
FLAGS = {"uamb": "mobile", "uaw": "wow64"}
HINTS = frozenset((*TEXTS, *FLAGS, "uafvl"))
LONGEST = 1000  # characters of a header that are read

_BRAND = re.compile(r'"([^"]{0,100})"\s*;\s*v="([^"]{0,40})"')


def client_hints(sent: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    """GTM's `client_hints` object; empty where the browser said nothing. Parameters win over headers."""
    return {**_from_headers(headers), **_from_parameters(sent)}


def _from_parameters(sent: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: sent[name] for name, key in TEXTS.items() if name in sent}
    if versions := _versions(sent.get("uafvl", "")):
        found["full_version_list"] = versions
    found |= {key: sent[name] == "1" for name, key in FLAGS.items() if sent.get(name)}
    return found


def _versions(text: str) -> list[dict[str, str]]:
    """`Chromium;142.0.1|Not_A%20Brand;99.0`: the brands are encoded once more than the rest."""
    pairs = [entry.partition(";") for entry in text.split("|") if entry]
    return [{"brand": unquote(brand) if "%" in brand else brand, "version": version} for brand, _, version in pairs]


def _from_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """As Google's client has it: the platform keeps its quotes."""
    found: dict[str, Any] = {}
    if brands := _BRAND.findall(headers.get("sec-ch-ua", "")[:LONGEST]):
        found["brands"] = [{"brand": brand, "version": version} for brand, version in brands]
    if mobile := headers.get("sec-ch-ua-mobile"):
        found["mobile"] = mobile == "?1"
    if platform := headers.get("sec-ch-ua-platform"):
        found["platform"] = platform[:LONGEST]
    return found
