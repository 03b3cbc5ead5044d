"""Google's consent strings `gcs` and `gcd`: what a hit states about consent.

Google publishes no table; the letters of `gcd` follow from their position in base64url: bits `10 dd uu` hold the
default and the update, each 01 unset, 10 denied, 11 granted, and an update beats the default.
"""

from __future__ import annotations

GCD_TYPES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
GCS_TYPES = GCD_TYPES[:2]
LETTERS = {"l": None, "m": False, "n": True, "p": False, "q": False, "r": True, "t": True, "u": False, "v": True}
DIGITS = {"1": True, "0": False, "-": None}
FIRST_LETTER = 2  # `gcd` is `1` and a digit, then a letter and a digit for each type


def stated(gcs: str, gcd: str) -> dict[str, bool]:
    """The consent types about which the hit says something, True for granted.

    `gcd` counts, and `gcs` where `gcd` says nothing or in a letter nobody knows. Where the two contradict each
    other the refusal counts. Types that are unset are absent.
    """
    found = read_gcd(gcd)
    for name, granted in read_gcs(gcs).items():
        found[name] = found.get(name, granted) and granted
    return found


def read_gcs(gcs: str) -> dict[str, bool]:
    """`G1` and one character each for ad_storage and analytics_storage: 1, 0 or `-`."""
    if len(gcs) != 4 or not gcs.startswith("G1"):
        return {}
    read = {name: DIGITS.get(gcs[2 + at]) for at, name in enumerate(GCS_TYPES)}
    return {name: granted for name, granted in read.items() if granted is not None}


def read_gcd(gcd: str) -> dict[str, bool]:
    """The four types of a `gcd`, those that are unset or in an unknown letter left out."""
    if not gcd.startswith("1"):
        return {}
    read = {name: LETTERS.get(gcd[FIRST_LETTER + 2 * at :][:1]) for at, name in enumerate(GCD_TYPES)}
    return {name: granted for name, granted in read.items() if granted is not None}
