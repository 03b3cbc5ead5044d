"""What was seen lately is looked up; what was not is taken for new, and the write finds out."""

from __future__ import annotations

from pathlib import Path

import pytest
from copies import Shop

from container.dedup import recent
from container.dedup.identity import Identity, Mark
from container.dedup.recent import Recent
from container.ledger.sqlite import SqliteStore


def named(*names: bytes) -> Identity:
    return Identity("purchase", names=tuple(Mark("transaction_id", "", name) for name in names))


def test_the_second_copy_with_a_name_of_the_first_is_known() -> None:
    seen = Recent()
    assert [seen.knows(named(*names)) for names in ((b"a", b"b"), (b"c",), (b"b", b"d"), (b"d",))] == [
        False, False, True, True,
    ]  # fmt: skip


def test_links_hints_and_the_purchase_of_a_refund_count_too() -> None:
    seen = Recent()
    seen.knows(Identity("purchase", links=(Mark("event_id", "", b"l"),), hints=(Mark("email", "", b"h"),)))
    assert seen.knows(Identity("purchase", links=(Mark("event_id", "", b"l"),)))
    assert seen.knows(Identity("purchase", hints=(Mark("email", "", b"h"),)))
    assert seen.knows(Identity("refund", parents=(Mark("transaction_id", "", b"h"),)))


def test_what_nothing_names_is_never_known() -> None:
    seen = Recent()
    assert not any(seen.knows(Identity("event")) for _ in range(2))


@pytest.mark.parametrize("many", range(3, 12))
def test_the_last_are_remembered_and_the_oldest_forgotten(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "REMEMBERED", 3)

    def known(name: int) -> bool:
        seen = Recent()
        return [seen.knows(named(b"%d" % number)) for number in (*range(many), name)][-1]

    assert all(known(name) for name in range(many - 3, many))
    assert not any(known(name) for name in range(many - 6))


async def test_what_is_in_the_store_and_was_not_seen_lately_fires_once_all_the_same(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tagport.db")
    shop = Shop(store=store)
    assert await shop.verdict(shop.browser(transaction_id="1")) == "fired"
    shop.dedup._recent = Recent()
    assert shop.dedup.recognise(shop.browser(transaction_id="1")).fresh
    shop.dedup._recent = Recent()
    assert await shop.verdict(shop.webhook(transaction_id="1")) == "suppressed"
    store.close()
