"""File names and ids that people recognise from GTM, safe on every disk and in every expression."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST = 60
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "đ": "d", "ł": "l", "Ł": "L"})
_WORDS = frozenset(("and", "or", "not", "in", "true", "false", "null"))
_DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))))


def slug(text: str) -> str:
    """`ed - Event Name (GA4)` → `ed_event_name_ga4`; empty where no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:LONGEST].strip("_")


class Names:
    """The ids of one kind, each given once."""

    def __init__(self, kind: str, reserved: Collection[str] = ()) -> None:
        self._kind = kind
        self._taken = {*reserved, *_WORDS, *_DEVICES}
        self._numbers: dict[str, int] = {}  # the last one tried

    def give(self, name: str, id: str = "") -> str:
        """An id nobody has, after the name; after the number where the name has no letters (emoji, Cyrillic)."""
        wanted = slug(name) or f"{self._kind}_{slug(id) or 1}"
        if wanted[0].isdigit():
            wanted = f"{self._kind}_{wanted}"
        found, number = wanted, self._numbers.get(wanted, 1)
        while found in self._taken:
            number += 1
            found = f"{wanted}_{number}"
        self._numbers[wanted] = number
        self._taken.add(found)
        return found
