from __future__ import annotations

from dataclasses import replace
from itertools import count

from delivering import GA4, SomeRules, call

from container.call import Call
from container.delivery import queue as module
from container.delivery.outcomes import ALONE_AFTER, Rules
from container.delivery.queue import ALWAYS, FLYING, MOST, Memory, Queue
from container.ledger.interface import Row

_ids = count(1)
OTHER = replace(call(), envelope=call(timeout=3.0).envelope)


def row(one: Call | None = None, conversion: int | None = None, attempts: int = 0) -> Row:
    return Row(next(_ids), conversion, "R", one or call(), created=0.0, attempts=attempts)


def rules(most: int = 50) -> module.Callable[[str], Rules]:
    return lambda template: SomeRules(most=most)


def filled(*rows: Row) -> Queue:
    queue = Queue(Memory())
    for one in rows:
        assert queue.add(one)
    return queue


def taken(queue: Queue, most: int = 50) -> list[list[int]]:
    """Everything, batch by batch, each ended before the next begins."""
    found = []
    while (batch := queue.take(rules(most))) is not None:
        found.append([one.id for one in batch.rows])
        queue.done(batch.group)
    return found


def test_equal_envelopes_are_joined_in_order_up_to_the_vendors_most() -> None:
    rows = [row() for _ in range(5)]
    ids = [one.id for one in rows]
    assert taken(filled(*rows), most=3) == [ids[:3], ids[3:]]


def test_other_envelopes_and_templates_are_not() -> None:
    rows = [row(), row(OTHER), row(), row(replace(call(), template="another"))]
    ids = [one.id for one in rows]
    assert taken(filled(*rows)) == [[ids[0], ids[2]], [ids[1]], [ids[3]]]


def test_calls_that_cannot_be_joined_go_one_by_one() -> None:
    rows = [row(call(GA4)), row(call(GA4))]
    assert taken(filled(*rows)) == [[rows[0].id], [rows[1].id]]


def test_two_of_one_conversion_are_never_in_one_batch() -> None:
    rows = [row(conversion=1), row(conversion=1), row(conversion=2), row(), row()]
    ids = [one.id for one in rows]
    assert taken(filled(*rows)) == [[ids[0], ids[2], ids[3], ids[4]], [ids[1]]]


def test_no_more_than_fifty_where_a_lost_answer_would_be_unknown_for_all() -> None:
    queue = filled(*(row(call(retry_ambiguous=False)) for _ in range(120)))
    assert [len(batch) for batch in taken(queue, most=1000)] == [50, 50, 20]
    queue = filled(*(row() for _ in range(60)), row(call(retry_ambiguous=False)), row())
    assert [len(batch) for batch in taken(queue, most=1000)] == [60, 2]


def test_a_body_does_not_grow_without_bound() -> None:
    queue = filled(*(row(replace(call(), item=b"x" * 200_000)) for _ in range(5)))
    assert [len(batch) for batch in taken(queue)] == [2, 2, 1]
    assert [len(batch) for batch in taken(filled(row(replace(call(), item=b"x" * 2_000_000))))] == [1]


def test_what_has_failed_often_goes_alone() -> None:
    rows = [row(), row(attempts=ALONE_AFTER), row()]
    assert taken(filled(*rows)) == [[rows[0].id, rows[2].id], [rows[1].id]]


def test_alone_takes_one() -> None:
    queue = filled(row(), row())
    batch = queue.take(rules(), alone=True)
    assert batch is not None and len(batch.rows) == 1
    assert len(queue) == 1


def test_of_one_envelope_only_some_requests_are_under_way_and_the_rest_piles_up() -> None:
    queue = Queue(Memory())
    batches = []
    for _ in range(FLYING):
        queue.add(row())
        batches.append(queue.take(rules()))
    for _ in range(10):
        queue.add(row())
    assert queue.take(rules()) is None
    other = row(OTHER)
    queue.add(other)
    found = queue.take(rules())
    assert found is not None and found.rows == [other]
    assert batches[0] is not None
    queue.done(batches[0].group)
    found = queue.take(rules())
    assert found is not None and len(found.rows) == 10


def test_groups_take_turns() -> None:
    rows = [row(), row(), row(OTHER), row()]
    ids = [one.id for one in rows]
    assert taken(filled(*rows), most=1) == [[ids[0]], [ids[2]], [ids[1]], [ids[3]]]


def test_a_row_is_kept_once() -> None:
    one = row()
    assert taken(filled(one, one)) == [[one.id]]


def test_memory_is_bounded_in_rows_and_bytes() -> None:
    queue = filled(*(row() for _ in range(MOST)))
    assert not queue.add(row())
    queue = filled(row(replace(call(), item=b"x" * module.MOST_BYTES)))
    assert not queue.add(row())
    assert taken(queue)
    assert queue.add(row())


def test_clearing_forgets_what_waits_but_not_what_is_under_way() -> None:
    queue = filled(row(), row())
    batch = queue.take(rules(1))
    assert batch is not None
    queue.clear()
    assert len(queue) == 0 and queue.take(rules()) is None
    queue.done(batch.group)
    assert len(taken(filled(row()))) == 1


def test_all_queues_together_have_a_bound_and_each_its_share() -> None:
    memory = Memory()
    big, other = Queue(memory), Queue(memory)
    piece = replace(call(), item=b"x" * (1 << 20))
    queues = [Queue(memory) for _ in range(8)]
    taken = sum(queue.add(row(piece)) for queue in queues for _ in range(10))
    assert taken == 32, "four megabytes each, 32 in all"
    assert memory.used >= module.MOST_IN_ALL
    assert [other.add(row()) for _ in range(ALWAYS + 1)] == [True] * ALWAYS + [False]
    queues[0].clear()
    assert big.add(row(piece)) and other.add(row())
    batch = big.take(rules())
    assert batch is not None
    for queue in (other, *queues):
        queue.clear()
    assert memory.used == 0
