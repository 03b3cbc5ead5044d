from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from delivering import served

from container.cli.sink.app import Sink
from container.ledger.interface import Store
from container.ledger.memory import MemoryStore
from container.ledger.sqlite import SqliteStore


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = SqliteStore(tmp_path / "tagport.db") if request.param == "sqlite" else MemoryStore()
    yield opened
    opened.close()


@pytest.fixture
async def sink() -> AsyncIterator[tuple[Sink, str]]:
    async with served() as running:
        yield running
