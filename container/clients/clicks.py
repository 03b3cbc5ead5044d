"""Click ids and browser ids: from the page's URL, else from the cookies in which the vendors' scripts keep them.

No value is ever changed: click ids are case sensitive, may hold dots, and are decoded exactly as often as they were
encoded. Formats: `_gcl_*` `GCL.<s>.<id>` or `2.1.k<id>$i<s>`, `_fbc` `fb.<n>.<ms>.<fbclid>[.<appendix>]`,
`_ga` `GA1.<n>.<random>.<s>`, `_ga_<STREAM>` `GS1.1.<sid>.<number>…` or `GS2.1.s<sid>$o<number>$…`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from container.event import CLICK_IDS, decimal, meta_click

GOOGLE_COOKIES = {
    "_gcl_aw": "gclid",
    "FPGCLAW": "gclid",
    "_gcl_gb": "wbraid",
    "FPGCLGB": "wbraid",
    "_gcl_ag": "gbraid",
    "FPGCLAG": "gbraid",
    "_gcl_dc": "dclid",
    "FPGCLDC": "dclid",
}
BROWSER_IDS = {"_fbp": "fbp", "_ttp": "ttp"}

_NAMES = frozenset(CLICK_IDS)


def add_clicks(data: dict[str, Any], url: str, cookies: Mapping[str, str]) -> None:
    """Put the click ids and browser ids that are known into the event data; what stands there already stays."""
    landed = from_url(url)
    kept = from_cookies(cookies) if cookies else {}
    if "fbclid" in landed and landed["fbclid"] != kept.get("fbclid"):
        kept.pop("fbc", None)  # the cookie of an older click
    for name, value in {**kept, **landed}.items() if kept else landed.items():
        if data.get(name) in (None, ""):
            data[name] = value


def from_url(url: str) -> dict[str, str]:
    """The click ids in a URL's query."""
    start = url.find("?")
    if start < 0 or ("clid=" not in url and "braid=" not in url and "clkid=" not in url):
        return {}
    found: dict[str, str] = {}
    for pair in url[start + 1 :].partition("#")[0].split("&"):
        name, _, value = pair.partition("=")
        if value and name in _NAMES:
            found.setdefault(name, unquote(value) if "%" in value else value)
    return found


def from_cookies(cookies: Mapping[str, str]) -> dict[str, str]:
    """The ids the cookies keep, the newest click first, of two of one sort the newer."""
    clicks: list[tuple[int, str, str]] = []
    if not cookies.keys().isdisjoint(GOOGLE_COOKIES):  # most visitors come without
        for cookie, name in GOOGLE_COOKIES.items():
            if cookie in cookies and (kept := google_click(cookies[cookie])):
                clicks.append((kept[1], name, kept[0]))
    if fbc := cookies.get("_fbc"):
        clicks.extend(_meta_click(fbc))
    if ttclid := cookies.get("ttclid"):
        clicks.append((0, "ttclid", ttclid))
    if (uet := cookies.get("_uetmsclkid", "")).startswith("_uet"):
        clicks.append((0, "msclkid", uet[len("_uet") :]))
    found: dict[str, str] = {}
    for _, name, value in sorted(clicks, key=_newest) if clicks else ():
        found.setdefault(name, value)
    for cookie, name in BROWSER_IDS.items():
        if cookies.get(cookie):
            found[name] = cookies[cookie]
    return found


def _newest(click: tuple[int, str, str]) -> int:
    return -click[0]


def google_click(cookie: str) -> tuple[str, int] | None:
    """The click id and its Unix second in a `_gcl_*` or `FPGCL*` cookie."""
    if cookie.startswith("GCL."):
        _, at, click = [*cookie.split(".", 2), "", ""][:3]
    else:
        fields = _fields(cookie.split(".", 2)[-1])
        at, click = fields.get("i", ""), fields.get("k", "")
    return (click, decimal(at)) if click else None


def _meta_click(fbc: str) -> list[tuple[int, str, str]]:
    at, click = meta_click(fbc)
    found = [(at, "fbc", fbc)]
    return [*found, (at, "fbclid", click)] if click else found


def ga_client_id(cookie: str) -> str:
    """The client id in a `_ga` cookie: its last two fields."""
    parts = cookie.split(".")
    return ".".join(parts[-2:]) if len(parts) >= 4 and parts[0] == "GA1" else ""


def ga_session(cookie: str) -> tuple[str, str]:
    """Session id and session number in a `_ga_<STREAM>` cookie, empty where it holds none."""
    version, _, rest = cookie.partition(".")
    values = rest.partition(".")[2]
    if version == "GS2":
        fields = _fields(values)
        return fields.get("s", ""), fields.get("o", "")
    if version == "GS1":
        parts = [*values.split("."), "", ""]
        return parts[0], parts[1]
    return "", ""


def _fields(text: str) -> dict[str, str]:
    """`s179$o3$g1` as {s: 179, o: 3, g: 1}."""
    return {field[:1]: field[1:] for field in text.split("$") if field}
