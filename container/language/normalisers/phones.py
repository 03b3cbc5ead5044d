"""The door to libphonenumber: telephone numbers as E.164."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from unicodedata import decimal

import phonenumbers

from container.language.normalisers.base import Apply, BadArgument, Case, Normaliser, Parameter
from container.language.normalisers.countries import country_code
from container.language.values import as_text

_LONGEST = 60  # characters of a number with all its decoration
_REMEMBERED = 4096
_hash = re.compile(r"[0-9a-fA-F]{64}")
_not_digit = re.compile(r"[^0-9]")
_letter = re.compile(r"[^\W\d_]")
_extension = re.compile(r"[\s,;]*(?:ext|extension|x|#)[.:]?\s*[0-9]{1,7}$", re.IGNORECASE)
_old_mexican = re.compile(r"\+521[0-9]{10}")  # the 1 before a mobile number has not been dialled since 2019


def e164(text: str, region: str = "") -> str | None:
    """`+4930123456`; None where it is no number.

    A number without `+` or `00` is read as national in `region`. Without a region it counts only where its digits are
    a valid international number as they stand.
    """
    return _e164(text, region) if len(text) <= _LONGEST else None


@lru_cache(maxsize=_REMEMBERED)
def _e164(text: str, region: str) -> str | None:
    text = _plain(text)
    if _letter.search(text):
        return None
    if text.startswith("+"):
        return _formatted(text, None, strictly=False)
    international = f"+{_not_digit.sub('', text)}"
    if not region:
        return _formatted(international, None, strictly=True)
    if international.startswith(f"+{phonenumbers.country_code_for_region(region)}"):
        found = _formatted(international, None, strictly=True)
        if found:
            return found
    return _formatted(text, region, strictly=False)


def _plain(text: str) -> str:
    """In ASCII digits, without extension, an international number with its `+`."""
    text = "".join(str(decimal(sign, sign)) for sign in text.strip().removeprefix("tel:").replace("＋", "+"))
    text = _extension.sub("", text)
    if text.startswith("00"):
        text = f"+{text[2:]}"
    mexican = text.startswith("+") and f"+{_not_digit.sub('', text)}"
    return f"+52{mexican[4:]}" if mexican and _old_mexican.fullmatch(mexican) else text


def _formatted(text: str, region: str | None, strictly: bool) -> str | None:
    try:
        found = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    known = phonenumbers.is_valid_number if strictly else phonenumbers.is_possible_number
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164) if known(found) else None


def _default_region(region: Any) -> Apply:
    code = (as_text(region) or "").strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        code = (country_code(code) or code).upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise BadArgument(f"`{code}` is no region: write two letters, as in default_region('DE')")

    def apply(value: Any) -> str | None:
        text = as_text(value)
        if not text:
            return None
        return text.strip() if _hash.fullmatch(text.strip()) else e164(text, code)

    return apply


NORMALISERS = (
    Normaliser(
        "default_region",
        "a telephone number as E.164, a national one read as of this region; a hash passes",
        _default_region,
        (
            Case("'DE'", "030 123456", "+4930123456"),
            Case("'US'", "(650)555-1212", "+16505551212"),
            Case("'DE'", "+44 (0)20 7946 0018", "+442079460018"),
            Case("'DE'", "0049 30 123456", "+4930123456"),
            Case("'DE'", "4915112345678", "+4915112345678"),
            Case("'Germany'", "030 123456", "+4930123456"),
            Case("'DE'", "abc", None),
        ),
        (Parameter("region", "value"),),
    ),
)
