from __future__ import annotations

from itertools import count

from delivering import SomeRules, call

from container.delivery.account import Account
from container.delivery.outcomes import Verdict
from container.delivery.queue import MOST
from container.ledger.interface import Row

_ids = count(1)


def rows(number: int) -> list[Row]:
    return [Row(next(_ids), None, "R", call(), created=0.0) for _ in range(number)]


def waiting(account: Account) -> list[int]:
    return sorted(account.queue.ids)


def test_rows_are_kept_in_memory_while_there_is_room() -> None:
    account = Account("host 1")
    account.offer(rows(MOST))
    assert not account.behind
    account.offer(rows(1))
    assert account.behind and len(account.queue) == MOST


def test_once_behind_newer_rows_do_not_overtake_the_table() -> None:
    account = Account("host 1")
    account.behind = True
    account.offer(rows(1))
    assert waiting(account) == []


def test_a_shut_gate_leaves_rows_to_the_table() -> None:
    account = Account("host 1")
    account.gate.stop("token", 0, 600)
    account.offer(rows(1))
    assert account.behind and waiting(account) == []


def test_a_full_page_means_there_is_more_to_read_after_it() -> None:
    account = Account("host 1")
    page = rows(3)
    account.refill(page, 3)
    assert account.behind and account.cursor == page[-1].id
    account.refill(rows(2), 3)
    assert not account.behind and account.cursor == 0
    assert len(account.queue) == 5


def test_what_a_worker_has_in_hand_is_not_taken_up_again() -> None:
    account = Account("host 1")
    page = rows(3)
    account.busy.add(page[1].id)
    account.refill(page, 200)
    assert waiting(account) == [page[0].id, page[2].id]


def test_a_page_that_does_not_fit_is_read_again_from_there() -> None:
    account = Account("host 1")
    account.offer(rows(MOST - 1))
    page = rows(3)
    account.refill(page, 200)
    assert account.behind and account.cursor == page[0].id


def test_forgetting_leaves_all_to_the_table() -> None:
    account = Account("host 1")
    account.offer(rows(3))
    account.forget()
    assert account.behind and waiting(account) == []


def test_idle_is_one_with_nothing_to_remember() -> None:
    account = Account("host 1")
    assert account.idle
    account.offer(rows(1))
    assert not account.idle
    batch = account.queue.take(lambda template: SomeRules())
    assert batch is not None and account.idle
    account.flying = 1
    assert not account.idle
    account.flying = 0
    account.gate.record(Verdict("retry", outage=True), 0, 0)
    assert not account.idle
