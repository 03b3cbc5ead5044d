"""What this process has lately seen names of: everything else is taken for new until the write looks.

A look at the store before the write only spares deciding twice. Each commit makes the reading connection forget its
pages, so that a look costs more than all the rest of recognising; most events tell of something new.
"""

from __future__ import annotations

from container.dedup.identity import Identity

REMEMBERED = 20_000  # hashes at least, twice as many at most


class Recent:
    """The hashes of the last copies, in two generations: the older is forgotten whole when the younger is full."""

    def __init__(self) -> None:
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def knows(self, identity: Identity) -> bool:
        """Whether a copy with one of these names, links or hints has been here lately; from now on one has."""
        young, hashes = self._young, identity.hashes
        if not hashes:
            return False
        known = not (young.isdisjoint(hashes) and self._old.isdisjoint(hashes))
        young.update(hashes)
        if len(young) >= REMEMBERED:
            self._young, self._old = set(), young
        return known
