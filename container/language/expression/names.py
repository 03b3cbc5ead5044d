"""The names of the language, and what GTM calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from container.event import CLICK_IDS, CONSENT_KEYS
from container.language.expression.scope import ROOTS, Context
from container.problems import did_you_mean

REQUEST_KEYS = ("client", "client_name", "source", "method", "path", "query_string", "ip", "debug", "bot")
REQUEST_TABLES = ("query", "headers", "cookies", "geo")
GEO_KEYS = ("country", "region", "city")
CONTAINER_KEYS = ("id", "version")
CONVERSION_KEYS = (
    "id",
    "kind",
    "key",
    "copy",
    "sources",
    "matched_by",
    "event_id",
    "transaction_id",
    "timestamp",
    "of",
)
KNOWN_KEYS = {"conversion": CONVERSION_KEYS, "consent": CONSENT_KEYS, "container": CONTAINER_KEYS}
LOCALS = {
    "item": "`item` is known inside `$each`",
    "index": "`index` is known inside `$each`",
    "match": "`match` is known after `matches_regex` in `first:`",
    "params": "`params` is known in templates",
}

EVENT_KEYS = (  # noqa: SIM905
    "event_name event_id timestamp ip_override user_agent client_id user_id page_location page_hostname page_path "
    "page_title page_referrer page_encoding language screen_resolution viewport_size currency value transaction_id "
    "order_id tax shipping coupon affiliation items user_data user_properties ga_session_id ga_session_number "
    "engagement_time_msec search_term method item_id cart_id checkout_token fbc fbp ttp client_hints event_location"
).split()

_BUILT_IN = {
    "event name": "event.event_name",
    "event": "event.event_name",
    "client name": "request.client_name",
    "debug mode": "request.debug",
    "request path": "request.path",
    "request method": "request.method",
    "query string": "request.query_string",
    "container id": "container.id",
    "container version": "container.version",
    "random number": "random",
    "visitor region": "request.geo.region",
    "page url": "event.page_location",
    "page location": "event.page_location",
    "referrer": "event.page_referrer",
    "ip address": "event.ip_override",
    "email": "event.user_data.email_address",
    "phone": "event.user_data.phone_number",
}
_PREFIX = re.compile(
    r"^(?:(?P<event>ed|ep|dlv|dl|event ?data|data ?layer)|url|js|const|cookie|lt|rt)\s*[-–:._ ]\s*", re.I
)
_LONGEST = 100  # characters of a name in GTM
# Words that no expression begins with: `Pixel ID`, `Meta - Pixel ID`.
_NAMED_IN_GTM = re.compile(r"(?!not\b)[^\W\d]\w*(?:\s+(?:[-–:|]\s+)?(?!(?:and|or|in)\b)\w+)+")
_WORDS = re.compile(r"[\w$]+(?:[\s:./|,–-]+[\w$]+)*")


def instead(text: str, context: Context) -> str:
    """What to write for a name as GTM has it (`Event Name`, `market`, `ed - value`); "" where nothing is known."""
    text = text.strip()
    if found := meant(text, context):
        return f"write `{found}`"
    if "var" not in context.roots or len(text) > _LONGEST or not _NAMED_IN_GTM.fullmatch(text):
        return ""
    if text.split()[0] in context.roots | context.locals:
        return ""
    name = _slug(text)
    return f"what GTM calls {{{{{text}}}}} is written `var.{name}` here; {define(name)}"


def define(name: str) -> str:
    """Where a variable is written."""
    return f"write `{name}: …` under `variables:` in container.yaml, or a file variables/{name}.yaml"


def meant(text: str, context: Context) -> str:
    """The expression that a name of GTM's (`Event Name`, `ed - value`) stands for; "" where nothing is known."""
    if len(text) > _LONGEST or not _WORDS.fullmatch(text):
        return ""
    variables = {_slug(name): name for name in context.variables or ()}
    events = {*EVENT_KEYS, *CLICK_IDS} if "event" in context.roots else set()
    slug = _slug(text)
    if slug in variables and "var" in context.roots:
        return f"var.{variables[slug]}"
    built_in = _BUILT_IN.get(slug.replace("_", " "))
    if built_in and built_in.partition(".")[0] in context.roots:
        return built_in
    if slug in events:
        return f"event.{slug}"
    prefix = _PREFIX.match(text)
    if prefix is None:
        return ""
    rest = meant(text[prefix.end() :], context)
    return rest or (f"event.{_slug(text[prefix.end():])}" if prefix["event"] and events else "")


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip()).lower().strip("_")


def unknown(name: str, context: Context) -> str:
    """The hint for an unknown first name."""
    if name in LOCALS:
        return LOCALS[name]
    near = instead(name, context) or did_you_mean(name, context.roots | context.locals)
    return near or "here are: " + one_of(context.roots | context.locals)


def one_of(names: Iterable[str]) -> str:
    """`a`, `b`, `c`."""
    return ", ".join(f"`{name}`" for name in sorted(names))


def is_reserved(name: str) -> bool:
    """Whether a name of one's own (`$as`, `let`) would hide one of the language."""
    return name in ROOTS or name in LOCALS or name in ("and", "or", "not", "in", "true", "false", "null")
