from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.ledger.sqlite import SqliteStore


class Clock:
    """The time a memory ledger goes by, set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """Every ledger: what one answers, the other answers."""
    opened: Store = SqliteStore(tmp_path / "tagport.db") if request.param == "sqlite" else MemoryStore(clock)
    yield opened
    opened.close()
