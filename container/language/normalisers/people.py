"""Normal forms of personal data, before they are hashed. Each takes trimmed text; None where it is not valid."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_blank = re.compile(r"\s")
_no_word = re.compile(r"[^\w\s]|_")
_zip_plus_four = re.compile(r"[0-9]{5}-?[0-9]{4}", re.ASCII)
_year_first = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})(?:[T ].*)?", re.ASCII)
_year_last = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})", re.ASCII)

# What programs write for an absent value; `null` is a surname too, but far more often it is none.
PLACEHOLDERS = frozenset(("undefined", "null", "(null)", "[object object]", "(not set)", "not set", "n/a"))
NOBODY = frozenset(("0", "none", "(none)", "nan", "nil", "true", "false", "guest", "anonymous"))  # as an id

_GMAIL = ("gmail.com", "googlemail.com")
_FEMALE = (
    "f female woman girl mrs ms miss weiblich frau femme féminin feminin madame mujer femenino mulher feminino donna "
    "femminile vrouw vrouwelijk kvinne kvinna kvinde kobieta"
)
_MALE = (
    "m male man boy mr männlich maennlich mann herr homme masculin monsieur hombre masculino homem uomo maschile "
    "mannelijk mężczyzna"
)
_GENDERS = {**dict.fromkeys(_FEMALE.split(), "f"), **dict.fromkeys(_MALE.split(), "m")}


def email(text: str) -> str | None:
    """Lower case; must look like x@y.z."""
    text = text.lower()
    line = text.partition("\n")[0]
    at = line.find("@", 1)
    dot = line.find(".", at + 2) if at > 0 else -1
    return text if 0 < dot < len(line) - 1 else None


def email_gmail(text: str) -> str | None:
    """Google's form: lower case, one @, no blanks; Gmail's local part without dots and `+…`."""
    local, at, domain = text.lower().partition("@")
    if not at or "@" in domain or not domain or _blank.search(text):
        return None
    if domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}" if local else None


def name(text: str) -> str:
    """Lower case; punctuation stays."""
    return text.lower()


def letters(text: str) -> str:
    """Lower case, nothing but letters."""
    return "".join(sign for sign in text.lower() if _is_letter(sign))


def name_letters(text: str) -> str:
    """Lower case, letters and single blanks."""
    return " ".join("".join(sign for sign in text.lower() if _is_letter(sign) or sign.isspace()).split())


def street(text: str) -> str:
    """Lower case, letters, digits and blanks, as Google's own library has it."""
    return _no_word.sub("", text.lower())


def _is_letter(sign: str) -> bool:
    return sign.isalpha() or unicodedata.category(sign).startswith("M")


def state(text: str) -> str:
    """Letters only; a US state by its two letters."""
    text = text.lower()
    if text.startswith("us-") and len(text) == 5:
        text = text[3:]
    found = letters(text)
    return _US_STATES.get(found, found)


def postal_code(text: str) -> str:
    """Lower case, no blanks, the part before the first dash; of ZIP+4 the first five."""
    text = _blank.sub("", text.lower())
    return text[:5] if _zip_plus_four.fullmatch(text) else text.partition("-")[0]


def zip_us(text: str) -> str:
    """Lower case, no blanks and dashes; of ZIP+4 the first five."""
    text = _blank.sub("", text.lower())
    return text[:5] if _zip_plus_four.fullmatch(text) else text.replace("-", "")


def birthday(text: str) -> str | None:
    """YYYYMMDD; a date whose day and month cannot be told apart is none."""
    match = _year_first.fullmatch(text)
    if match and (match[2] or len(match[3] + match[4]) == 4):
        return _date(match[1], match[3], match[4])
    match = _year_last.fullmatch(text)
    if match is None:
        return None
    first, separator, second, year = match.groups()
    if separator == "." or int(first) > 12:
        return _date(year, second, first)
    return _date(year, first, second) if int(second) > 12 or first == second else None


def _date(year: str, month: str, day: str) -> str | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return f"{found:%Y%m%d}" if found.year >= 1900 else None


def gender(text: str) -> str | None:
    """`f` or `m`, where the word says so."""
    return _GENDERS.get(text.lower().rstrip("."))


def identifier(text: str) -> str | None:
    """As it is; what stands for nobody is none: all who are nobody would else count as one person."""
    return None if text.lower() in NOBODY else text


def named(text: str) -> str | None:
    """An id that is neither a placeholder nor somebody nobody knows."""
    text = text.strip()
    return None if text.lower() in PLACEHOLDERS else identifier(text) or None


_US_STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "districtofcolumbia": "dc", "florida": "fl", "georgia": "ga",
    "hawaii": "hi", "idaho": "id", "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks",
    "kentucky": "ky", "louisiana": "la", "maine": "me", "maryland": "md", "massachusetts": "ma", "michigan": "mi",
    "minnesota": "mn", "mississippi": "ms", "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv",
    "newhampshire": "nh", "newjersey": "nj", "newmexico": "nm", "newyork": "ny", "northcarolina": "nc",
    "northdakota": "nd", "ohio": "oh", "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa", "puertorico": "pr",
    "rhodeisland": "ri", "southcarolina": "sc", "southdakota": "sd", "tennessee": "tn", "texas": "tx",
    "utah": "ut", "vermont": "vt", "virginia": "va", "washington": "wa", "washingtondc": "dc", "westvirginia": "wv",
    "wisconsin": "wi", "wyoming": "wy",
}  # fmt: skip
