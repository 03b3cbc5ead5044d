"""After a crash: only the calls that a dead process was sending are in doubt; all others are simply sent."""

from __future__ import annotations

from collections.abc import Set

from container.delivery.outcomes import orphaned
from container.delivery.owner import Owner
from container.ledger.interface import Settlement, Store, Writing


async def adopt(store: Store, owner: Owner, busy: Set[int], now: float) -> list[Settlement]:
    """Settle the calls that nobody is sending any more. `busy`: ids that this process has in hand."""
    orphans = _orphans(store, owner, busy)
    if not orphans:
        return []

    def work(writing: Writing) -> list[Settlement]:
        still = [row for name, row in writing.sending() if (name, row.id) in orphans]  # another process may be first
        found = [orphaned(row, now) for row in still]
        writing.settle(found)
        return found

    return await store.write(work)


def _orphans(store: Store, owner: Owner, busy: Set[int]) -> set[tuple[str, int]]:
    """Owner and id of calls whose process is dead, and of our own that no worker knows of (a write that failed and
    yet came through)."""
    sending = [(name, row.id) for name, row in store.sending()]
    alive = {name: owner.alive(name) for name in {name for name, _ in sending}}
    return {(name, id) for name, id in sending if not alive[name] or (name == owner.id and id not in busy)}
