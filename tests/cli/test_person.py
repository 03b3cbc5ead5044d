"""What a call that waits or was refused tells of a person, where nothing else is kept of them."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from calls import call
from processes import ENVIRONMENT

from container.cli.common import Opened, opened
from container.cli.person import traces
from container.ledger.interface import Writing


@pytest.fixture(scope="module")
def started(fresh_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One store for all of them: a shop takes a while to build."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        found = opened(Path(shutil.copytree(fresh_shop, tmp_path_factory.mktemp("person") / "shop")), None, make=True)
    yield found
    found.container.store.close()


@pytest.fixture
def known(started: Opened) -> Iterator[Opened]:
    yield started
    store = started.container.store
    gone = [row.conversion for row in store.every_row(0, 9) if row.conversion]
    asyncio.run(store.write(lambda ledger: ledger.forget(gone, (), ())))
    assert not store.every_row(0, 9)


def queue(known: Opened, item: str, order: str = "1001") -> None:
    """One purchase of which only its call is kept."""

    def work(ledger: Writing) -> None:
        number = ledger.open("C1", "purchase", 1000.0, 9e9, {"key": order, "of": ""})
        ledger.queue(number, "R1", replace(call(), item=item.encode(), transaction_id=order), 1000.0)

    asyncio.run(known.container.store.write(work))


@pytest.mark.parametrize(
    ("key", "value", "item"),
    [
        ("email", "Jane@example.com", '{"to":"jane@example.com"}'),
        ("email", "jane@example.com", "to=jane@example.com&value=5"),
        ("email", "jane@example.com", '{"to":"Jane@Example.com"}'),
        ("email", "jane@example.com", "to=jane%40example.com"),
        ("email", "jane@example.com", '{"text":"Ask\\njane@example.com."}'),
        ("email", "jane@example.com", "text=of%20jane@example.com"),
        ("email", "jane@example.com", hashlib.sha256(b"jane@example.com").hexdigest()),
        ("phone", "4740612345", '{"phone":"+4740612345"}'),
        ("phone", "4740612345", "phone=%2B4740612345"),
        ("phone", "+47 406 12 345", hashlib.sha256(b"4740612345").hexdigest()),
        ("user_id", "u-1", hashlib.sha256(b"u-1").hexdigest()),
        ("client_id", "777.1795400000", "cid=777.1795400000"),
        ("client_id", "777.1795400000", "_ga=GA1.1.777.1795400000"),
        ("transaction_id", "#1001", ""),
    ],
)
def test_a_call_is_found_by_what_it_sends(known: Opened, key: str, value: str, item: str) -> None:
    queue(known, item)
    found = traces(known, key, value)
    assert found.numbers and found.rows
    assert found.records == {"R1"}
    assert not found.under_way


@pytest.mark.parametrize(
    ("key", "value", "item"),
    [
        ("email", "jane@example.com", '{"to":"mary-jane@example.com"}'),
        ("email", "jane@example.com", '{"to":"mary.jane@example.com"}'),
        ("email", "jane@example.com", "to=mary%2Bjane%40example.com"),
        ("email", "jane@example.co", '{"to":"jane@example.com"}'),
        ("email", "jane@example.com", '{"to":"jane@example.com.br"}'),
        ("phone", "40612345", '{"phone":"+4740612345"}'),
        ("phone", "4740612345", '{"phone":"47406123456"}'),
        ("client_id", "777.17954", "cid=777.1795400000"),
        ("client_id", "777.1795400000", "cid=1777.1795400000"),
        ("user_id", "1", '{"value":1}'),
        ("transaction_id", "100", "1001"),
    ],
)
def test_whoever_has_a_similar_address_or_number_is_somebody_else(
    known: Opened, key: str, value: str, item: str
) -> None:
    queue(known, item)
    assert not traces(known, key, value)


def test_calls_that_are_being_sent_are_told(known: Opened) -> None:
    queue(known, "jane@example.com")
    [row] = known.container.store.every_row(0, 9)
    asyncio.run(known.container.store.write(lambda ledger: ledger.attempt("me", [row.id], 1001.0)))
    found = traces(known, "email", "jane@example.com")
    assert found.under_way == found.rows == {row.id}
