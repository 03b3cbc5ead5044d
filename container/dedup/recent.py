"""What this process has lately seen names of: everything else is taken for new until the write looks.

A look at the store before the write only spares deciding twice. Each commit makes the reading connection forget its
pages, so that a look costs more than all the rest of recognising; most events tell of something new.
"""

from __future__ import annotations

from container.dedup.identity import Identity

REMEMBERED = 20_000  # hashes


class Recent:
    """The hashes of the last copies, in order of arrival."""

    def __init__(self) -> None:
        self._seen: dict[bytes, None] = {}

    def knows(self, identity: Identity) -> bool:
        """Whether a copy with one of these names, links or hints has been here lately; from now on one has."""
        seen, hashes = self._seen, identity.hashes
        if not hashes:
            return False
        known = not seen.keys().isdisjoint(hashes)
        for hash in hashes:
            seen[hash] = None
        while len(seen) > REMEMBERED:
            del seen[next(iter(seen))]
        return known
