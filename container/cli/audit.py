"""What copies would have cost: which purchases were told more than once, and which cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from container.admin.failures import instant

RETRY = "delivery"  # a copy recognised by the sender's id of one delivery

DOUBTS = {
    "two_customers": "different customers share this name: an id that is constant, was used again, or is made up",
    "two_values": "one client told it with different values: two purchases under one name, or an order that was edited",
    "only_hints": "only the customer's traits joined them, and they came one way: one purchase told twice, or two",
    "ambiguous": "it has no order name, and fits several purchases",
    "nameless": "nothing names it: no order name, no link, so no other copy of it can be recognised",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """One copy, as it was told. `where`: the line or the record it stands in."""

    where: str
    at: float
    source: str
    client: str
    name: str  # the order's
    named: bool  # it has an order name or a link
    value: Decimal | None
    currency: str
    matched_by: str
    ambiguous: bool
    customer: Mapping[str, frozenset[str]]  # email, phone …: in forms that can be compared

    def as_json(self) -> dict[str, Any]:
        """As it stands in the output."""
        return {
            "where": self.where,
            "at": instant(self.at),
            "source": self.source,
            "client": self.client,
            "transaction_id": self.name,
            "value": self.value,
            "currency": self.currency,
            "matched_by": self.matched_by,
        }


@dataclass(slots=True)
class Told:
    """One conversion and everything that told of it."""

    id: str
    kind: str
    tellings: list[Telling] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The order's name, where a copy has one."""
        return next((one.name for one in self.tellings if one.name), "")

    @property
    def extra(self) -> Sequence[Telling]:
        """The copies that a container without recognition would have sent once more."""
        return self.tellings[1:]

    @property
    def matched_by(self) -> list[str]:
        """What the further copies were recognised by."""
        return list(dict.fromkeys(one.matched_by for one in self.extra if one.matched_by))

    def doubts(self) -> Iterator[str]:
        """Why it may be none or two, as keys of `DOUBTS`."""
        known = [one for one in self.tellings if one.customer]
        if any(_differ(one.customer, other.customer) for one, other in pairwise(known)):
            yield "two_customers"
        elif any(_worth(one, other) for way in self._ways() for one, other in pairwise(way)):
            yield "two_values"
        if any(self._only_hints(at) for at in range(1, len(self.tellings))):
            yield "only_hints"
        if any(one.ambiguous for one in self.tellings):
            yield "ambiguous"
        elif not any(one.named for one in self.tellings):
            yield "nameless"

    def _ways(self) -> Iterator[list[Telling]]:
        """The copies that came through one client, with what they were worth."""
        for client in {one.client for one in self.tellings}:
            yield [one for one in self.tellings if one.client == client and one.value is not None]

    def _only_hints(self, at: int) -> bool:
        """Whether this copy was joined by what a customer's next purchase would have as well."""
        one, before = self.tellings[at], self.tellings[:at]
        return one.matched_by != RETRY and not one.named and any(other.client == one.client for other in before)


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that was told. `events`: how many were read; `others`: those of no declared conversion.

    `suppressed`: of records, how often each tag was kept from firing again.
    """

    told: Sequence[Told]
    events: int
    others: int = 0
    suppressed: Mapping[str, int] = field(default_factory=dict)

    @property
    def twice(self) -> list[Told]:
        """What was told more than once."""
        return [one for one in self.told if one.extra]

    @property
    def doubtful(self) -> list[tuple[Told, list[str]]]:
        """What cannot be told apart, with the reasons."""
        found = ((one, list(one.doubts())) for one in self.told)
        return [(one, reasons) for one, reasons in found if reasons]

    def as_json(self) -> dict[str, Any]:
        """The output of `--format json`, less the lines that could not be read."""
        return {
            "events": self.events,
            "others": self.others,
            "conversions": len(self.told),
            "sent_too_often": sum(len(one.extra) for one in self.twice),
            "value_too_much": amount(self.twice),
            "suppressed": dict(self.suppressed),
            "twice": [
                {
                    **_named(one),
                    "extra": len(one.extra),
                    "matched_by": one.matched_by,
                    "value_too_much": amount([one]),
                    "copies": [copy.as_json() for copy in one.tellings],
                }
                for one in self.twice
            ],
            "doubts": [
                {**_named(one), "why": why, "reason": DOUBTS[why], "copies": [copy.as_json() for copy in one.tellings]}
                for one, reasons in self.doubtful
                for why in reasons
            ],
        }


def _named(one: Told) -> dict[str, Any]:
    return {"kind": one.kind, "transaction_id": one.name}


def amount(some: Iterable[Told]) -> dict[str, Decimal]:
    """What the further copies are worth, by currency."""
    found: dict[str, Decimal] = {}
    for one in some:
        for copy in one.extra:
            if copy.value is not None:
                found[copy.currency] = found.get(copy.currency, Decimal(0)) + copy.value
    return found


def number(value: Any) -> Decimal | None:
    """An amount, where it is one: `149.90` or 149.9."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _differ(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether they are two people: something that both tell differs, and nothing agrees."""
    shared = [(one[what], other[what]) for what in one.keys() & other.keys()]
    return bool(shared) and all(ours.isdisjoint(theirs) for ours, theirs in shared)


def _worth(one: Telling, other: Telling) -> bool:
    """Whether they are worth different amounts."""
    return (one.value, one.currency) != (other.value, other.currency)
