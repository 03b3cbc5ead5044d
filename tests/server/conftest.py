from __future__ import annotations

from typing import Any

import pytest
from house import House

from container.admin.metrics import Metrics
from container.server import Public
from container.server.body import Bodies


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(house: House, metrics: Metrics) -> Public:
    async def ready() -> bool:
        return True

    container: Any = house
    return Public(container, metrics, ready, bodies=Bodies(limit=1000, seconds=0.2), clock=lambda: 1_795_428_000.0)
