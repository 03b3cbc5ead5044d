"""`hashed(rule)`: SHA-256 of a vendor's normal form. Rules, not vendors: several vendors share one.

A value that is a SHA-256 already (64 hex digits) passes in lower case, unless it is that of nothing. An MD5 is no value
of any rule but `id`, where 32 hex digits may be somebody's user id. What programs write for an absent value
(`undefined`, `null`) is none either.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import container.language.normalisers.countries as countries
import container.language.normalisers.people as people
import container.language.normalisers.phones as phones
from container.language.normalisers.base import Apply, Case, Normaliser, Parameter
from container.language.values import as_text

_LONGEST = 1000  # characters; longer ones are no name, address or id
_REMEMBERED = 2048  # values of each rule, none longer than …
_LONGEST_REMEMBERED = 100  # … characters: the caches stay below 10 MB whatever arrives

_sha256 = re.compile(r"[0-9a-f]{64}")
_md5 = re.compile(r"[0-9a-f]{32}")
# What pages make that hash before they look: all their visitors without an e-mail would be one person.
_OF_NOTHING = frozenset(hashlib.sha256(text.encode()).hexdigest() for text in ("", " ", *people.PLACEHOLDERS))

Rule = Callable[[str], str | None]

_RULES: dict[str, tuple[str, Rule]] = {
    "email": ("trimmed, lower case; must look like x@y.z (Meta, TikTok)", people.email),
    "email_gmail": ("also no blanks, exactly one @; Gmail addresses without dots and +… (Google)", people.email_gmail),
    "phone_digits": (
        "E.164 without the + (Meta)",
        lambda text: (phones.e164(text) or "").removeprefix("+") or None,
    ),
    "phone_e164": ("E.164 with the + (TikTok, Google)", phones.e164),
    "name": ("trimmed, lower case (Meta, Google)", people.name),
    "name_letters": ("lower case, letters and single blanks only (TikTok, GA4)", people.name_letters),
    "street": ("lower case, letters, digits and blanks only (Google)", people.street),
    "city_letters": ("lower case, letters only (Meta)", people.letters),
    "state": ("lower case, letters only; US states as two letters (Meta)", people.state),
    "zip": ("lower case, no blanks, the part before -; US codes: the first five (Meta)", people.postal_code),
    "zip_us": ("lower case, no blanks and dashes; US codes: the first five (TikTok)", people.zip_us),
    "country": ("ISO 3166 two letters, lower case; also of a name or three letters (Meta)", countries.country_code),
    "birthday": ("YYYYMMDD (Meta)", people.birthday),
    "gender": ("f or m (Meta)", people.gender),
    "id": ("trimmed; none for `0`, `guest` and the like (external ids)", people.identifier),
}
RULE_HELP: dict[str, str] = {name: help_ for name, (help_, _) in _RULES.items()}


def _normal_form(rule: str) -> Callable[[Any], str | None]:
    function = _RULES[rule][1]

    def normal_form(value: Any) -> str | None:
        text = _readable(value)
        if text is None or _sha256.fullmatch(text.lower()):
            return None
        if text.lower() in people.PLACEHOLDERS or (rule != "id" and _md5.fullmatch(text.lower())):
            return None
        return function(text) or None

    return normal_form


def _readable(value: Any) -> str | None:
    if isinstance(value, bool | list | Mapping):
        return None
    text = value if value.__class__ is str else as_text(value)
    if not text or len(text) > _LONGEST:
        return None
    return text.strip() or None


HASH_RULES: dict[str, Callable[[Any], str | None]] = {rule: _normal_form(rule) for rule in _RULES}


def _hasher(rule: str) -> Callable[[str], str | None]:
    normal_form = HASH_RULES[rule]

    def hash_text(text: str) -> str | None:
        already = text.strip().lower()
        if _sha256.fullmatch(already):
            return None if already in _OF_NOTHING else already
        normal = normal_form(text)
        try:
            return hashlib.sha256(normal.encode()).hexdigest() if normal else None
        except UnicodeEncodeError:  # half a character
            return None

    return hash_text


_HASHERS = {rule: _hasher(rule) for rule in _RULES}
_REMEMBERING = {rule: lru_cache(maxsize=_REMEMBERED)(hasher) for rule, hasher in _HASHERS.items()}


def hashed(rule: str, value: Any) -> str | None:
    """SHA-256 hex of the value's normal form; a SHA-256 passes in lower case; None where the value is not valid."""
    found: str | None = _bind(rule)(value)
    return found


def _bind(rule: str) -> Apply:
    hash_text, remembering = _HASHERS[rule], _REMEMBERING[rule]

    def apply(value: Any) -> str | None:
        if value.__class__ is not str:
            value = _readable(value)
        if not value or len(value) > _LONGEST:
            return None
        return remembering(value) if len(value) <= _LONGEST_REMEMBERED else hash_text(value)

    return apply


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_CASES = (
    Case("email", " John_Smith@gmail.com ", _sha("john_smith@gmail.com")),
    Case("email", _sha("mary").upper(), _sha("mary")),
    Case("email", _sha(""), None),
    Case("email", "not-an-email", None),
    Case("email_gmail", "John.Smith+shop@Gmail.com", _sha("johnsmith@gmail.com")),
    Case("email_gmail", "a b@example.com", None),
    Case("phone_digits", "+1 (650) 555-1212", _sha("16505551212")),
    Case("phone_e164", "+1 (650) 555-1212", _sha("+16505551212")),
    Case("phone_e164", "030 123456", None),
    Case("name", " Mary-Jane O'Neil ", _sha("mary-jane o'neil")),
    Case("name_letters", " Mary-Jane O'Neil ", _sha("maryjane oneil")),
    Case("street", "1, Hacker Way", _sha("1 hacker way")),
    Case("city_letters", "St. Gallen", _sha("stgallen")),
    Case("state", "California", _sha("ca")),
    Case("state", "Nordrhein-Westfalen", _sha("nordrheinwestfalen")),
    Case("zip", "94025-1234", _sha("94025")),
    Case("zip", "M1 1AE", _sha("m11ae")),
    Case("zip_us", "94025-1234", _sha("94025")),
    Case("zip_us", "00-950", _sha("00950")),
    Case("country", "US", _sha("us")),
    Case("country", "Germany", _sha("de")),
    Case("country", "Atlantis", None),
    Case("birthday", "1997-02-16", _sha("19970216")),
    Case("gender", "Female", _sha("f")),
    Case("id", " User-4711 ", _sha("User-4711")),
    Case("id", 4711, _sha("4711")),
    Case("id", "undefined", None),
    Case("email", ["a@example.com", "A@example.com", None], [_sha("a@example.com")]),
)

NORMALISERS = (
    Normaliser(
        "hashed",
        "SHA-256 of the normal form a vendor asks for; a SHA-256 passes, an invalid value is absent",
        _bind,
        _CASES,
        (Parameter("rule", choices=tuple(_RULES)),),
    ),
)
