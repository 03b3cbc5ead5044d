"""Normalisers of text."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from container.language.normalisers.base import (
    Apply,
    BadArgument,
    Case,
    Normaliser,
    Parameter,
    of_text,
    plain,
)
from container.language.normalisers.people import name_letters, named, street
from container.language.patterns import BadPattern, Pattern
from container.language.values import as_text, is_mapping

_LONGEST_SLUG = 100  # characters
_WORDS_OF_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _boolean(text: str) -> bool | None:
    return _WORDS_OF_TRUTH.get(text.strip().lower())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _matching(pattern: str) -> Apply:
    try:
        whole = Pattern(f"^(?:{pattern})$")
    except BadPattern as problem:
        raise BadArgument(f"`matching` needs a regular expression: {problem}") from None
    return of_text(lambda text: text if whole.holds(text) else None)


def _replace(old: Any, new: Any) -> Apply:
    before, after = as_text(old), as_text(new)
    if not before:
        raise BadArgument("`replace` needs the text to be replaced, which may not be empty")
    return of_text(lambda text: text.replace(before, after or ""))


def _strip_prefix(prefixes: tuple[str, ...]) -> Apply:
    def strip(text: str) -> str:
        for prefix in prefixes:
            if text.startswith(prefix):
                return text[len(prefix) :]
        return text

    return of_text(strip)


def _split(separator: Any) -> Apply:
    mark = as_text(separator)
    if not mark:
        raise BadArgument("`split` needs the text between the parts: split(',')")

    def split(value: Any) -> Any:
        if isinstance(value, list):
            return [part for item in value for part in split(item) or ()]
        text = as_text(value)
        return [part for part in map(str.strip, text.split(mark)) if part] if text else None

    return split


def _join(separator: Any) -> Apply:
    mark = as_text(separator) or ""

    def join(value: Any) -> Any:
        if not isinstance(value, list):
            return as_text(value)
        return mark.join(text for text in map(as_text, value) if text) or None

    return join


def _position(value: Any, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadArgument(f"`slice` needs a whole number as {name}: slice(0, 5)")


def _slice(start: Any, end: Any) -> Apply:
    part = slice(_position(start, "start"), _position(end, "end"))

    def cut(value: Any) -> Any:
        if isinstance(value, list):
            return value[part]
        if value.__class__ is not str and is_mapping(value):
            return dict(list(value.items())[part])
        text = as_text(value)
        return text[part] if text else None

    return cut


_no_letter = re.compile(r"[^a-z0-9]+")


def _slug(text: str) -> str | None:
    return _no_letter.sub("_", text.lower()[:_LONGEST_SLUG]).strip("_") or None


_SEPARATOR = Parameter("separator", "value")

NORMALISERS = (
    plain(
        "text",
        "the value as text; numbers as JavaScript prints them",
        as_text,
        Case("", 10, "10"),
        Case("", 149.90, "149.9"),
        Case("", True, "true"),
        Case("", [7, "7", 8], ["7", "8"]),
        Case("", None, None),
    ),
    plain(
        "lower",
        "in lower case",
        of_text(str.lower),
        Case("", "EUR", "eur"),
        Case("", ["A", "a", "B"], ["a", "b"]),
    ),
    plain("upper", "in upper case", of_text(str.upper), Case("", "eur", "EUR"), Case("", None, None)),
    plain(
        "trim",
        "without blanks at both ends",
        of_text(lambda text: text.strip() or None),
        Case("", "  Mary ", "Mary"),
        Case("", "   ", None),
    ),
    plain(
        "slug",
        "a name of small letters, digits and `_`, of up to 100 characters of the text",
        of_text(_slug),
        Case("", "orders/partially-Fulfilled", "orders_partially_fulfilled"),
        Case("", "///", None),
    ),
    plain(
        "digits",
        "its ASCII digits only",
        of_text(lambda text: "".join(sign for sign in text if sign in "0123456789") or None),
        Case("", "123-456-7890", "1234567890"),
        Case("", "none", None),
    ),
    plain(
        "letters",
        "in lower case, letters and single blanks only",
        of_text(lambda text: name_letters(text) or None),
        Case("", " St. Gallen 2 ", "st gallen"),
        Case("", "L'Aquila", "laquila"),
        Case("", "75001", None),
    ),
    plain(
        "identifier",
        "an id, trimmed; absent where it stands for nobody: undefined, null, 0, guest and the like",
        of_text(named),
        Case("", " User-4711 ", "User-4711"),
        Case("", 4711, "4711"),
        Case("", "undefined", None),
        Case("", "0", None),
    ),
    plain(
        "words",
        "in lower case, letters, digits and blanks only",
        of_text(lambda text: street(text.strip()) or None),
        Case("", " Washington, D.C. 20500 ", "washington dc 20500"),
        Case("", "?", None),
    ),
    Normaliser(
        "matching",
        "the text, where all of it fits this regular expression (RE2); else absent",
        _matching,
        (
            Case("'[0-9]{15,17}'", "1234567890123456", "1234567890123456"),
            Case("'fb[.][0-9][.][0-9]{13}[.].+'", "fb.1.1795341600000.109", "fb.1.1795341600000.109"),
            Case("'fb[.][0-9][.][0-9]{13}[.].+'", "undefined", None),
        ),
        (Parameter("pattern"),),
    ),
    plain(
        "boolean",
        "true for true, 1, yes; false for false, 0, no; else absent",
        of_text(_boolean),
        Case("", "Yes", True),
        Case("", 0, False),
        Case("", "maybe", None),
    ),
    Normaliser(
        "replace",
        "every `old` replaced by `new`",
        _replace,
        (Case("'-', ''", "12-34", "1234"), Case("' ', '_'", ["a b", "a_b"], ["a_b"])),
        (Parameter("old", "value"), Parameter("new", "value")),
    ),
    Normaliser(
        "strip_prefix",
        "without the first of these prefixes that fits",
        _strip_prefix,
        (Case("'AW-'", "AW-123", "123"), Case("'shopify_', 'wc_'", "wc_7", "7"), Case("'AW-'", 5, "5")),
        (Parameter("prefix", "words"),),
    ),
    Normaliser(
        "split",
        "a list of the parts between the separators, trimmed; empty parts are dropped",
        _split,
        (Case("','", "a, b,,c", ["a", "b", "c"]), Case("'|'", None, None)),
        (_SEPARATOR,),
        whole=True,
    ),
    Normaliser(
        "join",
        "one text of all present elements",
        _join,
        (Case("','", ["a", None, 2], "a,2"), Case("','", "a", "a"), Case("','", [], None)),
        (_SEPARATOR,),
        whole=True,
    ),
    Normaliser(
        "slice",
        "the part from `start` (0 is the first) up to, not including, `end`: of a text, a list or a mapping",
        _slice,
        (
            Case("0, 2", "DE-BE", "DE"),
            Case("1", [1, 2, 3], [2, 3]),
            Case("-4", "abcdef", "cdef"),
            Case("0, 1", {"a": 1, "b": 2}, {"a": 1}),
        ),
        (Parameter("start", "value"), Parameter("end", "value", required=False)),
        whole=True,
    ),
    plain(
        "sha256",
        "SHA-256 in lower-case hex of the text as it is; for personal data use `hashed(rule)`",
        of_text(_sha256),
        Case("", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Case("", None, None),
    ),
)
