"""Tags of a web container: what the server sends for them, and what stays in the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from container.migrate.export import Object
from container.migrate.result import BROWSER, NOTE, UNSUPPORTED, Document, Entry
from container.migrate.tags import google
from container.migrate.tags.generic import http_request_of
from container.migrate.tags.made import Made, Tools
from container.migrate.tags.meta import TEMPLATE as META
from container.migrate.tags.tiktok import TEMPLATE as TIKTOK
from container.triggers import ALL_EVENTS

GA4 = "ga4"
STAYS = "what the page goes on doing"
_PIXELS = {
    "Meta": re.compile(r"\bfbq\s*\("),
    "TikTok": re.compile(r"\bttq\s*\."),
    "Google": re.compile(r"\bgtag\s*\("),
    "Pinterest": re.compile(r"\bpintrk\s*\("),
    "Snapchat": re.compile(r"\bsnaptr\s*\("),
    "LinkedIn": re.compile(r"_linkedin_partner_id|\blintrk\s*\("),
    "X": re.compile(r"\btwq\s*\("),
    "Microsoft Ads": re.compile(r"\buetq\b"),
    "Hotjar": re.compile(r"\bhj\s*\("),
}
_TWICE = ("Meta", "TikTok", "Google")
SAME_ID = "keep the pixel in the page and give it the same event id, or take it out: else the vendor counts twice"
_STAY = {
    "sp": "Google Ads remarketing needs the browser's third-party cookie",
    "awud": "send `user_data` with the events; Google Ads gets them with each conversion",
    "baut": "Microsoft Ads UET runs in the page",
    "hjtc": "Hotjar runs in the page",
    "awj": "Awin's master tag runs in the page",
    "bzi": "LinkedIn's insight tag runs in the page",
}


def stays(reason: str) -> Callable[[Object, Entry, Tools], None]:
    """A tag that goes on working in the page."""

    def left(tag: Object, entry: Entry, tools: Tools) -> None:
        tag.item.book(STAYS)
        entry.left(BROWSER, reason)

    return left


def _forward(tools: Tools, entry: Entry, note: str) -> None:
    """The one tag by which all hits go on to GA4."""
    path = f"tags/{GA4}.yaml"
    if path not in tools.job.result.files:
        said = {
            "name": "GA4",
            "template": google.HITS,
            "triggers": [ALL_EVENTS],
            "consent": [],
            "params": {"measurement_id": google.OWN_STREAM},
        }
        tools.job.put(path, Document(said, "Sends every hit of the page on to the GA4 property it is for."))
    entry.grade, entry.file, entry.line = NOTE, path, 2
    entry.notes.append(note)


def google_tag(tag: Object, entry: Entry, tools: Tools) -> None:
    """`googtag`, `gaawc`: stays, and sends its hits here."""
    known = dict(tag.params.all())
    tag.item.book(STAYS)
    id = str(known.get("tagId") or known.get("measurementId") or "")
    rows = known.get("configSettingsTable") or known.get("fieldsToSet") or ()
    cells = [[*row.values()] for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    server = next((str(row[1]) for row in cells if len(row) > 1 and row[0] == "server_container_url"), "")
    server = server or str(known.get("serverContainerUrl") or "")
    if id.startswith("AW-"):
        entry.left(BROWSER, "loads Google's own script for Google Ads; conversions are sent by the server's tags")
        return
    note = "the Google tag stays in the page, with `server_container_url` set to tagport (browser/snippets.md)"
    if server:
        note = f"the Google tag stays in the page; it sends to {server}, which has to lead to tagport"
    _forward(tools, entry, note)


def ga4_event(tag: Object, entry: Entry, tools: Tools) -> None:
    """`gaawe`: the page sends the event, the server sends it on."""
    name = str(dict(tag.params.all()).get("eventName") or "")
    tag.item.book(STAYS)
    _forward(tools, entry, f"the page goes on sending `{name}`; tagport sends it on")


def conversion_linker(tag: Object, entry: Entry, tools: Tools) -> None:
    """`gclidw`: the server sets the cookies too, which live longer."""
    tag.item.book(STAYS)
    tools.cookies |= {"_gcl": None, "FPGCL": None}
    entry.left(BROWSER, "it may stay; `cookies:` in container.yaml sets Google's click cookies from the server as well")


def html(tag: Object, entry: Entry, tools: Tools) -> None:
    """Custom HTML stays; what it loads is named."""
    code = str(dict(tag.params.all()).get("html") or "")
    tag.item.book(STAYS)
    found = [vendor for vendor, pattern in _PIXELS.items() if pattern.search(code)]
    entry.left(BROWSER, "custom HTML runs in the page")
    for vendor in found:
        twice = f": beside a server tag for {vendor} it would send twice; {SAME_ID}" if vendor in _TWICE else ""
        entry.notes.append(f"it speaks to {vendor}{twice}")


def universal_analytics(tag: Object, entry: Entry, tools: Tools) -> None:
    """`ua`: has ended."""
    tag.item.book("Universal Analytics, which has ended")
    entry.left(UNSUPPORTED, "Universal Analytics has ended: take the tag out")


def image(tag: Object, entry: Entry, tools: Tools) -> Made:
    """`img`: a GET of the server."""
    tag.params.book("a parameter against caches, which servers do not need", "useCacheBuster", "cacheBusterQueryParam")
    return http_request_of(tag.params.text("url"), entry, tools)


def meta_pixel(tag: Object, entry: Entry, tools: Tools) -> Made:
    """The web template Facebook Pixel: its events go by the Conversions API as well."""
    params = tag.params
    made = Made(META, consent=["ad_storage"] if params.text("consent") in ("true", "required") else [])
    made.params["pixel_id"] = tools.value(params.text("pixelId"), entry)
    made.params["access_token"] = tools.ask_secret(entry, "meta access token", "the Conversions API token of the pixel")
    name = next((text for key in _NAMES[params.text("eventName")] if (text := params.text(key))), "PageView")
    made.event = name if "{{" not in name else ""
    made.params["event_name"] = tools.value(name, entry)
    if event_id := params.text("eventId"):
        made.sets["event_id"] = event_id
    if custom := tools.table(params.table("objectPropertyList"), entry):
        made.params["custom_data"] = custom
    entry.note(SAME_ID)
    params.book(STAYS, *params)
    return made


_NAMES: dict[str, tuple[str, ...]] = {
    "standard": ("standardEventName",),
    "custom": ("customEventName",),
    "variable": ("variableEventName",),
    "": ("standardEventName", "customEventName", "variableEventName"),
}


def tiktok_pixel(tag: Object, entry: Entry, tools: Tools) -> Made:
    """The web template TikTok Pixel."""
    params = tag.params
    made = Made(TIKTOK, consent=[])
    made.params["pixel_code"] = tools.value(params.text("pixel_code") or params.text("pixelCode"), entry)
    made.params["access_token"] = tools.ask_secret(entry, "tiktok access token", "the Events API token of the pixel")
    if name := params.text("event"):
        made.event = name if "{{" not in name else ""
        made.params["event_name"] = tools.value(name, entry)
    if event_id := params.text("event_id"):
        made.sets["event_id"] = event_id
    entry.note(SAME_ID)
    params.book(STAYS, *params)
    return made


BY_TYPE: dict[str, Callable[[Object, Entry, Tools], Any]] = {
    "googtag": google_tag,
    "gaawc": google_tag,
    "gaawe": ga4_event,
    "awct": google.ads_conversion,
    "gclidw": conversion_linker,
    "flc": google.floodlight,
    "fls": google.floodlight,
    "html": html,
    "img": image,
    "ua": universal_analytics,
    **{type: stays(reason) for type, reason in _STAY.items()},
}
BY_TEMPLATE: dict[str, Callable[[Object, Entry, Tools], Any]] = {
    "facebookarchive/googletagmanager-webtemplate-for-facebookpixel": meta_pixel,
    "tiktok/gtm-template-pixel": tiktok_pixel,
    "stape-io/data-tag": stays("it stays in the page and sends to `/data`: add a client of the kind `data_tag`"),
}
OTHERWISE = stays("it runs in the page; there is nothing like it on a server")
