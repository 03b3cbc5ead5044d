"""`ga4_hit`: event data as the parameters of a `/g/collect` hit, the way gtag writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from container.event import CLICK_IDS
from container.language.normalisers.base import Apply, Case, Normaliser, Parameter, Word, plain
from container.language.normalisers.urls import cleaner
from container.language.values import as_text, present

_NAMES = {
    "x-ga-protocol_version": "v",
    "x-ga-measurement_id": "tid",
    "x-ga-gtm_version": "gtm",
    "x-ga-page_id": "_p",
    "client_id": "cid",
    "user_id": "uid",
    "language": "ul",
    "screen_resolution": "sr",
    "x-ga-request_count": "_s",
    "ga_session_id": "sid",
    "ga_session_number": "sct",
    "page_location": "dl",
    "page_referrer": "dr",
    "page_title": "dt",
    "event_name": "en",
    "engagement_time_msec": "_et",
    "currency": "cu",
    "ip_override": "_uip",
}
_CLEANED = ("page_location", "page_referrer")
_HINTS = {
    "architecture": "uaa",
    "bitness": "uab",
    "mobile": "uamb",
    "model": "uam",
    "platform": "uap",
    "platform_version": "uapv",
    "wow64": "uaw",
}
_ITEM = {
    "item_id": "id",
    "item_name": "nm",
    "item_brand": "br",
    "item_category": "ca",
    "item_category2": "c2",
    "item_category3": "c3",
    "item_category4": "c4",
    "item_category5": "c5",
    "item_variant": "va",
    "price": "pr",
    "quantity": "qt",
    "coupon": "cp",
    "discount": "ds",
    "index": "lp",
    "affiliation": "af",
    "item_list_name": "ln",
    "item_list_id": "li",
    "location_id": "lo",
    "promotion_id": "pi",
    "promotion_name": "pn",
    "creative_name": "cn",
    "creative_slot": "cs",
}
# Known to the container or other vendors, no parameters of a hit; personal data above all.
_LEFT_OUT = frozenset(
    (
        *CLICK_IDS,
        *("fbc", "fbp", "ttp", "user_data", "consent_state", "common_cookie", "timestamp", "user_agent"),
        *("page_hostname", "page_path", "page_encoding", "viewport_size", "x-sst-system_properties"),
        *("x-ga-js_client_id", "x-ga-em", "x-ga-mp2-richsstsse", "user_properties"),
    )
)
_MOST_ITEMS = 200

_clean = cleaner()


def ga4_hit(event: Any) -> dict[str, str] | None:
    """The parameters of the hit; personal data and what is no parameter of a hit stay behind."""
    if not isinstance(event, Mapping):
        return None
    hit = {"v": "2"}
    for key, value in event.items():
        if key not in _LEFT_OUT and present(value):
            hit.update(_parameters(str(key), value))
    return hit


def _parameters(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if key in _NAMES:
        text = as_text(value)
        yield from _pair(_NAMES[key], _clean(text) if text and key in _CLEANED else text)
    elif key == "items":
        yield from _items(value)
    elif key == "client_hints":
        yield from _client_hints(value)
    elif key == "event_location":
        yield from _location(value)
    elif key == "x-ga-system_properties":
        yield from _members(value, lambda name, member: f"_{name}")
    elif key == "x-ga-mp2-user_properties":
        yield from _members(value, lambda name, member: f"{'upn' if _is_number(member) else 'up'}.{name}")
    elif key.startswith("x-ga-"):
        yield from _scalar(key.removeprefix("x-ga-").removeprefix("mp2-"), value)
    else:
        yield from _scalar(f"{'epn' if _is_number(value) else 'ep'}.{key}", value)


def _pair(name: str, text: str | None) -> Iterator[tuple[str, str]]:
    if text:
        yield name, text


def _scalar(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list | Mapping):
        yield from _pair(name, as_text(value))


def _members(value: Any, name: Any) -> Iterator[tuple[str, str]]:
    for key, member in value.items() if isinstance(value, Mapping) else ():
        flag = "1" if member is True else member
        yield from _scalar(name(key, member), flag)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def _items(value: Any) -> Iterator[tuple[str, str]]:
    items = value if isinstance(value, list) else [value]
    known = [item for item in items if isinstance(item, Mapping)]
    for number, item in enumerate(known[:_MOST_ITEMS], start=1):
        yield from _pair(f"pr{number}", _item(item))


def _item(item: Mapping[str, Any]) -> str:
    fields: list[str] = []
    custom = 0
    for key, value in item.items():
        text = None if isinstance(value, list | Mapping) else as_text(value)
        if not text:
            continue
        text = text.replace("~", "~~")
        if key in _ITEM:
            fields.append(_ITEM[key] + text)
        elif custom < 10:  # one digit: the code has two letters
            fields += [f"k{custom}{key}", f"v{custom}{text}"]
            custom += 1
    return "~".join(fields)


def _client_hints(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return
    for key, name in _HINTS.items():
        member = value.get(key)
        yield from _scalar(name, int(member) if isinstance(member, bool) else member)
    versions = value.get("full_version_list")
    if isinstance(versions, list):
        brands = [brand for brand in versions if isinstance(brand, Mapping)]
        yield from _pair("uafvl", "|".join(f"{_brand(b.get('brand'))};{as_text(b.get('version'))}" for b in brands))


def _brand(brand: Any) -> str:
    """A browser's brand as gtag writes it, encoded before the hit is: it may hold the separators."""
    return quote(as_text(brand) or "", safe="!'()*")


def _location(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        country, region = as_text(value.get("country")), as_text(value.get("region"))
        yield from _pair("ur", f"{country}-{region}" if country and region else country)


# Of page and visitor, as far as is known; everything else is the event's.
_PAGE = frozenset(
    (
        *("v", "tid", "gtm", "_p", "gcs", "gcd", "gcu", "gcut", "npa", "dma", "dma_cps", "pscdl", "us_privacy", "gdpr"),
        *("gdpr_consent", "gdid", "edid", "cid", "uid", "_fid", "ul", "sr", "ur", "uaa", "uab", "uafvl", "uamb", "uam"),
        *("uap", "uapv", "uaw", "are", "frm", "_uip", "_eu", "_s", "_dbg", "sid", "sct", "seg", "dl", "dr", "dt"),
        *("dh", "dp", "tag_exp"),
    )
)


def _part(wanted: Word) -> Apply:
    of_page = wanted == "page"

    def part(hit: Any) -> dict[str, Any] | None:
        if not isinstance(hit, Mapping):
            return None
        return {name: value for name, value in hit.items() if (name in _PAGE) is of_page}

    return part


_EVENT = {
    "event_name": "purchase",
    "client_id": "1.2",
    "page_location": "https://shop.example/thanks?token=1",
    "value": Decimal("149.90"),
    "transaction_id": "A-1",
    "items": [{"item_id": "SKU", "price": 5, "quantity": 2, "size": "L~XL"}],
    "user_data": {"email_address": "mary@example.com"},
    "x-ga-mp2-user_properties": {"tier": "gold"},
}

NORMALISERS = (
    plain(
        "ga4_hit",
        "event data as the query parameters of a GA4 web hit (`/g/collect`), without personal data",
        ga4_hit,
        Case(
            "",
            _EVENT,
            {
                "v": "2",
                "en": "purchase",
                "cid": "1.2",
                "dl": "https://shop.example/thanks",
                "epn.value": "149.9",
                "ep.transaction_id": "A-1",
                "pr1": "idSKU~pr5~qt2~k0size~v0L~~XL",
                "up.tier": "gold",
            },
        ),
        Case("", "text", None),
    ),
    Normaliser(
        "ga4_part",
        "of a hit's parameters those of page and visitor (a POST has them in the query), or those of the event",
        _part,
        (
            Case("page", {"cid": "1.2", "en": "scroll", "x": "1"}, {"cid": "1.2"}),
            Case("event", {"cid": "1.2", "en": "scroll", "x": "1"}, {"en": "scroll", "x": "1"}),
            Case("event", "text", None),
        ),
        (Parameter("part", choices=("page", "event")),),
    ),
)
