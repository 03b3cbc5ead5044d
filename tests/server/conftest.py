from __future__ import annotations

import pytest
from house import House, public

from container.admin.metrics import Metrics
from container.server import Public


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(house: House, metrics: Metrics) -> Public:
    return public(house, metrics)
