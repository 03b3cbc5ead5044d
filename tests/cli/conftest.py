from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from processes import ENVIRONMENT, at_once, hit

from container.build import build, on_disk
from container.cli import command
from container.cli.raw import read_request
from container.event import Request
from container.ledger.interface import Settlement, Writing
from container.problems import Problems
from container.replay import replay

Tagport = Callable[..., Result]
NOW = 1_795_428_000.0
HEADERS = "User-Agent: Mozilla/5.0 Chrome/142.0\n"
EVENT = {
    "event_name": "purchase",
    "transaction_id": "1002",
    "value": 5,
    "currency": "EUR",
    "user_data": {"email_address": "jane@example.com"},
    "consent_state": {"ad_storage": False, "ad_user_data": False, "analytics_storage": False},
}


@pytest.fixture
def tagport(monkeypatch: pytest.MonkeyPatch) -> Tagport:
    """A verb in this process, with the starter's environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def run(*args: str | Path) -> Result:
        return CliRunner().invoke(command, [str(arg) for arg in args])

    return run


@pytest.fixture(scope="session")
def fresh_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter workspace whose tags wait for nothing; not to be changed."""
    folder = tmp_path_factory.mktemp("starter") / "shop"
    assert CliRunner().invoke(command, ["init", str(folder)]).exit_code == 0
    return at_once(folder)


@pytest.fixture
def shop(fresh_shop: Path, tmp_path: Path) -> Path:
    """A starter workspace of one's own."""
    return Path(shutil.copytree(fresh_shop, tmp_path / "shop"))


def requests() -> list[Request]:
    """Two copies of order 1001, a refused 1002 of a customer with an address, and a page view."""
    posted = f"POST /events\nAuthorization: Bearer {ENVIRONMENT['EVENTS_TOKEN']}\n\n{json.dumps(EVENT)}\n"
    view = hit("").replace("en=purchase", "en=page_view")
    texts = [f"GET {hit('1001')}\n{HEADERS}"] * 2 + [posted, f"GET {view}\n{HEADERS}"]
    read = (read_request(text.encode(), received=NOW + number) for number, text in enumerate(texts))
    return [replace(request, ip="203.0.113.7") for request in read]


@pytest.fixture
def stored(shop: Path) -> Path:
    """A workspace whose store holds four records; of the three purchase calls one is refused, one stopped."""

    async def fill() -> None:
        container = build(shop, Problems(), environ=ENVIRONMENT, ledger=on_disk)
        assert container is not None
        for request in requests():
            assert (await replay(container, request)).status in (200, 204)
        rows = [row for row in container.store.due(NOW + 99, 99) if row.call.event_name == "purchase"]

        def fail(writing: Writing) -> None:
            writing.attempt("me", [row.id for row in rows], NOW)
            writing.settle(
                [
                    Settlement(rows[0], "refused", "no, jane@example.com", NOW, status=400),
                    Settlement(rows[1], "stopped", "token expired", NOW, status=401),
                    Settlement(rows[2], "delivered", "", NOW, status=200),
                ]
            )

        await container.store.write(fail)
        container.store.close()

    asyncio.run(fill())
    return shop
