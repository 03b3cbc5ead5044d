"""Normalisers of URLs. They take any text: what is no URL is absent, nothing raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, unquote_plus

from container.event import CLICK_IDS
from container.language.normalisers.base import (
    Apply,
    BadArgument,
    Case,
    Normaliser,
    Parameter,
    of_text,
    plain,
    remembering,
)

REDACTED = "(redacted)"

_parts = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*:)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
)
# Both are anchored at a sign or a word's beginning, so that no input makes them slow.
_email = re.compile(r"(?<=[^\s@/=&;,:])@[^\s@/=&;,:]+\.[^\s@/=&;,:]")
_token = re.compile(r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]")  # a JSON web token
_host = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^:\s]+)")
_not_letter = re.compile(r"[^a-z0-9]")
_PAGES = frozenset(("http:", "https:", "android-app:", "ios-app:", ""))

# In a parameter's name, in lower case and without signs: these anywhere …
_SECRET_PARTS = (
    "token", "password", "passwd", "pwd", "passwort", "secret", "apikey", "jwt", "signature", "hmac", "credential",
    "authorization", "sessionid", "accesskey",
    "email", "phone", "telefon", "mobile", "firstname", "lastname", "fullname", "surname", "vorname", "nachname",
    "username", "birth", "street", "postalcode", "postcode", "zipcode", "creditcard", "cardnumber", "iban", "passport",
)  # fmt: skip
# … and these as the whole name.
_SECRET_NAMES = frozenset(
    (  # noqa: SIM905
        "key auth pass pw sig sid session otp pin cvc cvv ssn mail tel fon name fname lname em ph fn ln dob bday "
        "address addr zip plz user login customer msisdn"
    ).split()
)
_CLICK_IDS = frozenset((*CLICK_IDS, "gclsrc", "srsltid", "li_fat_id", "twclid", "epik", "sccid", "rdt_cid", "yclid"))


def _is_named_secret(name: str) -> bool:
    """Whether a parameter of this name carries a secret or personal data."""
    plain_name = _not_letter.sub("", name.lower())
    return plain_name in _SECRET_NAMES or any(part in plain_name for part in _SECRET_PARTS)


is_named_secret: Callable[[str], bool] = remembering(_is_named_secret, most=1024, longest=100)


def looks_secret(text: str) -> bool:
    """Whether there is an e-mail address or a token in the text, encoded once or twice or not."""
    if "@" not in text and "%" not in text and "eyJ" not in text:
        return False
    for _ in range(3):
        if _email.search(text) or _token.search(text):
            return True
        decoded = unquote_plus(text)
        if decoded == text:
            return False
        text = decoded
    return False


def _is_kept(name: str) -> bool:
    return name.startswith(("utm_", "gad_")) or name.lower() in _CLICK_IDS or not is_named_secret(name)


def _query(query: str, keeps: Callable[[str], bool]) -> str:
    kept = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        is_click_id = name.lower() in _CLICK_IDS  # opaque: the look of one tells nothing
        if part and keeps(name) and (is_click_id or not (looks_secret(value) or looks_secret(name))):
            kept.append(part)
    return "&".join(kept)


def _path(path: str) -> str:
    if "@" not in path and "%" not in path:
        return path
    return "/".join(REDACTED if looks_secret(segment) else segment for segment in path.split("/"))


def cleaner(keeps: Callable[[str], bool] = _is_kept) -> Callable[[str], str | None]:
    """The function that cuts a URL down to the parameters for whose name `keeps` holds."""

    def clean(text: str) -> str | None:
        match = _parts.match(text.strip())
        if match is None or (match["scheme"] or "").lower() not in _PAGES:
            return None
        authority = match["authority"]
        found = match["scheme"] or ""
        if authority is not None:
            found += "//" + authority.rpartition("@")[2]
        found += _path(match["path"])
        query = _query(match["query"] or "", keeps)
        return (f"{found}?{query}" if query else found) or None

    return clean


_clean = remembering(cleaner(), most=256, longest=2000)  # every tag asks for the same page


def _url(keep: tuple[str, ...] | None) -> Apply:
    return of_text(_clean if keep is None else cleaner(frozenset(keep).__contains__))


def _query_param(name: str) -> Apply:
    def read(text: str) -> str | None:
        query = text.partition("#")[0].partition("?")[2]
        for part in query.split("&"):
            key, _, value = part.partition("=")
            if unquote_plus(key) == name:
                return unquote_plus(value) or None
        return None

    return of_text(read)


_PARTS = ("path", "query", "protocol", "port", "fragment", "extension")


def _url_part(part: str) -> Apply:
    if part not in _PARTS:
        raise BadArgument(f"`url_part` takes one of {', '.join(_PARTS)}; for the host there is `host`")

    def read(text: str) -> str | None:
        url, _, fragment = text.strip().partition("#")
        match = _parts.match(url)
        if match is None or not match["authority"]:
            return None
        path = match["path"] or "/"
        found = {
            "path": path,
            "query": match["query"] or "",
            "protocol": (match["scheme"] or "").rstrip(":").lower(),
            "port": match["authority"].rpartition("@")[2].rpartition("]")[2].partition(":")[2],
            "fragment": fragment,
            "extension": path.rpartition("/")[2].rpartition(".")[2] if "." in path.rpartition("/")[2] else "",
        }
        return found[part] or None

    return of_text(read)


def _host_of(text: str) -> str | None:
    match = _parts.match(text.strip())
    if match is None or not match["authority"]:
        return None
    found = _host.match(unquote(match["authority"].rpartition("@")[2]))
    return found[0].lower().rstrip(".") or None if found else None


_SHOP = "https://shop.example/thanks"

NORMALISERS = (
    Normaliser(
        "url",
        "the URL without user info, fragment, and query parameters that carry secrets or personal data by name or "
        "look (click ids and utm_… stay); with `keep`, of these parameters only",
        _url,
        (
            Case("", f"{_SHOP}?gclid=Cj0&utm_source=x&token=abc#top", f"{_SHOP}?gclid=Cj0&utm_source=x"),
            Case("", f"{_SHOP}?q=shoes&ref=mary%40example.com", f"{_SHOP}?q=shoes"),
            Case("", f"{_SHOP}?key=wc_order_1&Email=m", _SHOP),
            Case("", "https://mary:pw@shop.example/a", "https://shop.example/a"),
            Case("", "https://shop.example/u/mary@example.com/x", "https://shop.example/u/(redacted)/x"),
            Case("keep: [q, gclid]", f"{_SHOP}?q=shoes&page=2&gclid=Cj0", f"{_SHOP}?q=shoes&gclid=Cj0"),
            Case("", "javascript:alert(1)", None),
        ),
        (Parameter("keep", "list", required=False, named=True),),
    ),
    Normaliser(
        "query_param",
        "the first value of this query parameter, decoded",
        _query_param,
        (
            Case("utm_source", f"{_SHOP}?utm_source=news%20letter&utm_source=b", "news letter"),
            Case("gclid", f"{_SHOP}?x=1#?gclid=2", None),
        ),
        (Parameter("name"),),
    ),
    Normaliser(
        "url_part",
        "a part of a URL: path, query (without `?`), protocol, port, fragment (without `#`), extension of the file",
        _url_part,
        (
            Case("path", f"{_SHOP}/a.html?x=1#top", "/thanks/a.html"),
            Case("path", "https://shop.example", "/"),
            Case("query", f"{_SHOP}?x=1&y=2#top", "x=1&y=2"),
            Case("protocol", _SHOP, "https"),
            Case("port", "https://shop.example:8443/", "8443"),
            Case("port", _SHOP, None),
            Case("fragment", f"{_SHOP}?x=1#top", "top"),
            Case("extension", "https://shop.example/a/manual.v2.pdf?x=1", "pdf"),
            Case("extension", "https://shop.example/v1.2/thanks", None),
            Case("path", "/thanks", None),
        ),
        (Parameter("part"),),
    ),
    plain(
        "host",
        "the host of a URL, lower case, without port",
        of_text(_host_of),
        Case("", "https://Shop.Example:8443/a", "shop.example"),
        Case("", "/a", None),
    ),
)
