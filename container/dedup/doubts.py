"""What recognition cannot mend and is told aloud: as a metric, in the record, and on the page of numbers.

`nameless` a copy without an order name · `ambiguous` hints fit several conversions · `reused` an order name told by
another customer, with another amount · `disagree` browser and server tell different amounts · `sent_twice` copies that
shared nothing, until this one connects them, and a tag has fired for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from container.conversion import Conversion
from container.dedup.identity import CLIENT_SORT, Identity, agreeing, values_of
from container.dedup.kinds import Kind
from container.dedup.recognition import Match
from container.dedup.state import State
from container.event import Event
from container.language.expression import Scope
from container.ledger.interface import Known

Said = Mapping[str, set[str]]  # what copies told, by the name of the field or variable


@dataclass(frozen=True, slots=True)
class Doubts:
    """One copy beside what it is a copy of. `earlier`: the stored copies of that."""

    kind: Kind
    identity: Identity
    event: Event
    match: Match
    earlier: Sequence[Event]
    scope_of: Callable[[Event, Conversion | None], Scope]

    def told(self, ledger: Known) -> dict[str, str]:
        """Each doubt with its reason, for the record."""
        found: dict[str, str] = {}
        match, event = self.match, self.event
        if self.kind.key and not self.identity.names and event.name in self.kind.events:
            found["nameless"] = "it carries no order name (`key:`): only links and hints tell what it is a copy of"
        if match.ambiguous:
            chosen = "the one that fits best was chosen" if match.stored else "none fits better, so none was chosen"
            found["ambiguous"] = f"hints fit several conversions: {chosen}"
        if names := self._differing():
            found |= self._of_values(names)
        if len(match.stored) > 1 and (tags := _fired_twice(match, ledger)):
            found["sent_twice"] = f"nothing had connected these conversions, and {', '.join(tags)} has fired for each"
        return found

    def _differing(self) -> list[str]:
        """The names of `agree:` whose value no earlier copy has told."""
        known: dict[str, set[str]] = {}
        for stored in self.match.stored:
            for name, values in stored.state.get("agree", {}).items():
                known.setdefault(name, set()).update(values)
        ours = self.identity.agree or {}
        return [name for name, value in ours.items() if name in known and value not in known[name]]

    def _of_values(self, names: Sequence[str]) -> dict[str, str]:
        if self._only_by_bare_name() and self._another_customer():
            words = " and ".join(names)
            return {"reused": f"its order name was told before, by another customer and with another {words}"}
        here = self.event.request.source
        there = "server" if here == "browser" else "browser"
        ours = self._amounts([self.event, *(copy for copy in self.earlier if copy.request.source == here)])
        theirs = self._amounts(copy for copy in self.earlier if copy.request.source == there)
        parted = [name for name in names if name in theirs and ours[name].isdisjoint(theirs[name])]
        told = (f"{name} is {_listed(ours[name])} by {here} and {_listed(theirs[name])} by {there}" for name in parted)
        return {"disagree": "; ".join(told)} if parted else {}  # else an order that was edited

    def _only_by_bare_name(self) -> bool:
        """Whether its order name is known, and no name of a sort that the sender keeps apart vouches for it."""
        sorts: dict[str, set[str]] = {}
        for stored in self.match.stored:
            for sort, hashes in stored.state.get("names", {}).items():
                sorts.setdefault(sort, set()).update(hashes)
        known = set().union(*sorts.values())
        shared = [mark for mark in self.identity.names if mark.hash.hex() in known]
        vouched = (mark.hash.hex() in sorts.get(mark.sort, ()) for mark in shared if mark.sort[:1] != CLIENT_SORT)
        return bool(shared) and not any(vouched)

    def _another_customer(self) -> bool:
        """Whether nothing of the customer is the same though both tell some; so too when the copies are long gone."""
        if not self.earlier:
            return True
        ours, theirs = self._customer([self.event]), self._customer(self.earlier)
        both = ours.keys() & theirs.keys()
        return bool(both) and all(ours[name].isdisjoint(theirs[name]) for name in both)

    def _customer(self, copies: Iterable[Event]) -> Said:
        said: dict[str, set[str]] = {}
        for copy in copies:
            scope = self.scope_of(copy, None)
            for ref in self.kind.customer:
                if told := {text for _, text in values_of(ref, copy, scope)}:
                    said.setdefault(ref.name, set()).update(told)
        return said

    def _amounts(self, copies: Iterable[Event]) -> Said:
        said: dict[str, set[str]] = {}
        for copy in copies:
            for name, value in agreeing(self.kind, self.scope_of(copy, None)).items():
                said.setdefault(name, set()).add(value)
        return said


def _listed(values: Iterable[str]) -> str:
    return " or ".join(sorted(values)[:3])


def _fired_twice(match: Match, ledger: Known) -> list[str]:
    """The tags that have fired for one target in several of the conversions that are one."""
    firings = [one for stored in match.stored for one in ledger.firings(stored.number).values() if one.state != "void"]
    targets = Counter(firing.target for firing in firings)
    return sorted({firing.tag for firing in firings if targets[firing.target] > 1})


def names_itself(state: State) -> bool:
    """Whether a browser copy has given the order's name."""
    return bool(state.get("page"))


def is_met(state: State) -> bool:
    """Whether a browser copy has named the order and a server copy is one with it."""
    return names_itself(state) and any(source == "server" for _, _, source, *_ in state.get("copies", ()))
