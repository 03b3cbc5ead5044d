"""The consent string of the IAB's Transparency and Consent Framework, version 2, and what it grants.

Format: IAB Tech Lab, "Consent string and vendor list formats v2". What purposes mean for Google's consent types is
Google's own table ("Consent mode TCF integration"): 1 ad_storage, 1 and 7 ad_user_data, 3 and 4 ad_personalization.
TCF has no word for analytics_storage; purposes 1 and 8 (measure content performance) stand for it here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from container.signals.bits import Bits, Broken

LONGEST = 8000  # characters
REMEMBERED = 256  # strings
PURPOSES = {"ad_storage": (1,), "ad_user_data": (1, 7), "ad_personalization": (3, 4)}
NOT_ALLOWED = 0  # a publisher's restriction
VENDOR_NEEDS = frozenset((1, 7))  # the purposes without which a vendor may get nothing


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendors a part of the string names: single ones, or ranges from and to."""

    single: frozenset[int] = frozenset()
    ranges: tuple[tuple[int, int], ...] = ()

    def __contains__(self, vendor: int) -> bool:
        return vendor in self.single or any(first <= vendor <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the publisher forbids or asks of vendors for one purpose."""

    purpose: int
    kind: int  # 0 not allowed, 1 by consent only, 2 by legitimate interest only
    vendors: Vendors


@dataclass(frozen=True, slots=True)
class Tcf:
    """The core segment of a string, decoded."""

    version: int
    created: datetime
    updated: datetime
    cmp_id: int
    cmp_version: int
    screen: int
    language: str
    vendor_list: int
    policy: int
    service_specific: bool
    special_features: frozenset[int]
    purposes: frozenset[int]  # by consent
    legitimate: frozenset[int]  # purposes by legitimate interest, not objected to
    purpose_one_treatment: bool
    publisher_country: str
    vendors: Vendors
    legitimate_vendors: Vendors
    restrictions: tuple[Restriction, ...]

    def grants(self) -> dict[str, bool]:
        """What it says of Google's consent types."""
        found = {type: all(one in self.purposes for one in needed) for type, needed in PURPOSES.items()}
        return {**found, "analytics_storage": 1 in self.purposes and 8 in self.purposes | self.legitimate}

    def allows(self, vendor: int) -> bool:
        """Whether the vendor has the visitor's consent and no restriction takes it away."""
        return vendor in self.vendors and not any(
            one.kind == NOT_ALLOWED and one.purpose in VENDOR_NEEDS and vendor in one.vendors
            for one in self.restrictions
        )


@lru_cache(REMEMBERED)
def decode(text: str) -> Tcf | None:
    """The string's core segment; None where it is no TCF string of version 2."""
    if len(text) > LONGEST:
        return None
    try:
        return _core(Bits(text.partition(".")[0]))
    except (Broken, ValueError, OverflowError):
        return None


def _core(bits: Bits) -> Tcf:
    version = bits.number(6)
    if version != 2:
        raise Broken("it is of another version")
    return Tcf(
        version=version,
        created=_time(bits),
        updated=_time(bits),
        cmp_id=bits.number(12),
        cmp_version=bits.number(12),
        screen=bits.number(6),
        language=bits.letters(2),
        vendor_list=bits.number(12),
        policy=bits.number(6),
        service_specific=bits.flag(),
        special_features=_after_flag(bits),
        purposes=bits.places(24),
        legitimate=bits.places(24),
        purpose_one_treatment=bits.flag(),
        publisher_country=bits.letters(2),
        vendors=_vendors(bits),
        legitimate_vendors=_vendors(bits),
        restrictions=tuple(_restriction(bits) for _ in range(bits.number(12))),
    )


def _time(bits: Bits) -> datetime:
    return datetime.fromtimestamp(bits.number(36) / 10, UTC)


def _after_flag(bits: Bits) -> frozenset[int]:
    """Special features, behind the flag for texts of the CMP's own."""
    bits.flag()
    return bits.places(12)


def _vendors(bits: Bits) -> Vendors:
    most = bits.number(16)
    return _ranges(bits) if bits.flag() else Vendors(bits.places(most))


def _ranges(bits: Bits) -> Vendors:
    found = []
    for _ in range(bits.number(12)):
        is_range, first = bits.flag(), bits.number(16)
        found.append((first, bits.number(16) if is_range else first))
    return Vendors(ranges=tuple(found))


def _restriction(bits: Bits) -> Restriction:
    return Restriction(bits.number(6), bits.number(2), _ranges(bits))


def additional(text: str) -> Collection[str] | None:
    """The ids in Google's additional consent string `2~1.35.41~dv.9.21`; None where it is none."""
    version, tilde, rest = text[:LONGEST].partition("~")
    return frozenset(rest.partition("~")[0].split(".")) if tilde and version in ("1", "2") else None
