from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from container.delivery.http import Http


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http()
    yield client
    await client.close()
