"""The ledger in memory: for `preview`, route tests and `serve --ephemeral`. The same answers, until the process ends.

`reading.py` every question, over plain tables · `writing.py` every change, which can be taken back ·
`forgetting.py` a person taken out · `store.py` the ledger itself.
"""

from container.ledger.memory.store import MemoryStore

__all__ = ["MemoryStore"]
