"""What every ledger does, asked of both."""

from __future__ import annotations

from typing import Any

import pytest
from calls import call, firing

from container.ledger.interface import Held, Row, Settlement, Store, Writing

TARGET = "graph.facebook.com 1 Purchase"


async def opened(store: Store, id: str = "C1") -> int:
    return await store.write(lambda ledger: ledger.open(id, "purchase", 1000.0, 9e9, {"count": 1}))


async def queued(store: Store, number: int | None, record: str = "R1", **changes: Any) -> Row:
    def work(ledger: Writing) -> Row:
        if number is not None:
            ledger.fire(number, firing(record, changes.get("target", TARGET)))
        return ledger.queue(number, record, call(**changes), 1000.0)

    return await store.write(work)


async def settled(store: Store, row: Row, outcome: str, **more: Any) -> None:
    await store.write(lambda ledger: ledger.attempt("me", [row.id], 1001.0))
    sending = next(one for _, one in store.sending() if one.id == row.id)
    settlement = Settlement(sending, outcome, "said the vendor", 1002.0, **more)
    await store.write(lambda ledger: ledger.settle([settlement]))


async def test_a_name_finds_its_conversion_until_it_expires(store: Store) -> None:
    number = await opened(store)
    await store.write(lambda ledger: ledger.name(number, [(b"n" * 16, 2000.0)], [(b"h" * 16, 2000.0)]))
    assert store.find([b"n" * 16], []) == [(b"n" * 16, number)]
    assert store.find([b"h" * 16], []) == [], "a hint is no name"
    assert store.find([], [b"h" * 16]) == [(b"h" * 16, number)]
    found = store.conversions([number])[number]
    assert (found.id, found.kind, found.version, found.state) == ("C1", "purchase", 1, {"count": 1})


async def test_saving_counts_the_version_up(store: Store) -> None:
    number = await opened(store)
    stored = store.conversions([number])[number]
    stored.state["count"] = 2
    assert store.conversions([number])[number].state == {"count": 1}, "a reading is a copy"
    await store.write(lambda ledger: ledger.save(stored))
    again = store.conversions([number])[number]
    assert (again.version, again.state) == (2, {"count": 2})


async def test_work_that_fails_leaves_nothing(store: Store) -> None:
    number = await opened(store)

    def work(ledger: Writing) -> None:
        ledger.name(number, [(b"n" * 16, 9e9)], [])
        ledger.fire(number, firing())
        ledger.queue(number, "R1", call(), 1000.0)
        ledger.add_copy(number, b"sealed", 9e9)
        ledger.hold(Held(number, "meta_purchase", "wait", "R1", 2000.0))
        ledger.keep("R1", "conversion", number, 1000.0, b"{}")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(work)
    assert store.find([b"n" * 16], []) == []
    assert store.firings(number) == {}
    assert store.rows(number) == []
    assert store.copies(number) == []
    assert store.held(number) == []
    assert store.record("R1") is None
    await store.write(lambda ledger: ledger.name(number, [(b"n" * 16, 9e9)], []))
    assert store.find([b"n" * 16], []) == [(b"n" * 16, number)], "and the next piece of work is not harmed"


async def test_an_attempt_takes_a_row_once(store: Store) -> None:
    row = await queued(store, await opened(store))
    assert [one.id for one in store.due(1000.0, 10)] == [row.id]
    assert await store.write(lambda ledger: ledger.attempt("me", [row.id], 1001.0)) == [row.id]
    assert await store.write(lambda ledger: ledger.attempt("other", [row.id], 1001.0)) == []
    [(owner, sending)] = store.sending()
    assert (owner, sending.attempts, sending.first_attempt) == ("me", 1, 1001.0)
    assert store.due(2000.0, 10) == []
    assert sending.call == row.call


@pytest.mark.parametrize("outcome", ["delivered", "accepted"])
async def test_what_is_delivered_leaves_the_outbox_and_is_told(store: Store, outcome: str) -> None:
    number = await opened(store)
    row = await queued(store, number)
    await settled(store, row, outcome, status=200, took=0.1)
    assert store.rows(number) == []
    assert store.depth() == (0, None)
    [told] = store.deliveries("R1")
    assert (told.outcome, told.status, told.attempt, told.reason) == (outcome, 200, 1, "said the vendor")
    assert store.firings(number)[TARGET].state == "live"


async def test_a_retry_waits_until_it_is_due(store: Store) -> None:
    row = await queued(store, await opened(store))
    await settled(store, row, "retry", due=1500.0)
    assert store.due(1499.0, 10) == []
    assert [one.id for one in store.due(1500.0, 10)] == [row.id]
    assert store.queued() == {"graph.facebook.com 1": 1500.0}
    assert store.due(1500.0, 10, account="www.google-analytics.com G-1") == []


@pytest.mark.parametrize("outcome", ["refused", "expired"])
async def test_a_firing_whose_call_was_refused_is_void(store: Store, outcome: str) -> None:
    number = await opened(store)
    before = store.conversions([number])[number].version
    row = await queued(store, number)
    await settled(store, row, outcome)
    assert store.firings(number)[TARGET].state == "void"
    assert store.conversions([number])[number].version > before, "decisions made on the old reading are made again"
    [failure] = store.failures()
    assert (failure.row.state, failure.row.reason, failure.since) == (outcome, "said the vendor", 1002.0)


@pytest.mark.parametrize("outcome", ["unknown", "stopped"])
async def test_an_unknown_or_stopped_call_stays_and_voids_nothing(store: Store, outcome: str) -> None:
    number = await opened(store)
    row = await queued(store, number)
    await settled(store, row, outcome)
    assert store.firings(number)[TARGET].state == "live"
    assert [failure.row.state for failure in store.failures()] == [outcome]
    assert store.due(9e9, 10) == []


async def test_a_refused_call_of_an_older_record_does_not_void_a_newer_firing(store: Store) -> None:
    number = await opened(store)
    first = await queued(store, number, "R1")
    await queued(store, number, "R2")
    await settled(store, first, "refused")
    assert store.firings(number)[TARGET].state == "live"


async def test_resending_is_refused_once_another_copy_has_fired(store: Store) -> None:
    number = await opened(store)
    first = await queued(store, number, "R1")
    await settled(store, first, "refused")
    await queued(store, number, "R2")
    assert await store.write(lambda ledger: ledger.requeue([first.id], 2000.0)) == []


async def test_resending_makes_the_firing_live_again(store: Store) -> None:
    number = await opened(store)
    row = await queued(store, number, "R1")
    await settled(store, row, "refused")
    before = store.conversions([number])[number].version
    assert await store.write(lambda ledger: ledger.requeue([row.id], 2000.0)) == [row.id]
    assert store.conversions([number])[number].version > before
    assert store.firings(number)[TARGET].state == "live"
    [again] = store.due(2000.0, 10)
    assert (again.id, again.attempts, again.first_attempt) == (row.id, 0, None)


async def test_a_stopped_account_is_resumed_as_one(store: Store) -> None:
    number = await opened(store)
    row = await queued(store, number)
    await settled(store, row, "stopped")
    assert await store.write(lambda ledger: ledger.resume("another account", 2000.0)) == 0
    assert await store.write(lambda ledger: ledger.resume("graph.facebook.com 1", 2000.0)) == 1
    assert [one.id for one in store.due(2000.0, 10)] == [row.id]


async def test_an_orphaned_row_is_counted(store: Store) -> None:
    row = await queued(store, await opened(store))
    await settled(store, row, "retry", due=1000.0, orphaned=True)
    assert [one.orphaned for one in store.due(1000.0, 10)] == [1]


async def test_a_refusal_cancels_what_needs_that_consent_and_is_not_on_its_way(store: Store) -> None:
    number = await opened(store)
    row = await queued(store, number)
    other = await queued(store, number, target="www.google-analytics.com G-1 purchase", consent=("analytics_storage",))
    flying = await queued(store, number, target="x 1 Purchase")
    await store.write(lambda ledger: ledger.attempt("me", [flying.id], 1001.0))
    cancelled = await store.write(lambda ledger: ledger.cancel(number, ["ad_storage"]))
    assert [one.id for one in cancelled] == [row.id]
    assert sorted(one.id for one in store.rows(number)) == sorted([other.id, flying.id])
    assert store.firings(number)[TARGET].state == "void"


async def test_uniting_brings_everything_under_the_older(store: Store) -> None:
    older, younger = await opened(store, "C1"), await opened(store, "C2")
    await store.write(lambda ledger: ledger.name(younger, [(b"y" * 16, 9e9)], []))
    row = await queued(store, younger)

    def work(ledger: Writing) -> None:
        ledger.add_copy(older, b"first", 9e9)
        ledger.add_copy(younger, b"second", 9e9)
        ledger.hold(Held(younger, "tiktok_purchase", "consent", "R1"))
        ledger.keep("R1", "conversion", younger, 1000.0, b'{"id":"R1"}')
        ledger.unite(older, younger)

    await store.write(work)
    assert store.conversions([younger])[younger].number == older
    assert store.firings(older)[TARGET].record == "R1"
    assert store.copies(older) == [b"first", b"second"]
    assert [held.tag for held in store.held(older)] == ["tiktok_purchase"]
    assert [one.id for one in store.rows(older)] == [row.id]
    assert [record["id"] for record in store.records(older)] == ["R1"]


async def test_uniting_keeps_what_both_had_fired_once(store: Store) -> None:
    older, younger = await opened(store, "C1"), await opened(store, "C2")
    await store.write(lambda ledger: ledger.fire(older, firing("R1")))
    await store.write(lambda ledger: ledger.fire(younger, firing("R2")))
    await store.write(lambda ledger: ledger.unite(older, younger))
    assert store.firings(older)[TARGET].record == "R1"


async def test_a_live_firing_of_the_younger_beats_a_void_one_of_the_older(store: Store) -> None:
    older, younger = await opened(store, "C1"), await opened(store, "C2")
    await store.write(lambda ledger: ledger.fire(older, firing("R1", state="void")))
    await store.write(lambda ledger: ledger.fire(younger, firing("R2")))
    await store.write(lambda ledger: ledger.unite(older, younger))
    assert (store.firings(older)[TARGET].record, store.firings(older)[TARGET].state) == ("R2", "live")


async def test_waits_are_found_when_due_and_released(store: Store) -> None:
    number = await opened(store)
    held = Held(number, "meta_purchase", "wait", "R1", 1500.0)
    await store.write(lambda ledger: ledger.hold(held))
    await store.write(lambda ledger: ledger.hold(Held(number, "tiktok_purchase", "consent", "R1")))
    assert store.waits_due(1499.0, 10) == []
    assert store.waits_due(1500.0, 10) == [held]
    assert store.waits_beyond(1499.0, 10) == [held]
    assert store.waits_beyond(1500.0, 10) == []
    await store.write(lambda ledger: ledger.release(number, "meta_purchase"))
    assert [one.tag for one in store.held(number)] == ["tiktok_purchase"]


async def test_dropping_takes_only_what_is_not_on_its_way(store: Store) -> None:
    number = await opened(store)
    row = await queued(store, number)
    flying = await queued(store, number, target="x 1 Purchase")
    await store.write(lambda ledger: ledger.attempt("me", [flying.id], 1001.0))
    assert await store.write(lambda ledger: ledger.drop([row.id, flying.id])) == [row.id]


async def test_records_are_read_back_newest_first(store: Store) -> None:
    number = await opened(store)
    for id in ("01A", "01B"):
        record = b'{"id":"%s"}' % id.encode()
        await store.write(lambda ledger, id=id, it=record: ledger.keep(id, "conversion", number, 1.0, it))
    assert [record["id"] for record in store.recent(5)] == ["01B", "01A"]
    assert [record["id"] for record in store.records(number)] == ["01A", "01B"]
    assert store.conversion_numbers(["C1", "C9"]) == [number]


async def test_records_are_read_in_pages_by_class_and_tell_their_conversion(store: Store) -> None:
    kept: list[tuple[str, int | None]] = [("event", None), ("failure", 7), ("event", 8), ("failure", None)]

    def work(ledger: Writing) -> None:
        for number, (kept_as, conversion) in enumerate(kept):
            ledger.keep(f"0{number}", kept_as, conversion, 1.0, b'{"id":"0%d"}' % number)

    await store.write(work)
    assert [record["id"] for record in store.recent(2, before="03")] == ["02", "01"]
    assert [record["id"] for record in store.recent(9, before="00")] == []
    assert [record["id"] for record in store.newest_kept("failure", 9)] == ["03", "01"]
    assert [record["id"] for record in store.newest_kept("failure", 1)] == ["03"]
    assert [record["id"] for record in store.newest_kept("failure", 9, before="03")] == ["01"]
    assert [store.number_of(id) for id in ("00", "01", "02", "09")] == [None, 7, 8, None]


async def test_expiry_forgets_conversions_past_their_time(store: Store) -> None:
    number = await store.write(lambda ledger: ledger.open("C1", "purchase", 1000.0, 1500.0, {}))
    await store.write(lambda ledger: ledger.fire(number, firing()))
    assert await store.expire(1400.0) == 0
    assert store.conversions([number]) != {}
    assert await store.expire(1600.0) > 0
    assert store.conversions([number]) == {}
    assert store.firings(number) == {}


async def test_numbers_go_up_in_order_of_arrival(store: Store) -> None:
    assert await opened(store, "C1") < await opened(store, "C2")


async def test_the_store_remembers_facts_about_itself(store: Store) -> None:
    assert store.meta("key") is None
    await store.write(lambda ledger: ledger.set_meta("key", "abc"))
    assert store.meta("key") == "abc"


async def test_what_has_expired_is_not_found(store: Store) -> None:
    number = await opened(store)
    await store.write(lambda ledger: ledger.name(number, [(b"n" * 16, 2000.0)], [(b"h" * 16, 3000.0)]))
    assert len(store.find([b"n" * 16], [b"h" * 16], 1999.0)) == 2
    assert store.find([b"n" * 16], [b"h" * 16], 2000.0) == [(b"h" * 16, number)]


async def test_of_a_name_of_very_many_only_the_newest_are_found(store: Store) -> None:
    rare, common = b"r" * 16, b"c" * 16
    await store.write(lambda ledger: ledger.name(1, [(rare, 9e9)], []))
    for number in range(1, 301):
        await store.write(lambda ledger, number=number: ledger.name(number, [(common, 9e9)], []))
    found = store.find([common, rare], [])
    assert (rare, 1) in found, "and hide no other name"
    assert sorted(number for hash, number in found if hash == common) == list(range(251, 301))


async def test_a_number_is_never_given_again(store: Store) -> None:
    """Names, calls and records may outlive the conversion that they belong to."""
    last = await store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 2.0, {}))
    await store.expire(100.0)
    assert store.conversions([last]) == {}
    assert await opened(store, "C2") > last


async def test_a_target_is_void_when_every_firing_for_it_is(store: Store) -> None:
    number = await opened(store)
    first, second = await queued(store, number, "R1"), await queued(store, number, "R2")
    await settled(store, second, "refused")
    assert (store.firings(number)[TARGET].record, store.firings(number)[TARGET].state) == ("R1", "live")
    await settled(store, first, "refused")
    assert store.firings(number)[TARGET].state == "void"


async def test_a_call_that_comes_back_after_its_conversion_was_united_is_settled_there(store: Store) -> None:
    oldest, older, younger = [await opened(store, f"C{i}") for i in range(3)]
    row = await queued(store, younger)
    await store.write(lambda ledger: ledger.attempt("me", [row.id], 1001.0))
    await store.write(lambda ledger: ledger.unite(older, younger))
    await store.write(lambda ledger: ledger.unite(oldest, older))
    assert store.conversions([younger])[younger].number == oldest
    ended = Settlement(row, "refused", "said the vendor", 1002.0)
    await store.write(lambda ledger: ledger.settle([ended]))
    assert store.firings(oldest)[TARGET].state == "void"
    assert [failure.row.conversion for failure in store.failures()] == [oldest]


async def test_a_call_outlives_its_conversion(store: Store) -> None:
    number = await store.write(lambda ledger: ledger.open("C1", "purchase", 1.0, 2.0, {}))
    row = await queued(store, number)
    await store.expire(100.0)
    assert [one.id for one in store.due(1000.0, 10)] == [row.id]
    await settled(store, row, "refused")
    assert await store.write(lambda ledger: ledger.requeue([row.id], 2000.0)) == [row.id]
    await settled(store, row, "delivered")
    assert store.rows(number) == []


async def test_copies_stay_as_long_as_a_tag_waits_for_more(store: Store) -> None:
    waits, done = await opened(store, "C1"), await opened(store, "C2")
    for number in (waits, done):
        await store.write(lambda ledger, number=number: ledger.add_copy(number, b"sealed", 1500.0))
    await store.write(lambda ledger: ledger.hold(Held(waits, "meta_purchase", "wait", "R1", 1400.0)))
    await store.write(lambda ledger: ledger.hold(Held(done, "meta_purchase", "consent", "R1")))
    await store.expire(2000.0)
    assert (store.copies(waits), store.copies(done)) == ([b"sealed"], [])
    await store.write(lambda ledger: ledger.release(waits, "meta_purchase"))
    await store.expire(2000.0)
    assert store.copies(waits) == []


async def test_of_very_many_copies_the_first_and_the_last_are_kept(store: Store) -> None:
    number, other = await opened(store, "C1"), await opened(store, "C2")
    for i in range(80):
        blob = b"%d" % i
        await store.write(lambda ledger, blob=blob: ledger.add_copy(number, blob, 9e9))
    expected = [b"%d" % i for i in (*range(10), *range(40, 80))]
    assert store.copies(number) == expected
    await store.write(lambda ledger: ledger.add_copy(other, b"other", 9e9))
    await store.write(lambda ledger: ledger.unite(number, other))
    assert store.copies(number) == [*expected[:10], *expected[11:], b"other"]


async def test_a_tag_that_both_held_is_held_once_after_uniting(store: Store) -> None:
    older, younger = await opened(store, "C1"), await opened(store, "C2")
    for number, due in ((older, 1500.0), (younger, 1400.0)):
        held = Held(number, "meta_purchase", "wait", "R1", due)
        await store.write(lambda ledger, held=held: ledger.hold(held))
    await store.write(lambda ledger: ledger.unite(older, younger))
    assert [(held.conversion, held.due) for held in store.waits_due(9e9, 10)] == [(older, 1500.0)]


async def test_the_copy_a_conversion_was_opened_with_comes_before_all_others(store: Store) -> None:
    def work(ledger: Writing) -> int:
        number = ledger.open("C1", "purchase", 1000.0, 9e9, {})
        ledger.add_copy(number, b"first", 9e9, first=True)
        ledger.add_copy(number, b"second", 9e9)
        return number

    assert store.copies(await store.write(work)) == [b"first", b"second"]


async def test_a_name_told_again_is_kept_for_the_longer_time(store: Store) -> None:
    number = await opened(store)
    for expires in (3000.0, 2000.0):
        await store.write(lambda ledger, until=expires: ledger.name(number, [(b"n" * 16, until)], []))
    assert store.find([b"n" * 16], [], 2500.0) == [(b"n" * 16, number)]
    assert store.find([b"n" * 16], [], 3000.0) == []
