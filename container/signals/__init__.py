"""Privacy signals that any hit may carry, whatever its client: TCF and GPP strings, `us_privacy`, GPC, `npa`.

What the client's own signals say (`gcs`, `gcd`, `consent_state`) and these are joined: what one of them refuses is
refused. docs/consent-signals.md has the table.

`bits.py` base64url as bits · `tcf.py` the European string · `gpp.py` the American ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from container.event import SALE, VENDOR_TYPES, Event, Request
from container.signals import gpp, tcf

GOOGLE = "755"  # the id of Google Advertising Products in the IAB's list of vendors
PARAMETERS = frozenset(("gdpr_consent", "gpp", "us_privacy"))
COOKIES = frozenset(("euconsent-v2", "usprivacy"))
ADDITIONAL = "ac."
ON = ("1", "true", "yes")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Whose consent a TCF string must hold: {google: 755, meta: ac.89}. Left out: {google: 755}.",
    "additionalProperties": False,
    "properties": {
        name.removeprefix("vendor_"): {
            "type": "string",
            "pattern": r"^(ac\.)?[0-9]{1,5}$",
            "description": "An id of the IAB's list of vendors, or `ac.` and one of Google's additional list.",
        }
        for name in VENDOR_TYPES
    },
}


class Signals:
    """Reads them into what an event states. `vendors`: google, meta, tiktok → id."""

    def __init__(self, vendors: Mapping[str, str] | None = None) -> None:
        named = {"google": GOOGLE} if vendors is None else vendors
        self._vendors = {f"vendor_{name}": str(id) for name, id in named.items()}

    def joined(self, events: list[Event]) -> list[Event]:
        """The events, stating what their signals say too."""
        return [self._joined(event) for event in events]

    def _joined(self, event: Event) -> Event:
        request, data = event.request, event.data
        browser = request.source == "browser"
        query = request.query
        told = not query.keys().isdisjoint(PARAMETERS) or not data.keys().isdisjoint(PARAMETERS)
        told = told or query.get("npa") in ON
        if browser and not told:
            told = "sec-gpc" in request.headers or not COOKIES.isdisjoint(request.cookies)
        if not told:
            return event
        consent, notes = self._read(_Said(data, request, browser), event.consent)
        return replace(event, consent=consent, notes=(*event.notes, *notes))

    def _read(self, said: _Said, own: Mapping[str, bool]) -> tuple[dict[str, bool], list[str]]:
        found, notes = dict(own), list[str]()
        sections = self._sections(said, notes)
        if said("npa") in ON:
            found["ad_personalization"] = False
        if said("gdpr") != "0":
            self._tcf(said("gdpr_consent", "euconsent-v2") or sections.get(gpp.TCF_EU, ""), said, found, notes)
        sale = [gpp.sale_allowed(id, section) for id, section in sections.items()]
        sale += [gpp.us_privacy(said("us_privacy", "usprivacy")), False if said.gpc else None]
        answers = [allowed for allowed in (*sale, found.get(SALE)) if allowed is not None]
        if answers:
            found[SALE] = all(answers)
        return found, notes

    def _sections(self, said: _Said, notes: list[str]) -> Mapping[int, str]:
        """The sections of a GPP string that are in force."""
        text = said("gpp")
        sections = gpp.sections(text) if text else {}
        if text and not sections:
            notes.append("`gpp` is no GPP string: it says nothing")
        in_force = set(re.findall(r"\d+", said("gpp_sid")))
        return {id: section for id, section in sections.items() if not in_force or str(id) in in_force}

    def _tcf(self, text: str, said: _Said, found: dict[str, bool], notes: list[str]) -> None:
        if not text:
            return
        string = tcf.decode(text)
        if string is None:
            notes.append("`gdpr_consent` is no TCF string of version 2: it says nothing")
            return
        granted = string.grants()
        found.setdefault("analytics_storage", granted.pop("analytics_storage"))
        for type, grant in granted.items():
            found[type] = found.get(type, grant) and grant
        additional = tcf.additional(said("addtl_consent"))
        for type, id in self._vendors.items():
            if not id.startswith(ADDITIONAL):
                found[type] = string.allows(int(id))
            elif additional is not None:
                found[type] = id.removeprefix(ADDITIONAL) in additional


class _Said:
    """What an event says under a name: in its data, in the query it came with, or in a cookie of the browser."""

    __slots__ = ("_browser", "_data", "_request")

    def __init__(self, data: Mapping[str, Any], request: Request, browser: bool) -> None:
        self._data = data
        self._request = request
        self._browser = browser

    def __call__(self, name: str, cookie: str = "") -> str:
        value = self._data.get(name)
        if value in (None, "") or isinstance(value, dict | list):
            value = self._request.query.get(name, "")
        if value == "" and cookie and self._browser:
            value = self._request.cookies.get(cookie, "")
        return str(int(value) if isinstance(value, bool) else value).strip()

    @property
    def gpc(self) -> bool:
        """Whether the browser asks, by Global Privacy Control, that nothing be sold or shared."""
        return self._browser and self._request.headers.get("sec-gpc", "").strip() == "1"


__all__ = ["SCHEMA", "Signals"]
