"""A piece of YAML with its place: what the reader makes and everything else compiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from container.problems import Place


@dataclass(slots=True, eq=False)
class Scalar:
    """A text as written. `quoted`: it stood in quotes or in a block, so it is text whatever it looks like.

    `raw` is the text as it stands in the file, from its first character (quote, `|`, `>`) to its last; it serves to
    point into a text that is not on one line letter by letter. Empty where nobody kept it.
    """

    place: Place
    text: str
    quoted: bool = False
    raw: str = ""


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping; keys are unique (the reader has refused others) and keep the order in which they stand."""

    place: Place
    members: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The member's node, or None."""
        return self.members.get(key)

    def key_place(self, key: str) -> Place:
        """Where the key itself stands; the mapping's own place where there is no such key."""
        found = self.keys.get(key)
        return found.place if found else self.place

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self.members.items())


Node = Scalar | Sequence | Mapping


class Text(str):
    """A text of the workspace that knows where it stands."""

    __slots__ = ("place",)
    place: Place

    def __new__(cls, text: str, place: Place) -> Text:
        found = super().__new__(cls, text)
        found.place = place
        return found
