"""What may not leave as it is: a value that should be a hash and is none, an e-mail address anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from container.errors import Invalid

Key = str | int
Keys = tuple[Key, ...]
ANY = "*"  # any element of a list, any member of a mapping
Places = dict[Key, Any]  # member → Places, or the rule where a hash has to be

_HASH = re.compile(r"[0-9a-f]{64}")
# Begins at the @ and looks one character back: a search from each character on would take quadratic time.
_EMAIL = re.compile(
    r"(?<=[^\s@/?&=#\"'<>(),;:\\%])(?:@|%(?:25)*40)(?!\dx\.)[^\W_](?:[\w-]*[^\W_])?(?:\.[\w-]+)*\.[^\W\d_]{2,}"
)


def hashed_places(places: Sequence[tuple[Keys, str]]) -> Places | str:
    """The places as a tree; one rule where the whole value is such a place."""
    root: Places = {}
    for path, rule in sorted(places, key=lambda found: len(found[0])):
        if not path:
            return rule
        below: Any = root
        for key in path[:-1]:
            below = below.setdefault(key, {}) if isinstance(below, dict) else below
        if isinstance(below, dict):
            below[path[-1]] = rule
    return root


def check_hashes(value: Any, places: Places | str, path: Keys, at: str) -> None:
    """Raises `Invalid` where something in `value` stands at one of `places` and is no SHA-256."""
    if isinstance(places, str):
        _check_hash(value, places, path, at)
    elif isinstance(value, dict):
        for key, below in places.items():
            if key in value:
                check_hashes(value[key], below, (*path, key), at)
    elif isinstance(value, list) and ANY in places:
        for index, item in enumerate(value):
            check_hashes(item, places[ANY], (*path, index), at)


def is_hash(value: Any) -> bool:
    """SHA-256 in lower-case hex."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _check_hash(value: Any, rule: str, path: Keys, at: str) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_hash(item, rule, (*path, index), at)
    elif not is_hash(value):
        raise Invalid(written(at, path), f"here goes a SHA-256 (hashed({rule})), and this is none")


def looks_like_email(text: str) -> bool:
    """Whether an e-mail address stands anywhere in the text, percent-encoded or not."""
    return _EMAIL.search(text) is not None


def check_emails(value: Any, at: str, path: Keys = ()) -> None:
    """Raises `Invalid` where a text (or a key) in `value` holds an e-mail address."""
    if isinstance(value, str):
        if looks_like_email(value):
            raise Invalid(written(at, path), "this holds an e-mail address, which may only be sent hashed")
    elif isinstance(value, Mapping):
        for key, member in value.items():
            check_emails(key, at, path)
            check_emails(member, at, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_emails(item, at, (*path, index))


def written(at: str, path: Sequence[Key]) -> str:
    """`json.data[0].user_data.em`."""
    return at + "".join(f"[{key}]" if isinstance(key, int) or key == ANY else f".{key}" for key in path)
