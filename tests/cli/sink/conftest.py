from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from calling_sink import Caller

from container.cli.sink.app import make_sink


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    found = Caller(make_sink())
    yield found
    await found.client.aclose()
