"""The names, links and hints that one copy carries, in the form in which the store knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from typing import Any

from container.dedup.keys import Keys
from container.dedup.kinds import Kind, Ref
from container.event import CLICK_IDS, Event, meta_click
from container.language.expression import Scope, as_text, present
from container.language.normalisers import hashed, people
from container.masking import masked_text

PLACEHOLDERS = people.PLACEHOLDERS | people.NOBODY | {""}
CLIENT_SORT = "~"  # before a client's id: the sort of the names that it gives without one
LONGEST = 512  # characters of a name
MOST = 50  # values of one variable that are names or hints
PERSON = ("email", "phone", "user_id")  # variables that say who it is
PERSONAL = {"email": ("email", "email_gmail"), "phone": ("phone_e164", "phone_digits")}


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that may connect copies. `what`: the variable it came from, and its sort for order names."""

    what: str
    sort: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """What recognition goes by. Hashes are the store's; `agree` holds plain values that must not differ."""

    kind: str
    names: tuple[Mark, ...] = ()
    links: tuple[Mark, ...] = ()
    hints: tuple[Mark, ...] = ()
    delivery: Mark | None = None
    agree: Mapping[str, str] | None = None
    key: str = ""  # the order name as it came
    parents: tuple[Mark, ...] = ()  # `of:` the order names of what this is a refund of

    @property
    def lasting(self) -> list[bytes]:
        """The hashes that lie in the store's table of names."""
        marks = [mark.hash for mark in (*self.names, *self.links)]
        return [*marks, self.delivery.hash] if self.delivery else marks

    @property
    def asked(self) -> list[bytes]:
        """The hashes that recognition looks for in the store's table of names: those, and what it is a refund of."""
        return [*self.lasting, *[mark.hash for mark in self.parents]] if self.parents else self.lasting

    @property
    def hashes(self) -> list[bytes]:
        """All that the store is asked for."""
        return [*self.asked, *[mark.hash for mark in self.hints]]

    @property
    def known_by_something(self) -> bool:
        """Whether a further copy could ever be recognised."""
        return bool(self.names or self.links or self.hints or self.delivery)


NAMELESS = Identity("event")


def normal(value: Any) -> str | None:
    """The normal form of a name: as text, without `#` or `gid://…/` in front.

    None for a placeholder, and for a list or an object: what was meant by one nobody knows.
    """
    if value is None:
        return None
    text = value if value.__class__ is str else None if isinstance(value, list | Mapping) else as_text(value)
    if text is None:
        return None
    text = text.strip()
    if text.startswith("gid://"):
        text = text.rsplit("/", 1)[-1].partition("?")[0]
    text = text.lstrip("#").strip()
    if text.lower() in PLACEHOLDERS or "{{" in text or len(text) > LONGEST:
        return None
    return text


def tellable(value: Any) -> str:
    """A name as vendors are told it; "" where it is none or an e-mail address, which is only recognised by its hash."""
    text = "" if isinstance(value, list | Mapping) else as_text(value) or ""
    return text if len(text) <= LONGEST and masked_text(text) == text else ""


class Identifier:
    """Reads the identity of events of one container."""

    def __init__(self, keys: Keys) -> None:
        self._hash = keys.hash

    def of_event(self, event: Event) -> Identity:
        """The built-in kind: one link, the event's own id; without one each arrival is its own."""
        id = normal(event.data.get("event_id"))
        if id is None:
            return Identity("event", delivery=self._delivery("event", "", event)) if event.delivery_id else NAMELESS
        mark = Mark("event_id", "", self._hash(f"event\0{event.name}\0{id}"))
        return Identity("event", links=(mark,))

    def of_copy(self, kind: Kind, event: Event, scope: Scope) -> Identity:
        """All that a copy of a declared conversion carries."""
        within = as_text(kind.scope(scope)) or ""
        names = tuple(self._names(kind.id, within, kind.key, event, scope)) if kind.key else ()
        return Identity(
            kind=kind.id,
            names=names,
            links=tuple(self._marks("link", kind, kind.links, within, event, scope)),
            hints=tuple(self._marks("hint", kind, kind.hints, within, event, scope)),
            delivery=self._delivery(kind.id, within, event),
            agree=agreeing(kind, scope),
            key=tellable(normal(kind.key.value(scope))) if kind.key else "",
            parents=self._parents(kind, event, scope),
        )

    def person(self, scope: Scope) -> list[str]:
        """Who an event is about: keyed hashes in hex, by which `explain` and `forget` find its record for good."""
        told = ((what, value) for what in PERSON for value in _each(scope.var(what)) if value is not None)
        return [mark for what, value in told for mark in self.person_marks(what, value)]

    def person_marks(self, what: str, value: Any) -> list[str]:
        """One value of `PERSON` in every form under which it may be told elsewhere; empty where it is none."""
        rules = PERSONAL.get(what)
        forms = [hashed(rule, value) for rule in rules] if rules else [normal(value)]
        return [self._hash(f"person\0{what}\0{form}").hex() for form in dict.fromkeys(forms) if form is not None]

    def _delivery(self, kind: str, within: str, event: Event) -> Mark | None:
        if not event.delivery_id:
            return None
        text = f"{kind}\0{within}\0delivery\0{event.request.client}\0{event.delivery_id}"
        return Mark("delivery", "", self._hash(text))

    def _names(self, kind: str, within: str, ref: Ref, event: Event, scope: Scope) -> Iterator[Mark]:
        """Sorted names as the client gave them; the key itself is one of those or has the client for its sort."""
        sorted_names = [(name.sort, normal(name.value)) for name in event.names if name.of == ref.name]
        values = [value for _, value in sorted_names]
        keys = [normal(value) for value in _each(ref.value(scope))]
        sorted_names += [(CLIENT_SORT + event.request.client, text) for text in keys if text not in values]
        for sort, text in dict.fromkeys(sorted_names):
            if text is not None:
                yield Mark(ref.name, sort, self._hash(f"{kind}\0{within}\0key\0{text}"))

    def _marks(
        self, role: str, kind: Kind, groups: Iterable[tuple[Ref, ...]], within: str, event: Event, scope: Scope
    ) -> Iterator[Mark]:
        """Links or hints: one of each value, of `{all: […]}` one of each combination."""
        for refs in groups:
            values = [values_of(ref, event, scope, lists=role == "hint") for ref in refs]
            if not all(values):
                continue  # a copy carries few of those that there are
            what = "+".join([ref.name for ref in refs])
            for found in islice(product(*map(dict.fromkeys, values)), MOST):
                told = "\0".join([f"{sort}\0{text}" for sort, text in found])
                yield Mark(what, "", self._hash(f"{kind.id}\0{within}\0{role}\0{what}\0{told}"))

    def _parents(self, kind: Kind, event: Event, scope: Scope) -> tuple[Mark, ...]:
        if kind.of is None or kind.of.key is None:
            return ()
        within = as_text(kind.of.scope(scope)) or ""
        return tuple(self._names(kind.of.id, within, kind.of.key, event, scope))


def _each(value: Any) -> Iterable[Any]:
    return value[:MOST] if isinstance(value, list) else (value,)


def values_of(ref: Ref, event: Event, scope: Scope, lists: bool = True) -> list[tuple[str, str]]:
    """What a link or hint is compared by, each with its sort: all click ids, every form of an address or number."""
    if ref.built_in and ref.name == "click_id":
        return click_ids(event.data)
    told = ref.value(scope)
    if told is None or (isinstance(told, list) and not lists):
        return []
    rules = PERSONAL.get(ref.name)
    forms: Iterable[str | None]
    if rules:
        forms = [hashed(rule, value) for value in _each(told) if value is not None for rule in rules]
    else:
        forms = [normal(value) for value in _each(told)]
    return [("", form) for form in forms if form is not None]


def click_ids(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every click id the event has, each with its own sort; `_fbc` holds an fbclid."""
    found = [(sort, text) for sort in CLICK_IDS if sort in data and (text := normal(data[sort])) is not None]
    if isinstance(data.get("fbc"), str) and (click := meta_click(data["fbc"])[1]):
        found.append(("fbclid", click))
    return found


def agreeing(kind: Kind, scope: Scope) -> dict[str, str]:
    """What the copy tells of `agree:`, in a form that can be compared."""
    values = {ref.name: ref.value(scope) for ref in kind.agree}
    return {name: masked_text(_comparable(value))[:LONGEST] for name, value in values.items() if present(value)}


def _comparable(value: Any) -> str:
    """`149.90`, 149.9 and "149.9" are one amount; `EUR` and `eur` one currency."""
    text = str(as_text(value)).strip().lower()
    if not isinstance(value, str) or text.isalpha():
        return text
    try:
        return str(as_text(Decimal(text)))
    except InvalidOperation:
        return text
