"""Google's consent strings `gcs` and `gcd`: what a hit states about consent.

Google publishes no table; the letters of `gcd` follow from their position in base64url: bits `10 dd uu` hold the
default and the update, each 01 unset, 10 denied, 11 granted, and an update beats the default.
"""

from __future__ import annotations

from functools import lru_cache

GCD_TYPES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
GCS_TYPES = GCD_TYPES[:2]
LATER_TYPES = GCD_TYPES[2:]
LETTERS = {"l": None, "m": False, "n": True, "p": False, "q": False, "r": True, "t": True, "u": False, "v": True}
DIGITS = {"1": True, "0": False, "-": None}
GCS_LENGTH = 4
FIRST_LETTER = 2  # `gcd` is `1` and a digit, then a letter and a digit for each type
GCD_READ = FIRST_LETTER + 2 * len(GCD_TYPES)  # characters of a `gcd` that say something
REMEMBERED = 1024  # pairs of both


def stated(gcs: str, gcd: str) -> dict[str, bool]:
    """The consent types about which the hit says something, True for granted.

    `gcd` counts, and `gcs` where `gcd` says nothing or in a letter nobody knows. Where the two contradict each
    other the refusal counts. Types that are unset are absent. A hit without any `gcd` is of the time before
    ad_user_data and ad_personalization: its ad_storage speaks for them, as it did then.
    """
    return dict(_stated(gcs[: GCS_LENGTH + 1], gcd[:GCD_READ]))


@lru_cache(REMEMBERED)
def _stated(gcs: str, gcd: str) -> dict[str, bool]:
    found = read_gcd(gcd)
    for name, granted in read_gcs(gcs).items():
        found[name] = found.get(name, granted) and granted
    if not gcd and "ad_storage" in found:
        found.update(dict.fromkeys(LATER_TYPES, found["ad_storage"]))
    return found


def read_gcs(gcs: str) -> dict[str, bool]:
    """`G1` and one character each for ad_storage and analytics_storage: 1, 0 or `-`."""
    if len(gcs) != GCS_LENGTH or not gcs.startswith("G1"):
        return {}
    read = {name: DIGITS.get(gcs[2 + at]) for at, name in enumerate(GCS_TYPES)}
    return {name: granted for name, granted in read.items() if granted is not None}


def read_gcd(gcd: str) -> dict[str, bool]:
    """The four types of a `gcd`, those that are unset or in an unknown letter left out."""
    if not gcd.startswith("1"):
        return {}
    read = {name: LETTERS.get(gcd[FIRST_LETTER + 2 * at :][:1]) for at, name in enumerate(GCD_TYPES)}
    return {name: granted for name, granted in read.items() if granted is not None}
